/** An unload that has not happened by then was cancelled. */
const UNLOADED_MS = 3000;

/**
 * What happens to the page. Timers lie: each of it is an occasion to look at the clocks, too.
 *
 * @typedef {object} Life
 * @property {() => void} look The page is shown or hidden, online or offline, or may have been asleep.
 * @property {(cached: boolean) => void} leaving
 * @property {(persisted: boolean) => void} returned Nothing that was read before the page went is good any longer.
 */

/**
 * Listens to the page.
 *
 * @param {Life} life
 * @param {AbortSignal} signal Ends it.
 */
export function followPage({ look, leaving, returned }, signal) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let unloading;
  const listen = (/** @type {EventTarget} */ target, /** @type {(event: any) => void} */ heard, /** @type {string[]} */ ...types) => {
    for (const type of types) target.addEventListener(type, heard, { signal });
  };
  listen(globalThis, look, "online", "offline", "focus");
  listen(document, look, "visibilitychange", "freeze", "resume");
  // Before the page goes: in Firefox it is too late for the back/forward cache when it does.
  listen(globalThis, () => {
    leaving(false);
    unloading = setTimeout(() => returned(false), UNLOADED_MS);
  }, "beforeunload");
  listen(globalThis, ({ persisted }) => {
    clearTimeout(unloading);
    leaving(persisted);
  }, "pagehide");
  listen(globalThis, ({ persisted }) => returned(persisted), "pageshow");
  signal.addEventListener("abort", () => clearTimeout(unloading));
}
