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
const requestCount = byTestId("requests");
const requestsNote = part("requests-note");
const acr = byTestId("acr");
const acrNote = part("acr-note");
const tabCount = byTestId("tabs");
const tabsNote = part("tabs-note");

let snapshot = null;
let metrics = () => null;
let idleDeadline = () => null;

/** Keeps an eye on what the session counts, and on its idle deadline. */
export function watchFigures(session) {
  metrics = () => session.metrics();
  idleDeadline = () => session.idleDeadline();
  session.on("renewed", ({ detail: { by, attempts, took } }) => {
    // No attempt has brought a token that was begun with, as after step-up.
    if (by === "other-tab") write(renewalsNote, "last by another tab");
    else if (attempts) write(renewalsNote, `last took ${span(took)}`);
    renderMetrics();
  });
}

/** Shows what this page has counted since it was loaded. */
export function renderMetrics() {
  const { renewals, requests } = metrics();
  write(renewalCount, String(renewals.succeeded + renewals.adopted));
  write(requestCount, String(requests.authorized));
  write(requestsNote, `${requests.replayed} sent again`);
}

/** Takes up a snapshot. */
export function renderFigures(next) {
  snapshot = next;
  renderSkew(snapshot.clock);
  write(tabCount, String(snapshot.tabs));
  write(tabsNote, snapshot.tabs > 1 ? "share one session," : "");
  write(acr, snapshot.claims?.acr ?? "unknown");
  write(acrNote, snapshot.claims?.amr?.join(" ") ?? "");
  renderMetrics();
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
