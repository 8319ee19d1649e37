/** @typedef {import("./policy.js").Idle} Idle */

/**
 * Listens to what the user does.
 *
 * @param {() => void} used Called at once, and then not again before the throttle has passed.
 * @returns {(idle?: Idle) => void} Says what to listen to: to nothing any longer where nothing is given.
 */
export function activityListener(used) {
  /** @type {Idle | undefined} */
  let watched;
  let watching = new AbortController();
  /** Until the throttle has passed. @type {ReturnType<typeof setTimeout> | undefined} */
  let deaf;
  return (idle) => {
    if (idle === watched) return;
    watched = idle;
    watching.abort();
    clearTimeout(deaf);
    if (!idle) return;
    const { signal } = (watching = new AbortController());
    const { throttle, events } = idle;
    let isDeaf = false;
    // Called for every move of the pointer, where even the look at an event's time would cost ten times as much.
    const heard = () => {
      if (isDeaf) return;
      isDeaf = true;
      deaf = setTimeout(() => (isDeaf = false), throttle);
      used();
    };
    for (const type of events) addEventListener(type, heard, { capture: true, passive: true, signal });
  };
}
