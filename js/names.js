// What the module calls by numbers: the order is that of src/web/session/ and of the enumerations of the core.

/** @type {import("./index.js").SessionErrorCode[]} */
export const ERRORS = ["ERR_SIGNED_OUT", "ERR_UNAVAILABLE", "ERR_BAD_ANSWER", "ERR_TOKEN_INVALID", "ERR_WASM_LOAD", "ERR_DISPOSED"];

/** Why a token is refused. */
export const REFUSALS = [
  "too-large", "malformed", "algorithm", "expiry", "issued-at", "not-before", "not-yet-valid", "expired", "opaque", "refused",
];

/** What is done among the tabs: methods of `Tabs`. @type {("join" | "leave" | "lookAround" | "watch" | "askTurn" | "stealTurn" | "endTurn")[]} */
export const DEEDS = ["join", "leave", "lookAround", "watch", "askTurn", "stealTurn", "endTurn"];

/** Events with their details, and the lists that name these. @type {[type: string, details: string][]} */
export const EVENTS = [
  ["started", "restored"],
  ["renewed", "by:party tokenExpiresAt attempts took"],
  ["renewal-failed", "cause attempt retryAt"],
  ["degraded", "since"],
  ["recovered", "after"],
  ["idle-warning", "endsAt remaining"],
  ["idle-extended", "by:party"],
  ["session-ending", "endsAt"],
  ["ended", "reason by:party"],
  ["clock-skew", "skew uncertainty source"],
  ["clock-jump", "by kind"],
];

export const SNAPSHOT =
  "state reason tokenExpiresAt renewsAt renewing failures idleEndsAt endsAt skew uncertainty source online tabs";

const FLAG = [false, true];

/** What is no number but a name. @type {Record<string, readonly unknown[]>} */
const NAMES = {
  state: ["signed-out", "starting", "active", "degraded"],
  reason: ["signed-out", "expired", "rejected", "invalid-token", "unreachable", "idle-timeout", "max-age", "revoked"],
  party: ["this-tab", "other-tab", "server"],
  source: ["date", "iat", "none"],
  kind: ["sleep", "set-forward", "set-back", "unknown"],
  cause: ["network", "timeout", "offline", "rate-limited", "server-error", "rejected", "malformed-answer", "invalid-token"],
  renewing: FLAG,
  online: FLAG,
  restored: FLAG,
};

/**
 * The object that numbers stand for; `null` stands for what there is not.
 *
 * @param {string} members Their names, in the order of the numbers.
 * @param {ArrayLike<number>} numbers
 * @returns {any}
 */
export function named(members, numbers) {
  const entries = members.split(" ").map((member, place) => {
    const [name, list = name] = member.split(":");
    const number = numbers[place];
    return [name, Number.isNaN(number) ? null : list in NAMES ? NAMES[list][number] : number];
  });
  return Object.fromEntries(entries);
}
