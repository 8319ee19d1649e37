import { range } from "../format.js";
import { clock } from "../simulated/clock.js";

const HOURS_MS = 2 * 3_600_000;

export const wrongClock = {
  id: "wrong-clock",
  title: "The device's clock is two hours wrong",
  about: "It is set two hours ahead, then two hours back, while the session is running. Most libraries renew in a loop then, or sign out.",
  steps: 5,

  async play(stage) {
    await stage.signedIn();
    stage.needsOneTab();
    const { session } = stage;
    await session.renew(); // the server's time is known
    const { skew: real, uncertainty } = session.snapshot().clock;
    await stage.step("The server's time is known from its answers, with its uncertainty. The device's clock agrees with it.", "skew");
    const began = { requests: stage.requests.length, at: performance.now() };
    const statuses = [];
    const found = [];
    for (const [set, words] of [[HOURS_MS, "ahead"], [-HOURS_MS, "back"]]) {
      clock.set(set);
      statuses.push(await stage.call());
      await stage.until("the skew to be known", () => Math.abs(session.snapshot().clock.skew + set - real) < 5000);
      found.push(session.snapshot().clock);
      await stage.step(`The clock is set two hours ${words}, and the API is called. Expiry is judged on the server's clock: nothing lapses, nothing loops.`, "skew");
    }
    clock.set(0);
    statuses.push(await stage.call());
    await stage.until("the skew to be gone", () => Math.abs(session.snapshot().clock.skew - real) < 5000);
    await stage.step("The clock is right again.", "skew");

    // Two in a lifetime are the most that a session renews by itself.
    const most = 2 + (2 * (performance.now() - began.at)) / stage.lifetimeMs;
    const renewals = stage.sent("/auth/refresh", began.requests).length;
    const isNear = (estimate, expected) => Math.abs(estimate.skew - expected) <= estimate.uncertainty + uncertainty + 1000;
    stage.check("Nobody was signed out.", session.state === "active" && stage.ofType("ended").length === 0);
    stage.check("The API was called each time, and answered.", statuses.every((status) => status === 200));
    stage.check(`Renewals meanwhile: ${renewals}, of at most ${Math.floor(most)}. Nothing loops.`, renewals <= most);
    stage.check(`The skew was found: ${found.map((each) => range(Math.round(each.skew / 1000) * 1000, each.uncertainty)).join(", then ")}.`, isNear(found[0], real - HOURS_MS) && isNear(found[1], real + HOURS_MS));
    stage.check("Each set clock was told.", stage.ofType("clock-jump").length >= 2);
  },
};
