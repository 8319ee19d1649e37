const NEAR_MS = 6000;

export const outage = {
  id: "outage",
  title: "The server is down for a minute",
  about: "It hangs up on every request, for longer than the token lives. In time-lapse: a token lives for seconds here.",
  steps: 6,

  async play(stage) {
    stage.needsFaults();
    await stage.signedIn();
    stage.needsShortTokens();
    const { session } = stage;
    await stage.arm({ path: "any", drop: { when: "before" }, seconds: 120 });
    session.renew().catch(() => {});
    await stage.step("The server is down: every request is hung up on. The token still lives, so the application notices nothing.", "attempt");
    await stage.until("an attempt to fail", () => stage.ofType("renewal-failed").length > 0);
    await stage.step("Attempts go on, further and further apart, and at random: clients that fail together do not come back together.", "attempt");
    await stage.until("the token to lapse", () => session.state === "degraded");
    await stage.step("The token has lapsed. The session is degraded: it lives on, and requests wait.", "attempt");
    await stage.until("the next attempt to come near", () => {
      const { retryAt } = stage.ofType("renewal-failed").at(-1);
      return retryAt !== null && retryAt > Date.now() + 200 && retryAt - Date.now() < NEAR_MS;
    });
    const call = stage.call();
    await stage.clear();
    await stage.step("The server is back, and a call is made now. It waits for the next attempt.", "attempt");
    await stage.until("the recovery", () => stage.ofType("recovered").length > 0);
    const status = await call;
    await stage.step("Recovered. The call that waited has been answered.", "attempt");

    const failed = stage.ofType("renewal-failed").length;
    const keys = new Set(stage.sent("/auth/refresh").slice(0, failed + 1).map(({ key }) => key));
    stage.check("Nobody was signed out.", session.state === "active" && stage.ofType("ended").length === 0);
    stage.check("The call that waited was answered.", status === 200);
    stage.check(`All ${failed + 1} attempts carried one key: no retry looks like a theft.`, failed > 0 && keys.size === 1 && !keys.has(null));
    stage.check("Not more than ten attempts failed.", failed <= 10);
  },
};
