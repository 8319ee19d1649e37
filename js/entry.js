import { Keeper } from "#glue";
import { readConfig } from "./config.js";
import { fail, isSessionError } from "./errors.js";
import { Session } from "./session.js";

/**
 * The function that creates sessions of a module.
 *
 * @param {() => Promise<void>} init
 */
export const creator = (init) => async (/** @type {unknown} */ config) => {
  const settings = readConfig(config);
  // On a server nobody is signed in, and nothing is loaded; some servers have a window, but no document.
  if (!globalThis.window || !globalThis.document) return new Session(settings);
  // Without what records, there is a session all the same.
  const recorder = settings.audit?.recording && (await import("./recording.js").catch(reportError));
  try {
    if (recorder) return await recorder.recorded(Session, settings);
    await init();
    return new Session(settings, Keeper);
  } catch (cause) {
    // The browser lacks, or denies, what no session can do without.
    throw isSessionError(cause) ? cause : fail("ERR_INTERNAL", undefined, cause);
  }
};
