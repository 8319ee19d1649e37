import { byTestId, create, part, write } from "./dom.js";
import { clockTime, countdown, span } from "./format.js";
import { lessMotion } from "./frames.js";

const REFILL_MS = 500;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 604800, 2592000];

const track = byTestId("token-bar");
const secondsLeft = byTestId("seconds-left");
const [fill, pole, flag, axis] = ["fill", "pole", "mark", "axis"].map(part);

let expiresAt = null;
let renewsAt = null;
let renewing = false;
let lifetime = 0;
let shown = 0; // the share of the track that is filled now
let refill = null; // where the fill stood when a renewed token arrived, and since when

/** Takes up a snapshot: the token's end, its lifetime and the planned renewal. */
export function renderTokenLife(snapshot) {
  ({ renewsAt, renewing } = snapshot);
  if (snapshot.tokenExpiresAt !== expiresAt) {
    expiresAt = snapshot.tokenExpiresAt;
    refill = expiresAt === null ? null : { from: shown, since: performance.now() };
    lifetime = lifetimeOf(snapshot);
    drawAxis();
  }
  drawMark();
  tickTokenLife(Date.now(), performance.now());
}

/** Draws the moment: the fill, the seconds left and the run-down to the renewal. */
export function tickTokenLife(now, timestamp) {
  const left = expiresAt === null ? 0 : Math.max(0, expiresAt - now);
  const seconds = Math.ceil(left / 1000);
  write(secondsLeft, String(seconds));
  write(flag, renewing ? "renewing" : `renews in ${countdown((renewsAt ?? now) - now)}`);
  if (track.ariaValueNow !== String(seconds)) {
    track.ariaValueNow = String(seconds);
    track.ariaValueText = `${seconds} seconds left`;
  }

  // With less motion the fill steps once a second, with the figure.
  const share = lifetime ? Math.min(1, (lessMotion() ? seconds * 1000 : left) / lifetime) : 0;
  const progress = refill && !lessMotion() ? (timestamp - refill.since) / REFILL_MS : 1;
  if (progress >= 1) refill = null;
  shown = refill ? refill.from + (share - refill.from) * (1 - (1 - Math.max(0, progress)) ** 3) : share;
  fill.style.transform = `translateX(${(shown - 1) * 100}%)`;
}

/** From the claims where the token is a JWT, else from the moment at which it was first seen. */
function lifetimeOf({ claims, tokenExpiresAt }) {
  if (tokenExpiresAt === null) return 0;
  const claimed = (claims?.exp - claims?.iat) * 1000;
  return claimed > 0 ? claimed : Math.max(1000, tokenExpiresAt - Date.now());
}

function drawAxis() {
  const seconds = lifetime / 1000;
  const step = STEPS_S.find((candidate) => seconds / candidate <= 5) ?? seconds;
  const marks = [];
  // A mark too near to the end would run into the end's own.
  for (let at = 0; at < seconds - step / 2; at += step) marks.push(at);
  if (lifetime) marks.push(seconds);
  axis.replaceChildren(...marks.map((at) => {
    const mark = create("span", at === 0 ? "0" : span(at * 1000).replace(".0 s", " s"));
    mark.style.left = `${(at / seconds) * 100}%`;
    return mark;
  }));
  track.ariaValueMax = String(Math.round(seconds));
}

function drawMark() {
  const planned = renewsAt !== null && expiresAt !== null && lifetime > 0;
  flag.hidden = pole.hidden = !planned;
  if (!planned) return;
  const share = Math.min(1, Math.max(0, (expiresAt - renewsAt) / lifetime));
  for (const element of [flag, pole]) {
    element.style.left = `${share * 100}%`;
    element.classList.toggle("leftward", share > 0.5);
  }
  flag.title = `at ${clockTime(renewsAt)}`;
}
