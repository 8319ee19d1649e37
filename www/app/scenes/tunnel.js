import { network } from "../simulated/network.js";

export const tunnel = {
  id: "tunnel",
  title: "The train enters a tunnel",
  about: "The network is away, simulated, for longer than the token lives. In time-lapse: it lives for seconds here.",
  steps: 4,

  async play(stage) {
    await stage.signedIn();
    stage.needsShortTokens();
    stage.needsOneTab();
    const { session } = stage;
    network.setOnline(false);
    const before = stage.requests.length;
    await stage.step("The network is away. The renewal waits for it: attempts that cannot succeed are not made.", "attempt");
    await stage.until("the token to lapse", () => Date.now() > session.snapshot().tokenExpiresAt);
    const call = stage.call();
    await stage.step("The token has lapsed. A call that is made now waits.", "attempt");
    const inTunnel = stage.sent("/auth/refresh", before).length;
    network.setOnline(true);
    await stage.step("There is light. The renewal is made at once, and then the call.", "attempt");
    const status = await call;
    await stage.step("All goes on as before.", "attempt");

    stage.check("Nobody was signed out.", session.state === "active" && stage.ofType("ended").length === 0);
    stage.check(`In the tunnel ${inTunnel} renewals were attempted.`, inTunnel <= 1);
    stage.check("The call that waited was answered.", status === 200);
  },
};
