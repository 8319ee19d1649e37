import { isSessionError } from "/pkg/index.js";
import { byTestId, create, part, write } from "./dom.js";
import { clockTime, span } from "./format.js";

const name = byTestId("user-name");
const answer = byTestId("api-answer");
const button = byTestId("call-api");

let asking = false;
let shownFor = null; // the session whose user is shown, by its claim `sid`, else `sub`

/** Lets the button call the API again. */
export function watchCalls(session) {
  button.addEventListener("click", () => asking || ask(session));
}

/** Shows whose session it is; asks the API once for each session. */
export function renderYou(session, { state, claims }) {
  if (state === "signed-out") return forget();
  if (state !== "active") return;
  const whose = String(claims?.sid ?? claims?.sub);
  if (whose === shownFor) return;
  forget();
  shownFor = whose;
  if (claims?.name) write(name, String(claims.name));
  ask(session);
}

async function ask(session) {
  const whose = shownFor;
  const sentAt = performance.now();
  setAsking(true);
  say("waiting", null);
  try {
    const response = await session.fetch("/api/me");
    const took = performance.now() - sentAt;
    const user = response.ok ? await response.json() : null;
    // The session may have ended or changed hands while the answer was under way.
    if (whose !== shownFor) return;
    const status = `${response.status} ${response.statusText}`.trim(); // HTTP/2 has no status text
    say(`${status} in ${span(took)}, at ${clockTime(Date.now())}`, response.ok ? "good" : "bad");
    if (user) show(user);
  } catch (error) {
    if (whose !== shownFor) return;
    say(isSessionError(error) ? error.code : "no answer", "bad");
  } finally {
    setAsking(false);
  }
}

// Not `disabled`, which would take the focus away from the keyboard's user.
function setAsking(now) {
  asking = now;
  button.ariaDisabled = String(now);
}

function say(text, tone) {
  write(answer, text);
  answer.dataset.tone = tone ?? "";
}

function show(user) {
  if (user.name) write(name, String(user.name));
  const members = Object.entries(user).filter(([member]) => member !== "name");
  part("members").replaceChildren(...members.map(([member, value]) => {
    const row = create("div");
    row.append(create("dt", member), create("dd", plain(member, value)));
    return row;
  }));
}

function plain(member, value) {
  if (member === "auth_time") return `${clockTime(value * 1000)} (${value})`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function forget() {
  if (shownFor === null) return;
  shownFor = null;
  write(name, "…");
  say("not called yet", null);
  part("members").replaceChildren();
}
