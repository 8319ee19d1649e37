import { byTestId, notice, write } from "./dom.js";
import { complaintOf, send } from "./requests.js";

const details = byTestId("password-change");
const form = byTestId("password-form");
const current = byTestId("current-password");
const wanted = byTestId("new-password");
const submit = byTestId("change-password");

/** Lets the user change the password. All sessions end with it, and the answer begins a new one here. */
export function watchPassword(session) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.ariaDisabled === "true") return;
    submit.ariaDisabled = "true";
    complain(null);
    const change = { current_password: current.value, new_password: wanted.value };
    const complaint = await complaintOf(
      () => send(session, "POST", "/auth/password", change),
      (response) => session.begin(response),
    );
    submit.ariaDisabled = "false";
    complain(complaint);
    if (complaint) return current.select();
    close();
    details.querySelector("summary").focus();
    write(byTestId("sessions-said"), "The password is changed, and all other sessions have ended.");
  });
}

/** Nobody finds what somebody else has typed. */
export function renderPassword({ state }) {
  if (state === "signed-out") close();
}

function close() {
  form.reset();
  details.open = false;
  complain(null);
}

function complain(complaint) {
  notice(byTestId("password-error"), complaint);
  for (const input of [current, wanted]) input.ariaInvalid = complaint ? "true" : null;
}
