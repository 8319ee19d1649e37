const reduced = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether the user asked for less motion. */
export const lessMotion = () => reduced.matches;

/**
 * The page's one animation loop: calls `tick` with each frame while `wanted` and the page is visible.
 * Returns the function that tells it whether it is wanted.
 */
export function startFrames(tick) {
  let wanted = false;
  let frame = 0;

  const run = (timestamp) => {
    frame = requestAnimationFrame(run);
    tick(Date.now(), timestamp);
  };
  const settle = () => {
    const due = wanted && document.visibilityState === "visible";
    if (due && !frame) frame = requestAnimationFrame(run);
    if (!due && frame) {
      cancelAnimationFrame(frame);
      frame = 0;
    }
  };

  document.addEventListener("visibilitychange", settle);
  return (nowWanted) => {
    wanted = nowWanted;
    settle();
  };
}
