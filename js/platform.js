/** What was there before a session's `fetch`, which an application may have put in the platform's place. */
const before = new WeakMap();

/**
 * Takes note of a session's `fetch`, which must not be what it sends with itself.
 *
 * @param {typeof globalThis.fetch} own
 */
export function noteOwn(own) {
  before.set(own, globalThis.fetch);
  return own;
}

/** The platform's `fetch`, or what stands in its place now. @returns {typeof globalThis.fetch} */
export function platformFetch() {
  let { fetch } = globalThis;
  while (before.has(fetch)) fetch = before.get(fetch);
  return fetch;
}
