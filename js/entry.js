import { Keeper } from "#glue";
import { readConfig } from "./config.js";
import { Session } from "./session.js";

/**
 * The function that creates sessions of a module.
 *
 * @param {() => Promise<void>} init
 */
export const creator = (init) => async (/** @type {unknown} */ config) => {
  const settings = readConfig(config);
  // On a server nobody is signed in, and nothing is loaded.
  if (!globalThis.window) return new Session(settings);
  // Without what records, there is a session all the same.
  const recorder = settings.audit?.recording && (await import("./recording.js").catch(reportError));
  if (recorder) return recorder.recorded(Session, settings);
  await init();
  return new Session(settings, Keeper);
};
