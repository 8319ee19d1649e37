/**
 * The choices that the core acts by, in the order in which `src/web/session/settings.rs` reads them.
 *
 * @param {import("./config.js").Settings} settings
 * @returns {Float64Array}
 */
export function choices({ renewal, retry, refresh, requests, clock, token = {}, verify, logout }) {
  return Float64Array.of(
    ...[
      renewal.lead,
      renewal.jitter,
      renewal.minInterval,
      refresh.timeout,
      renewal.hidden === "defer",
      retry.base,
      retry.max,
      retry.giveUpAfter,
      refresh.lifetime,
      token.leeway,
      token.opaque,
      verify,
      requests.wait,
      clock.warnAbove,
      !!clock.timeUrl,
      !!logout,
    ].map(Number),
  );
}
