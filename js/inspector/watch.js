import { Log } from "./log.js";

/**
 * @typedef {import("../index.js").Session} Session
 * @typedef {import("../index.js").Snapshot} Snapshot
 * @typedef {keyof import("../index.js").SessionEventMap} EventType
 */

/** All but `change`. @type {EventType[]} */
const EVENTS = [
  "started", "renewed", "renewal-failed", "degraded", "recovered", "idle-warning", "idle-extended", "session-ending",
  "ended", "step-up-required", "clock-skew", "clock-jump", "policy-violation", "facility-missing",
];

/**
 * Keeps what happens to a session: its entries, and what they do not say, as far as it can be seen from here. Between
 * `start` and `stop` it listens; it sets no timer.
 */
export class Watch {
  log = new Log();
  #session;
  #heard;
  #over = new AbortController();
  /** @type {Snapshot | undefined} */
  #before;

  /** @param {Session} session @param {() => void} heard Called when there may be something new; in the middle of what a page does. */
  constructor(session, heard) {
    this.#session = session;
    this.#heard = heard;
  }

  start() {
    this.#over = new AbortController();
    const { signal } = this.#over;
    for (const type of EVENTS) this.#session.addEventListener(type, this.#heard, { signal });
    this.#session.addEventListener("change", () => this.#changed(), { signal });
    document.addEventListener("visibilitychange", () => this.#see(document.hidden ? "page-hidden" : "page-shown"), { signal });
    this.collect();
    const snapshot = this.#session.snapshot();
    if (!this.#before || this.#before.state !== snapshot.state) {
      this.log.see("inspected", { state: snapshot.state, tokenExpiresAt: snapshot.tokenExpiresAt });
    }
    if (document.hidden) this.log.see("page-hidden");
    if (!snapshot.online) this.log.see("offline");
    this.#before = snapshot;
  }

  stop() {
    this.#over.abort();
    this.collect();
    // What is not seen any more is not known to go on.
    if (document.hidden) this.log.see("page-shown");
    if (this.#before?.online === false) this.log.see("online");
  }

  /** Takes the entries that are new, whoever told of them or nobody. */
  collect() {
    const history = this.#session.history();
    let next = history.length;
    while (next > 0 && history[next - 1].sequence > this.log.sequence) next--;
    const { tokenExpiresAt } = this.#session.snapshot();
    let started;
    for (; next < history.length; next++) {
      const row = this.log.take(history[next]);
      if (row?.type === "started") started = row;
      else if (row?.type === "renewed" || row?.type === "ended") started = undefined;
    }
    // The entry does not say when the first token lapses.
    if (started) started.expiresAt = tokenExpiresAt;
    this.#look();
  }

  #changed() {
    this.#look();
    this.#heard();
  }

  /** What a snapshot tells that no entry does. */
  #look() {
    const before = this.#before;
    const snapshot = this.#session.snapshot();
    if (!before || snapshot === before) return;
    this.#before = snapshot;
    if (snapshot.online !== before.online) this.#see(snapshot.online ? "online" : "offline");
    if (snapshot.tabs !== before.tabs && snapshot.state !== "signed-out") this.#see("tabs", { tabs: snapshot.tabs });
    if (snapshot.state === before.state) return;
    if (snapshot.state === "starting") this.#see("starting");
    else if (snapshot.state === "signed-out" && snapshot.reason === null) this.#see(before.state === "starting" ? "no-session" : "disposed");
  }

  /** @param {string} type @param {import("../index.js").AuditEntry["detail"]} [detail] */
  #see(type, detail) {
    // What the session has told of by now came first.
    this.collect();
    this.log.see(type, detail);
    this.#heard();
  }
}
