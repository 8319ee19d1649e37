import { byTestId, create, notice, write } from "./dom.js";
import { moment } from "./format.js";
import { complaintOf, send } from "./requests.js";

const list = byTestId("sessions");
const title = document.getElementById("sessions-title");
const said = byTestId("sessions-said");
const endOthers = byTestId("end-others");
const forgetDevices = byTestId("forget-devices");

let shownFor = null; // the session for which the list was read

/** Lets the user see all sessions, and end them. */
export function watchSessions(session) {
  byTestId("sessions-look").addEventListener("click", () => look(session));
  endOthers.addEventListener("click", () =>
    change(session, "/auth/sessions?keep=current", async (response) => counted((await response.json()).ended)));
  byTestId("end-all").addEventListener("click", async () => {
    const complaint = await complaintOf(() => send(session, "DELETE", "/auth/sessions?keep=current"));
    notice(byTestId("sessions-error"), complaint);
    if (!complaint) await session.signOut(); // as by its own button
  });
  forgetDevices.addEventListener("click", () => change(session, "/auth/remembered-devices", () => "No device is remembered any longer."));
  list.addEventListener("click", ({ target }) => {
    const { sid } = target.dataset;
    if (sid) change(session, `/auth/sessions/${encodeURIComponent(sid)}`, () => "That session has ended.");
  });
  // A device may be remembered now.
  session.on("renewed", ({ detail }) => detail.attempts === 0 && detail.by === "this-tab" && look(session));
}

/** Reads the list once for each session. */
export function renderSessions(session, { state, claims }) {
  if (state === "signed-out") return forget();
  const sid = String(claims?.sid);
  if (state !== "active" || sid === shownFor) return;
  forget();
  shownFor = sid;
  look(session);
}

async function look(session) {
  const whose = shownFor;
  let sessions = [];
  const complaint = await complaintOf(() => session.fetch("/auth/sessions"), async (response) => ({ sessions } = await response.json()));
  if (whose !== shownFor) return;
  notice(byTestId("sessions-error"), complaint);
  if (!complaint) show(sessions);
}

/** What the user wants to be no more. */
async function change(session, address, inWords) {
  const whose = shownFor;
  write(said, "");
  let words = "";
  const complaint = await complaintOf(() => send(session, "DELETE", address), async (response) => (words = await inWords(response)));
  await look(session);
  if (whose !== shownFor) return;
  if (complaint) notice(byTestId("sessions-error"), complaint);
  write(said, words);
  // The button may have gone.
  if (document.activeElement === document.body) title.focus({ preventScroll: true });
}

function show(sessions) {
  const now = Date.now();
  sessions.sort((one, other) => other.current - one.current || other.last_used_at - one.last_used_at);
  list.replaceChildren(...sessions.map((each) => row(each, now)));
  endOthers.hidden = sessions.length < 2;
  forgetDevices.hidden = !sessions.some(({ device }) => device?.remembered_until);
}

function row({ sid, current, started_at, last_used_at, device }, now) {
  const at = (seconds) => moment(seconds * 1000, now);
  const name = device?.description ?? "Unknown device";
  const item = create("li");
  const heading = create("b", name);
  if (current) heading.append(" ", create("span", "this one", "mark"));
  const facts = [`since ${at(started_at)}`, `last used ${at(last_used_at)}`];
  if (device?.remembered_until) facts.push(`remembered until ${at(device.remembered_until)}`);
  item.append(heading, create("p", facts.join(", ")));
  if (!current) {
    const end = create("button", "End", "plain");
    end.type = "button";
    end.dataset.sid = sid;
    end.ariaLabel = `End ${name}, since ${at(started_at)}`;
    item.append(end);
  }
  return item;
}

const counted = (number) => `${number} ${number === 1 ? "session has" : "sessions have"} ended.`;

function forget() {
  shownFor = null;
  list.replaceChildren();
  endOthers.hidden = forgetDevices.hidden = true;
  write(said, "");
  notice(byTestId("sessions-error"), null);
}
