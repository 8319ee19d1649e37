// What is shown while there is no session.

/** @type {any} */
export const NO_SNAPSHOT = {
  state: "signed-out",
  reason: null,
  tokenExpiresAt: null,
  renewsAt: null,
  renewing: false,
  failures: 0,
  endsAt: null,
  clock: { skew: 0, uncertainty: Infinity, source: "none" },
  online: true,
  tabs: 1,
};

/** @type {import("../index.js").Metrics} */
export const NO_METRICS = {
  renewals: { succeeded: 0, failed: /** @type {any} */ ({}), adopted: 0, retries: 0 },
  renewalTime: { p50: 0, p95: 0, max: 0 },
  requests: { authorized: 0, waited: 0, replayed: 0, refused: 0 },
  tokensRejected: {},
  idleWarnings: 0,
  extensions: 0,
  wakeups: 0,
  activities: 0,
};
