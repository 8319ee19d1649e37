/**
 * The choices that the core acts by, in the order in which `src/web/session/settings.rs` reads them.
 *
 * @param {import("./config.js").Settings} settings
 * @param {boolean[]} facilities Whether there are locks, a channel, and tokens that go through it.
 * @returns {Float64Array}
 */
export function choices({ renewal, retry, refresh, requests, clock, token = {}, verify, logout }, facilities) {
  return Float64Array.of(
    ...[
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
      ...facilities,
    ].map(Number),
  );
}
