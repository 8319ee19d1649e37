import { byTestId, create, part, write } from "./dom.js";
import { clockTime, preciseTime, span } from "./format.js";

const CAPACITY = 200;

// Every event of a session but "change", which repeats what the page shows anyway.
const TONES = {
  "started": "good",
  "renewed": "good",
  "renewal-failed": "warn",
  "degraded": "bad",
  "recovered": "good",
  "idle-warning": "warn",
  "idle-extended": "good",
  "session-ending": "warn",
  "ended": "plain",
  "step-up-required": "warn",
  "clock-skew": "warn",
  "clock-jump": "warn",
  "policy-violation": "warn",
  "facility-missing": "warn",
};

const INSTANTS = new Set(["tokenExpiresAt", "retryAt", "since", "endsAt"]);
const SPANS = new Set(["took", "after", "remaining", "maxAge", "skew", "uncertainty", "by"]);
const NAMES = { tokenExpiresAt: "expires", retryAt: "next attempt", endsAt: "ends" };

const list = byTestId("events");
let heard = 0;

/** Lists the session's events as they happen, newest first. */
export function watchEvents(session) {
  for (const [type, tone] of Object.entries(TONES)) {
    session.on(type, ({ detail }) => add(type, tone, detail));
  }
}

function add(type, tone, detail) {
  const now = new Date();
  const row = create("li");
  row.dataset.tone = tone;
  const time = create("time", preciseTime(now));
  time.dateTime = now.toISOString();
  row.append(create("b", type), time);
  if (detail) row.append(compact(detail));

  list.prepend(row);
  if (list.childElementCount > CAPACITY) list.lastElementChild.remove();
  heard += 1;
  write(part("log-count"), heard > CAPACITY ? `newest ${CAPACITY} of ${heard}` : `${heard}`);
}

function compact(detail) {
  const line = create("p");
  for (const [member, value] of Object.entries(detail)) {
    const pair = create("span", `${NAMES[member] ?? member} `);
    pair.append(create("span", plain(member, value), "value"));
    line.append(pair, " ");
  }
  return line;
}

function plain(member, value) {
  if (value === null) return "none";
  if (typeof value === "number" && INSTANTS.has(member)) return clockTime(value);
  if (typeof value === "number" && SPANS.has(member)) return Number.isFinite(value) ? span(value) : "unknown";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
