import { byTestId, create, notice, part, write } from "./dom.js";
import { KINDS, kindOf, PATHS, words } from "./fault-choices.js";
import { isOffered } from "./requests.js";

const LOOK_AGAIN_MS = 1000;

const panel = byTestId("faults");
const kind = byTestId("fault-kind");
const path = byTestId("fault-path");
const length = byTestId("fault-length");
const unit = byTestId("fault-unit");
const list = byTestId("faults-armed");
const clear = byTestId("faults-clear");
const said = part("faults-said");

let timer = 0;

/** Shows the panel where the server takes orders to misbehave. */
export async function watchFaults(session) {
  if (!isOffered("faults")) return;

  offer();
  byTestId("faults-form").addEventListener("submit", (event) => {
    event.preventDefault();
    armFault({ path: path.value, ...kindOf(kind.value), [unit.value]: length.valueAsNumber });
  });
  clear.addEventListener("click", async () => {
    await clearFaults();
    kind.focus({ preventScroll: true }); // the button has gone
  });
  document.addEventListener("visibilitychange", look);
  for (const type of ["renewed", "renewal-failed"]) session.on(type, look);
  await look();
}

function offer() {
  for (const [label, choices] of Object.entries(KINDS)) {
    const group = create("optgroup");
    group.label = label;
    group.append(...choices.map(([value, text]) => new Option(text, value)));
    kind.append(group);
  }
  path.append(...Object.entries(PATHS).map(([value, text]) => new Option(text, value)));
}

/** Arms a fault, as `/faults` takes it. Resolves to whether the server has. */
export async function armFault(order) {
  const done = await ask("POST", order);
  if (done) write(said, `Armed: ${words(order)}.`);
  await look();
  return done;
}

/** Clears whatever is armed. */
export async function clearFaults() {
  if (await ask("DELETE")) write(said, "All faults are cleared.");
  await look();
}

/** Shows what is armed now, and looks again in a while where there is something to see. */
async function look() {
  clearTimeout(timer);
  if (document.visibilityState !== "visible") return;
  let armed = [];
  try {
    const answer = await fetch("/faults", { cache: "no-store" });
    panel.hidden = answer.status !== 200;
    if (answer.ok) ({ armed } = await answer.json());
  } catch {
    // The server is away, and what was armed with it. The next renewal that succeeds looks again.
  }
  show(armed);
  clearTimeout(timer); // two looks may have been under way
  if (armed.length) timer = setTimeout(look, LOOK_AGAIN_MS);
}

function show(armed) {
  list.hidden = clear.hidden = armed.length === 0;
  list.replaceChildren(...armed.map((fault) => {
    const row = create("li");
    row.append(create("span", `${PATHS[fault.path] ?? fault.path}: ${words(fault)}`), create("small", remainder(fault)));
    return row;
  }));
}

function remainder({ remainingRequests, remainingSeconds, hits, holding }) {
  const left = remainingSeconds === undefined ? count(remainingRequests, "request") : count(Math.ceil(remainingSeconds), "second");
  const held = holding ? `, holds ${holding}` : "";
  return `${left} left, ${count(hits, "hit")}${held}`;
}

const count = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;

/** Whether the server did it; says why not. */
async function ask(method, body) {
  let complaint = null;
  try {
    const answer = await fetch("/faults", {
      method,
      headers: { "content-type": "application/json", "x-csrf": "1" },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) complaint = (await answer.json()).error_description;
  } catch {
    complaint = "The server cannot be reached. Is it running?";
  }
  notice(byTestId("faults-error"), complaint);
  return complaint === null;
}
