import { enterPayment } from "./account.js";
import { byTestId, notice, write } from "./dom.js";
import { refusalOf, send, troubleOf } from "./requests.js";
import { steppedUp } from "./step-up.js";

const form = byTestId("payment-form");
const payee = byTestId("payee");
const amount = byTestId("amount");
const submit = byTestId("pay");
const said = byTestId("payment-said");

/** Lets the form pay. */
export function watchPayment(session) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.ariaDisabled === "true") return;
    write(said, "");
    const cents = inCents(amount.value);
    amount.ariaInvalid = cents ? null : "true";
    notice(byTestId("payment-error"), cents ? null : "The amount is a number such as 12.50, up to 10000.");
    if (!cents) return amount.select();
    submit.ariaDisabled = "true";
    await order(session, { payee: payee.value, amount_cents: cents });
    submit.ariaDisabled = "false";
  });
}

/** A payment says nothing of whoever signs in next. */
export function renderPayment({ state }) {
  if (state !== "signed-out") return;
  write(said, "");
  notice(byTestId("payment-error"), null);
}

async function order(session, payment) {
  let complaint = null;
  try {
    const answer = await pay(session, payment);
    if (answer.ok) {
      const { payee, amount_cents, acr } = await answer.json();
      enterPayment(payee, amount_cents);
      write(said, `€ ${(amount_cents / 100).toFixed(2)} paid to ${payee}, with ${acr}.`);
    } else if (answer.headers.get("www-authenticate")?.includes("insufficient_user_authentication")) {
      write(said, "Nothing was paid: it was not confirmed.");
    } else {
      complaint = await refusalOf(answer);
    }
  } catch (error) {
    complaint = troubleOf(error);
  }
  notice(byTestId("payment-error"), complaint);
}

/** Sends the payment, and once more where the user had to step up for it and has. */
async function pay(session, payment) {
  const request = () => send(session, "POST", "/api/payments", payment);
  const answer = await request();
  return answer.status === 401 && (await steppedUp()) ? request() : answer;
}

/** Null where it is no amount that can be paid. */
function inCents(text) {
  const [, whole, part = ""] = /^\s*(\d{1,5})(?:[.,](\d{1,2}))?\s*$/.exec(text) ?? [];
  const cents = Number(whole) * 100 + Number(part.padEnd(2, "0"));
  return cents > 0 && cents <= 1_000_000 ? cents : null;
}
