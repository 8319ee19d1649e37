import { realNow } from "../simulated/clock.js";

export const elsewhere = {
  id: "elsewhere",
  title: "Signed out in another tab",
  about: "Ada has the bank open twice, and signs out in one of the two. Nobody wants the other to stay open behind it.",
  steps: 3,

  async play(stage) {
    await stage.signedIn();
    stage.needsOneTab();
    const { session } = stage;
    const [other] = stage.openSiblings(1);
    await stage.until("two tabs", () => other.session?.state === "active" && session.snapshot().tabs === 2);
    await stage.step("A second tab, in a frame, is signed in to the same session.", "siblings");
    const began = realNow();
    const signedOut = other.session.signOut();
    await stage.until("the end", () => session.state === "signed-out");
    const tookMs = realNow() - began;
    await signedOut;
    await stage.step("It has signed out, and this one with it.", "sign-in-form");
    const before = stage.requests.length;
    const called = await stage.call();
    await stage.step("The token is wiped in both. A call of the API does not leave.", "sign-in-form");

    stage.check("This tab was signed out by the other.", stage.ofType("ended").some(({ reason, by }) => reason === "signed-out" && by === "other-tab"));
    stage.check(`It took ${Math.round(tookMs)} ms.`, tookMs < 1000);
    stage.check("Neither tab holds a token any longer, and no call leaves.", called === "ERR_SIGNED_OUT" && stage.requests.length === before && other.session.state === "signed-out");
  },
};
