/** @typedef {import("./index.js").Snapshot} Snapshot */

/** @type {Snapshot} */
export const NO_SESSION = Object.freeze({
  state: "signed-out",
  reason: null,
  claims: null,
  tokenExpiresAt: null,
  renewsAt: null,
  renewing: false,
  failures: 0,
  idleWarning: false,
  idleEndsAt: null,
  endsAt: null,
  clock: Object.freeze({ skew: 0, uncertainty: Infinity, source: "none" }),
  online: true,
  tabs: 1,
});

/** @param {any} value */
export const freeze = (value) => {
  if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(freeze);
  return value;
};

/**
 * The picture that the module draws, in the order of `src/web/session/host.rs`; what stays the same of the one
 * before is the same object.
 *
 * @param {Snapshot} before
 * @param {any[]} drawn
 * @returns {Snapshot}
 */
export function picture({ clock }, ...drawn) {
  const [state, reason = null, claims, tokenExpiresAt = null, renewsAt = null, renewing, failures, ...rest] = drawn;
  const [idleEndsAt = null, endsAt = null, skew, uncertainty, source, online, tabs] = rest;
  if (clock.skew !== skew || clock.uncertainty !== uncertainty || clock.source !== source) {
    clock = { skew, uncertainty, source };
  }
  const idleWarning = idleEndsAt !== null;
  const shown = { state, reason, claims, tokenExpiresAt, renewsAt, renewing, failures, idleWarning, idleEndsAt, endsAt, clock, online, tabs };
  return freeze({ ...NO_SESSION, ...shown });
}
