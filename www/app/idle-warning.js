import { byTestId, part, write } from "./dom.js";
import { clockTime, spoken } from "./format.js";
import { lessMotion } from "./frames.js";

// A screen reader is told of the time at the start and at these marks: one that hears every second hears nothing else.
const MARKS_S = [60, 30, 10];
const APART_S = 5;
const TITLE = document.title;

const dialog = byTestId("idle-warning");
const endTime = byTestId("idle-end-time");
const secondsLeft = byTestId("idle-seconds-left");
const runDown = part("idle-run-down");
const said = part("idle-said");
const outcome = part("idle-outcome");

let endsAt = null;
let whole = 1; // how long the time was that runs down
let next = Infinity; // the mark that is told of next, in seconds
let answer = ""; // what became of the warning, for a screen reader

/** Lets the user answer the warning. Nothing is decided here: the dialog closes when the session says that it is answered. */
export function watchIdleWarning(session) {
  byTestId("stay").addEventListener("click", () => session.extend());
  byTestId("sign-out-now").addEventListener("click", () => session.signOut());
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    session.extend();
  });
  // Browsers close a dialog at the second Escape, whatever the page wants.
  dialog.addEventListener("close", () => {
    if (endsAt !== null) session.extend();
  });
  session.on("idle-extended", ({ detail }) => {
    answer = detail.by === "other-tab" ? "Another tab has kept you signed in." : "You stay signed in.";
  });
}

/** Shows the warning as long as there is one. */
export function renderIdleWarning({ idleEndsAt }) {
  if (idleEndsAt === null) {
    if (endsAt === null) return;
    endsAt = null;
    document.title = TITLE;
    dialog.close();
    write(said, "");
    // Not before: what is outside of an open dialog is not heard.
    write(outcome, answer);
    return;
  }
  // It is given once, and its end may move for whoever sees it late.
  if (endsAt === null || Math.abs(idleEndsAt - endsAt) > 1000) {
    whole = Math.max(1, idleEndsAt - Date.now());
    next = Infinity;
    write(outcome, (answer = ""));
  }
  endsAt = idleEndsAt;
  document.title = `Still there? · ${TITLE}`;
  endTime.dateTime = new Date(endsAt).toISOString();
  write(endTime, clockTime(endsAt));
  draw(Date.now());
  if (!dialog.open) dialog.showModal();
}

/** Counts down. What is said begins a frame after the dialog: a region that is not shown yet is not heard. */
export function tickIdleWarning(now) {
  if (endsAt !== null) say(draw(now));
}

function draw(now) {
  const left = Math.max(0, endsAt - now);
  const seconds = Math.ceil(left / 1000);
  write(secondsLeft, String(seconds));
  // With less motion it steps once a second, with the figure.
  runDown.style.transform = `scaleX(${Math.min(1, (lessMotion() ? seconds * 1000 : left) / whole)})`;
  return seconds;
}

function say(seconds) {
  if (seconds > next) return;
  next = MARKS_S.find((mark) => mark <= seconds - APART_S) ?? -1;
  if (seconds > 0) write(said, `${spoken(seconds)} left.`);
}
