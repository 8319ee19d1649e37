import { byTestId, part, write } from "./dom.js";
import { countdown, moment, range, span } from "./format.js";

const SOURCES = { date: "Date header", iat: "iat claim" };

const renewalCount = byTestId("renewals");
const renewalsNote = part("renewals-note");
const renewsAtTime = byTestId("renews-at");
const renewsNote = part("renews-note");
const skewRange = byTestId("skew");
const skewNote = part("skew-note");
const endsAtTime = byTestId("ends-at");
const endsNote = part("ends-note");
const idleEndTime = byTestId("idle-end");
const idleNote = part("idle-note");
const tabCount = byTestId("tabs");
const tabsNote = part("tabs-note");

let renewals = 0;
let snapshot = null;
let idleDeadline = () => null;

/** Counts the renewals of the session as this page has seen them, and keeps an eye on its idle deadline. */
export function watchFigures(session) {
  idleDeadline = () => session.idleDeadline();
  session.on("renewed", ({ detail: { by, took } }) => {
    renewals += 1;
    write(renewalCount, String(renewals));
    write(renewalsNote, by === "other-tab" ? "last by another tab" : `last took ${span(took)}`);
  });
  session.on("ended", () => {
    renewals = 0;
    write(renewalCount, "0");
    write(renewalsNote, "");
  });
}

/** Takes up a snapshot. */
export function renderFigures(next) {
  snapshot = next;
  renderSkew(snapshot.clock);
  write(tabCount, String(snapshot.tabs));
  write(tabsNote, snapshot.tabs > 1 ? "share one session," : "");
  tickFigures(Date.now());
}

/** Runs the figures down that depend on the time. */
export function tickFigures(now) {
  const { renewsAt, endsAt } = snapshot;
  write(renewsAtTime, renewsAt === null ? "none planned" : moment(renewsAt, now));
  write(renewsNote, renewsAt === null ? "" : renewsAt > now ? `in ${countdown(renewsAt - now)}` : "now");
  const idleEnd = idleDeadline();
  write(idleEndTime, idleEnd === null ? "off" : moment(idleEnd, now));
  write(idleNote, idleEnd === null ? "the policy has none" : `in ${countdown(idleEnd - now)}`);
  write(endsAtTime, endsAt === null ? "open" : moment(endsAt, now));
  write(endsNote, endsAt === null ? "no end announced" : `in ${countdown(endsAt - now)}`);
}

function renderSkew({ skew, uncertainty, source }) {
  if (!Number.isFinite(uncertainty)) {
    write(skewRange, "unknown");
    write(skewNote, "no answer has told yet");
    return;
  }
  write(skewRange, range(skew, uncertainty));
  const verdict = Math.abs(skew) <= uncertainty ? "your clock agrees" : skew > 0 ? "your clock is slow" : "your clock is fast";
  write(skewNote, verdict);
  skewRange.title = `Server less device, from the ${SOURCES[source] ?? source}`;
}
