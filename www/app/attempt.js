import { byTestId, part, write } from "./dom.js";
import { countdown } from "./format.js";

const CAUSES = {
  "network": "the server could not be reached",
  "timeout": "the server did not answer in time",
  "offline": "this device is offline",
  "rate-limited": "the server asks for patience",
  "server-error": "the server answered with an error",
  "rejected": "the server refused",
  "malformed-answer": "the answer was not understood",
  "invalid-token": "the new token failed the checks",
};

const box = byTestId("attempt");
const card = box.closest(".card");
const said = part("attempt-said");
const runDown = part("run-down");
const runDownTrack = part("run-down-track");
const runDownFill = part("run-down-fill");

let failure = null; // the last failed attempt of the renewal under way: its detail, and when it was heard
let renewing = false;
let online = true;
let told = false; // whether a screen reader has been told of trouble that is not over

/** Hears of failed attempts; the snapshot tells how many there were, but not when the next one is. */
export function watchAttempts(session) {
  session.on("renewal-failed", ({ detail }) => {
    failure = { ...detail, heardAt: Date.now() };
    renderAttempt(session.snapshot());
  });
}

/** Says what the renewal is doing. */
export function renderAttempt(snapshot) {
  if (snapshot.failures === 0) failure = null;
  ({ renewing, online } = snapshot);
  const troubled = snapshot.failures > 0 || snapshot.state === "degraded";
  box.dataset.tone = card.dataset.tone = troubled ? "warn" : "calm";
  write(part("attempt-text"), sentence(snapshot));
  tell(snapshot, troubled || !snapshot.online);
  tickAttempt(Date.now());
}

/** Tells a screen reader of each failed attempt and of the recovery; the renewals that go well are nobody's news. */
function tell(snapshot, inTrouble) {
  if (inTrouble) write(said, sentence(snapshot));
  else if (told) write(said, snapshot.state === "active" ? "The trouble is over." : "");
  told = inTrouble;
}

/** Runs the backoff down. */
export function tickAttempt(now) {
  const retryAt = failure?.retryAt ?? null;
  runDown.hidden = runDownTrack.hidden = retryAt === null;
  if (retryAt === null) return;
  const left = Math.max(0, retryAt - now);
  write(runDown, wait(left));
  const whole = Math.max(1, retryAt - failure.heardAt);
  runDownFill.style.transform = `scaleX(${Math.min(1, left / whole)})`;
}

function wait(left) {
  if (renewing) return "trying again";
  if (!online) return "waiting for the network";
  return left === 0 ? "trying again" : `next attempt in ${countdown(left)}`;
}

function sentence({ state, failures, renewing, online, tokenExpiresAt }) {
  if (failures > 0) {
    const cause = CAUSES[failure?.cause] ?? "the attempt failed";
    const consequence = state === "degraded" ? " Requests wait." : "";
    return `Attempt ${failures} failed: ${cause}.${consequence}`;
  }
  if (!online) return "This device is offline. The renewal waits for the network.";
  if (state === "degraded") return "The token has lapsed. Requests wait for a new one.";
  if (renewing) return "Renewing.";
  return tokenExpiresAt === null ? "No token is held." : "All is well: the renewal is planned.";
}
