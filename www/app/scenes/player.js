import { CannotPlay, NotSeen, Stage } from "./stage.js";

/**
 * Plays a scene to its end, or until the signal stops it. Resolves to what came of it, when everything is put back:
 * `kept` only where it was played to its end, and each of its promises was.
 *
 * @param {{ about: string, play: (stage: Stage) => Promise<void> }} scene
 * @param {any} session
 * @param {AbortSignal} signal
 * @param {(caption: string) => void} say
 */
export async function play(scene, session, signal, say) {
  const stage = new Stage(session, signal, say);
  let outcome = "kept";
  let reason = "";
  try {
    await stage.enter();
    const played = stage.step(scene.about).then(() => scene.play(stage));
    await Promise.race([played, aborted(signal)]);
  } catch (error) {
    if (signal.aborted) outcome = "stopped";
    else if (error instanceof CannotPlay) [outcome, reason] = ["impossible", error.message];
    else if (error instanceof NotSeen) [outcome, reason] = ["broken", `It waited in vain for ${error.message}.`];
    else throw error;
  } finally {
    await stage.leave();
  }
  const { checks } = stage;
  if (outcome === "kept" && (checks.length === 0 || checks.some(({ held }) => !held))) outcome = "broken";
  return { outcome, reason, checks };
}

/** Rejects as soon as the signal aborts, whatever is waited for then. */
const aborted = (signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
