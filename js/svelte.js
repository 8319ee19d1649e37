import { idleWarningOf, viewOf } from "./store.js";

/**
 * As Svelte reads stores: a subscriber is called at once, and again after every change.
 *
 * @template T
 * @param {import("./store.js").Store<T>} store
 * @returns {import("./svelte.js").SessionReadable<T>}
 */
const readable = (store) => ({
  subscribe(run) {
    /** @type {T | undefined} */
    let shown;
    // Svelte takes any object for a change.
    const show = () => {
      const current = store.get();
      if (current !== shown) run((shown = current));
    };
    const stop = store.subscribe(show);
    show();
    return stop;
  },
});

/** @param {import("./view.js").SessionSource} session */
export const sessionStore = (session) => readable(viewOf(session));

/** @param {import("./view.js").SessionSource} session */
export const idleWarningStore = (session) => readable(idleWarningOf(viewOf(session)));
