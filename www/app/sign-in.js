import { isSessionError } from "/pkg/index.js";
import { byTestId, notice } from "./dom.js";

const form = byTestId("sign-in-form");
const username = byTestId("username");
const password = byTestId("password");
const submit = byTestId("sign-in");
const samples = form.querySelectorAll("[data-username]");

/** Lets the form start the session. */
export function watchSignIn(session) {
  for (const sample of samples) {
    sample.addEventListener("click", () => {
      username.value = sample.dataset.username;
      password.value = sample.dataset.password;
      complain(null);
      submit.focus();
    });
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.ariaDisabled === "true") return;
    submit.ariaDisabled = "true";
    complain(null);
    const complaint = await signIn(session, username.value, password.value);
    submit.ariaDisabled = "false";
    password.value = complaint ? password.value : "";
    complain(complaint);
    if (complaint) password.select();
  });
}

/** Resolves to what went wrong, in a sentence, or to null. */
export async function signIn(session, username, password) {
  let response;
  try {
    response = await fetch("/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf": "1" },
      body: JSON.stringify({ username, password }),
    });
  } catch {
    return "The server cannot be reached. Is it running?";
  }
  if (response.status === 401) return "That user name and password do not match.";
  if (response.status === 429) return "Too many attempts. Wait a little, then try again.";
  if (!response.ok) return `The server answered ${response.status}. Try again.`;
  try {
    await session.begin(response);
    return null;
  } catch (error) {
    if (!isSessionError(error)) throw error;
    return `${error.message} ${error.suggestion}`;
  }
}

function complain(complaint) {
  notice(byTestId("sign-in-error"), complaint);
  for (const input of [username, password]) input.ariaInvalid = complaint ? "true" : null;
}
