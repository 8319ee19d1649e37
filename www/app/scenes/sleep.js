import { clock } from "../simulated/clock.js";

const LONGER_MS = 2000;

export const sleep = {
  id: "sleep",
  title: "The laptop slept eight hours",
  about: "It is shut with this page open. In time-lapse: the seconds of its sleep outlast a token, as eight hours do.",
  steps: 5,

  async play(stage) {
    await stage.signedIn();
    stage.needsShortTokens();
    stage.needsOneTab();
    await stage.until("a token with some life left", () => stage.session.snapshot().tokenExpiresAt - Date.now() > 2000);
    await stage.step("The session is alive, and its next renewal is planned.", "token-bar");
    await stage.until("no renewal on its way", () => !stage.session.snapshot().renewing);
    clock.sleep();
    const before = stage.requests.length;
    await stage.step("The lid is shut. No timer fires, and the monotonic clock stands still. The token's time goes on.", "token-bar");
    await stage.until("the token to lapse", () => Date.now() > stage.session.snapshot().tokenExpiresAt + LONGER_MS);
    const asleep = stage.requests.length - before;

    clock.wake();
    const call = stage.call();
    await stage.step("The lid opens, and the application calls its API at once. The call waits until the token is renewed.", "inspection");
    const status = await call;
    const calls = stage.sent("/api/me").slice(-1);
    const renewals = stage.sent("/auth/refresh", before);
    await stage.step("The clocks disagreed: that is how sleep is told from a busy page. The server was asked for the time first.", "inspection");

    stage.check("While it slept, nothing was sent.", asleep === 0);
    stage.check("The sleep was noticed.", stage.ofType("clock-jump").some(({ kind }) => kind === "sleep"));
    stage.check("One renewal was enough.", renewals.length === 1 && renewals[0].status === 200);
    stage.check("The call was answered, and never left with a lapsed token.", status === 200 && calls.length === 1 && calls[0].status === 200);
    stage.check("Nobody was signed out.", stage.session.state === "active" && stage.ofType("ended").length === 0);
  },
};
