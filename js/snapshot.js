import { named, SNAPSHOT } from "./names.js";

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
 * The picture that the module draws with these numbers; what stays the same of the one before is the same object.
 *
 * @param {Snapshot} before
 * @param {Float64Array} numbers
 * @param {unknown} claims
 * @returns {Snapshot}
 */
export function picture({ clock }, numbers, claims) {
  const { skew, uncertainty, source, ...shown } = named(SNAPSHOT, numbers);
  if (clock.skew !== skew || clock.uncertainty !== uncertainty || clock.source !== source) {
    clock = { skew, uncertainty, source };
  }
  return freeze({ ...NO_SESSION, ...shown, claims, idleWarning: shown.idleEndsAt !== null, clock });
}
