import { byTestId } from "../dom.js";

const CODE_PATIENCE_MS = 35_000;

export const payment = {
  id: "payment",
  title: "A payment needs more",
  about: "A password is enough to look, not to pay. The API asks for a second factor, and the session goes on with it.",
  steps: 5,

  async play(stage) {
    stage.needsDemonstration();
    await stage.signedIn();
    const { session } = stage;
    const dialog = byTestId("step-up");
    const code = byTestId("code");
    const said = byTestId("payment-said");
    const sid = session.snapshot().claims?.sid;
    byTestId("payee").value = "The Analytical Society";
    byTestId("amount").value = "12.50";
    await stage.step("Ada pays € 12.50. The API answers 401: it wants the level aal2, proved within five minutes.", "payment-form");
    byTestId("payment-form").requestSubmit();
    await stage.until("what comes of the payment", () => dialog.open || said.textContent);
    if (!dialog.open) {
      await stage.step("This device is remembered as a second factor, so no code is asked for.", "payment-form");
    } else {
      await stage.step("The event step-up-required has said what is wanted, and the page asks for the code.", "step-up");
      // A code is good once: the next one may have to be waited for.
      await stage.until("a code that is not used", () => {
        if (!code.value && !said.textContent) byTestId("fill-in-code").click();
        return code.value || said.textContent;
      }, CODE_PATIENCE_MS);
      await stage.step("Here is the code of Ada's authenticator.", "step-up");
      byTestId("step-up-form").requestSubmit();
    }
    await stage.until("the payment", () => /paid to/.test(said.textContent));
    await stage.step("The same request was sent once more, with the new token, and accepted.", "statement");

    const { claims } = session.snapshot();
    const statuses = stage.sent("/api/payments").map(({ status }) => status);
    stage.check("The payment was refused, confirmed, and then made, once.", statuses.join() === "401,201");
    stage.check("It is the same session.", claims?.sid === sid && stage.ofType("ended").length === 0);
    stage.check("The token proves the second factor.", claims?.amr?.includes("mfa"));
  },
};
