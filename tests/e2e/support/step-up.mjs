import { hook } from "./sample-page.mjs";

/** What a payment wants. */
export const STEPPED_UP = { acrValues: ["aal2"], maxAge: "5m" };

/** What Chromium prints of a payment that was refused, and of a code that was. */
export const REFUSED = /status of (401 \(Unauthorized\) \(\S+\/api\/payments|(400 \(Bad Request\)|429 \(Too Many Requests\)) \(\S+\/auth\/step-up)\)$/;

/** The dialog that asks for the code, as a user or a screen reader finds it. */
export const dialog = (page) => page.getByRole("dialog", { name: "Confirm that it is you" });

/** Resolves when the dialog has gone. */
export const isGone = (page) => dialog(page).waitFor({ state: "hidden" });

/** A one-time code that the server accepts now. */
export const currentCode = (page) =>
  page.evaluate(async () => (await (await session.fetch("/demonstration/code")).json()).code);

/** Sends the payment of the form, until it is asked for the code. */
export async function payUntilAsked(page) {
  await page.focus(hook("pay"));
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
}

/** Answers the dialog; resolves when it has gone. */
export async function confirm(page) {
  await page.fill(hook("code"), await currentCode(page));
  await page.keyboard.press("Enter");
  await isGone(page);
}

/** Resolves to what the page says of the payment. */
export async function outcome(page) {
  const said = page.locator(hook("payment-said"), { hasText: /./ });
  await said.waitFor();
  return said.textContent();
}

/** The user's level, and whether it is enough for a payment. */
export const level = (page) =>
  page.evaluate((wanted) => [session.snapshot().claims?.acr, session.satisfies(wanted)], STEPPED_UP);
