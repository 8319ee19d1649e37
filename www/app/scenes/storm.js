import { network } from "../simulated/network.js";

const CALLS = 50;
const MIN_INTERVAL_MS = 5000;
/** So late is what follows the calls: longer than all fifty are on their way, so that none comes after another's second time. */
const SLOW_MS = 1000;

export const storm = {
  id: "storm",
  title: "Fifty requests meet a 401",
  about: "A busy application calls its API fifty times at once, and the API refuses the token each time, as after a change of keys.",
  steps: 3,

  async play(stage) {
    stage.needsFaults();
    await stage.signedIn();
    const { session, lifetimeMs } = stage;
    await stage.step("The API is about to answer 401 to fifty calls. The network is made slow, in simulation, to let you see them wait.", "requests");
    // A session renews no token for a 401 that it was given a moment ago: the calls leave while the token is young,
    // and arrive when it is so no longer.
    await session.renew();
    await stage.arm({ path: "/api/me", status: { code: 401, when: "before" }, requests: CALLS });
    network.setDelay(1.1 * Math.min(MIN_INTERVAL_MS, lifetimeMs / 2));
    const began = stage.requests.length;
    const calls = Array.from({ length: CALLS }, () => stage.call());
    await stage.until("all to be sent", () => stage.sent("/api/me", began).length === CALLS);
    network.setDelay(SLOW_MS);
    await stage.step("Fifty calls at once. None of them is lost: they wait for one renewal, and are sent once more.", "requests");
    const statuses = await Promise.all(calls);
    network.setDelay(0);
    await stage.step("All fifty are answered.", "requests");

    const sent = stage.sent("/api/me", began);
    // What is renewed after the last call was sent once more, in its own time, has served none of them.
    const until = stage.requests.lastIndexOf(sent.at(-1));
    const renewals = stage.sent("/auth/refresh", began).filter((renewal) => stage.requests.indexOf(renewal) < until);
    const refused = sent.filter(({ status }) => status === 401).length;
    stage.check("Fifty calls were refused, and all fifty answered in the end.", refused === CALLS && statuses.every((status) => status === 200));
    stage.check("Each was sent once more, and not oftener.", sent.length === 2 * CALLS);
    stage.check("One renewal served them all.", renewals.length === 1 && renewals[0].status === 200);
    stage.check("Nobody was signed out.", session.state === "active" && stage.ofType("ended").length === 0);
  },
};
