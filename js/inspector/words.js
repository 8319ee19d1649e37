// What the entries mean, in a sentence each.

import { clockTime, span } from "./time.js";

/** @typedef {import("./log.js").Row} Row */

const REASONS = {
  "signed-out": "the user signed out",
  "idle-timeout": "nobody used it",
  "max-age": "it reached its longest age",
  expired: "the server's own end came",
  rejected: "the server refused the renewal",
  revoked: "the server ended it",
  "invalid-token": "the server's token fails the checks",
  unreachable: "the server could not be reached for too long",
};

const BY = { "this-tab": "this tab", "other-tab": "another tab", server: "the server" };

const CAUSES = {
  network: "no answer came",
  timeout: "no answer came in time",
  offline: "the device is offline",
  "rate-limited": "the server asks for fewer requests",
  "server-error": "the server failed",
  rejected: "the server refused",
  "malformed-answer": "the answer is none",
  "invalid-token": "the token that came cannot be used",
};

const JUMPS = {
  sleep: (/** @type {number} */ by) => `The device slept for ${span(by)}`,
  "set-forward": (/** @type {number} */ by) => `The clock was set forward by ${span(by)}`,
  "set-back": (/** @type {number} */ by) => `The clock was set back by ${span(Math.abs(by))}`,
  unknown: (/** @type {number} */ by) => `The clock is ${span(by)} further: sleep, or set`,
};

/** What a session's end is called. @param {unknown} reason */
export const because = (reason) => REASONS[/** @type {keyof typeof REASONS} */ (reason)] ?? String(reason);

const times = (/** @type {any} */ instant) => (typeof instant === "number" ? clockTime(instant) : "an unknown time");

/** @type {Record<string, (detail: any, row: Row) => string>} */
const SENTENCES = {
  started: ({ restored }) => (restored ? "The session was taken up again" : "The session began with a sign-in"),
  renewed: ({ by, attempts, took, tokenExpiresAt }) => {
    const until = `the token lasts until ${times(tokenExpiresAt)}`;
    if (by === "other-tab") return `Renewed by another tab; ${until}`;
    if (!attempts) return `A new sign-in goes on with the session; ${until}`;
    return `Renewed in ${span(took)}${attempts > 1 ? `, with ${attempts} attempts` : ""}; ${until}`;
  },
  "renewal-failed": ({ cause, attempt, retryAt }, { at }) => {
    const why = CAUSES[/** @type {keyof typeof CAUSES} */ (cause)] ?? cause;
    const next = retryAt === null ? "no further attempt is planned" : `next in ${span(Math.max(0, retryAt - at))}`;
    return `Attempt ${attempt} failed: ${why}; ${next}`;
  },
  degraded: ({ since }) => `Degraded: the token lapsed at ${times(since)}, and cannot be renewed for now`,
  recovered: ({ after }) => `Recovered after ${span(after)}`,
  "idle-warning": ({ remaining }) => `Idle warning: the session ends in ${span(remaining)}`,
  "idle-extended": ({ by }) => `The warning was answered in ${BY[/** @type {keyof typeof BY} */ (by)] ?? by}`,
  "session-ending": ({ endsAt }) => `The hard end is near: ${times(endsAt)}`,
  ended: ({ reason, by }) => `Ended: ${because(reason)} (${BY[/** @type {keyof typeof BY} */ (by)] ?? by})`,
  "step-up-required": ({ acrValues, maxAge, amr, url }) => {
    const wanted = [acrValues && `acr ${acrValues}`, amr && `amr ${amr}`, maxAge !== undefined && `no older than ${span(maxAge)}`];
    return `Step-up wanted: ${wanted.filter(Boolean).join(", ") || "a stronger sign-in"}${url ? `, by ${url}` : ""}`;
  },
  "policy-violation": ({ rule, detail }) => `Not as the policy says (${rule}): ${detail}`,
  "clock-skew": ({ skew, uncertainty }) => skewed(skew, uncertainty),
  "clock-jump": ({ kind, by }) => (JUMPS[/** @type {keyof typeof JUMPS} */ (kind)] ?? JUMPS.unknown)(by),
  "facility-missing": ({ missing, effect }) => `The browser lacks ${missing}. ${effect}`,
  "token-rejected": ({ reason }) => `A token that came cannot be used: ${reason}`,
  "request-replayed": ({ url }) => `A request was sent again with a new token: ${url}`,
  "request-refused": ({ url }) => `A request was not sent for want of a token: ${url}`,
  gap: ({ missing }) => `${missing} ${missing === 1 ? "entry is" : "entries are"} missing here`,
  inspected: () => "The inspector began to look",
  disposed: () => "The session object is no more",
  "page-hidden": () => "The page was hidden",
  "page-shown": () => "The page was shown",
  offline: () => "The device went offline",
  online: () => "The device is online again",
  starting: () => "Asking whether there is a session",
  "no-session": () => "There is no session to take up",
  tabs: ({ tabs }) => (tabs === 1 ? "This tab is the only one" : `${tabs} tabs share the session`),
};

/** @param {number} skew @param {number | null} uncertainty Both in milliseconds. */
export function skewed(skew, uncertainty) {
  if (uncertainty === null || !Number.isFinite(uncertainty)) return "The server's time is not known yet";
  const off = `${span(Math.abs(skew))} ± ${span(uncertainty)}`;
  if (Math.abs(skew) <= uncertainty) return `The clocks agree, within ${span(uncertainty)}`;
  return skew > 0 ? `The server is ${off} ahead of the device` : `The device is ${off} ahead of the server`;
}

/** @param {Row} row */
export function sentence(row) {
  const say = Object.hasOwn(SENTENCES, row.type) ? SENTENCES[row.type] : undefined;
  return say ? say(row.detail, row) : plain(row);
}

/** A detail as it is. @param {Row} row */
export const plain = ({ detail }) =>
  Object.entries(detail)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
