import { byTestId } from "../dom.js";

const IDLE_MS = 14_000;
const QUERY = "idle=14s&warning=8s&essential";

export const idle = {
  id: "idle",
  title: "Nobody is there",
  about: "Ada signs in anew and goes for a coffee. In time-lapse: 14 s of idle time stand for 30 min. Hands off, or it counts as hers.",
  steps: 5,

  async play(stage) {
    stage.needsOneTab();
    await stage.signedIn(QUERY);
    const { session, lifetimeMs } = stage;
    const dialog = byTestId("idle-warning");
    await stage.step("Nobody touches anything from now on. The access token is renewed in the background all the same: that is no activity.", "idle-end");
    await stage.until("the warning", () => dialog.open, 60_000);
    await stage.step("A warning, in time to answer it. A stray movement is no answer.", "idle-warning");
    byTestId("stay").click();
    await stage.until("the answer", () => stage.ofType("idle-extended").length === 1);
    await stage.step("Ada came back and chose to stay: the time begins anew. Then she is gone for good.", "idle-end");
    const renewedBefore = stage.ofType("renewed").length;
    await stage.until("the second warning", () => dialog.open, 60_000);
    await stage.step("This time nobody answers.", "idle-warning");
    await stage.until("the end", () => stage.ofType("ended").some(({ reason }) => reason === "idle-timeout"), 30_000);
    const renewals = stage.ofType("renewed").length - renewedBefore;
    const after = stage.requests.length;
    await stage.step("Signed out: the token is wiped, the server is told, and the page says why.", "sign-in-form");

    stage.check("Twice there was a warning, and the first was answered.", stage.ofType("idle-warning").length === 2 && stage.ofType("idle-extended").length === 1);
    stage.check("The session ended for idleness.", session.state === "signed-out" && session.snapshot().reason === "idle-timeout");
    stage.check("The server was told, and nothing was renewed after the end.", stage.sent("/auth/logout").length > 0 && stage.sent("/auth/refresh", after).length === 0);
    if (lifetimeMs < IDLE_MS) stage.check("The token was renewed meanwhile, which was no activity.", renewals > 0);
  },
};
