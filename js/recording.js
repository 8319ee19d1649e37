// The third module of the package: a session that keeps a recording of itself, loaded only when the configuration
// asks for one.

import bytes from "#recording-bytes";
import { initSync, Keeper } from "#recording-glue";
import { unpacked } from "./bytes.js";
import { loader } from "./load.js";

/** So many characters are kept in memory. A replay needs the beginning: what comes later is left out. */
const MOST_CHARACTERS = 4 << 20;
const FULL = '{"full":true}';

const load = loader(initSync, () => unpacked(bytes));

/**
 * Makes a session that is recorded.
 *
 * @param {typeof import("./session.js").Session} Session
 * @param {import("./config.js").Settings} settings
 */
export async function recorded(Session, settings) {
  await load();
  const sink = settings.audit?.recording;
  /** @type {string[]} */
  const lines = [];
  let room = MOST_CHARACTERS;
  const keep = (/** @type {string} */ line) => {
    if (room <= 0) return;
    room -= line.length;
    lines.push(room > 0 ? line : FULL);
  };
  const record = (/** @type {string} */ line) => {
    keep(line);
    // The application is not called in the middle of what the machine does.
    if (typeof sink === "function") queueMicrotask(() => sink(line));
  };

  class RecordedKeeper extends Keeper {
    /** @param {any} choices @param {any} rejectedStatuses @param {object} host */
    constructor(choices, rejectedStatuses, host) {
      super(choices, rejectedStatuses, { ...host, record });
    }
  }

  class RecordedSession extends Session {
    recording() {
      return Object.freeze([...lines]);
    }
  }

  return new RecordedSession(settings, RecordedKeeper);
}
