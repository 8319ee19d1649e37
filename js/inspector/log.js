/**
 * @typedef {import("../index.js").AuditEntry} AuditEntry
 *
 * Something that happened, in its place.
 * @typedef {object} Row
 * @property {number} id Rises by one.
 * @property {number | null} sequence The entry's; null for what the inspector saw by itself.
 * @property {number} at The device's wall clock then.
 * @property {number} time On the one time line: `at`, but for what somebody who set the clock has moved.
 * @property {string} type
 * @property {AuditEntry["detail"]} detail
 * @property {AuditEntry | null} entry
 * @property {string} [text] What a filter looks in.
 * @property {number | null} [expiresAt] When the token lapses that came with it, where the entry does not say.
 */

/** So many rows are kept; a few more until the oldest are dropped together. */
export const MOST_ROWS = 100_000;
const DROPPED_AT_ONCE = 5000;
/** A clock that is further back than this was set. */
const SET_MS = 2000;
/** What stands between a clock that was set forward and the entry that says so is no further back than so many rows. */
const LOOK_BACK = 200;

/**
 * What happened, in order and bounded.
 *
 * Wall times do not order events when somebody sets the clock. So each row has a time of its own, which goes on as
 * if the clock had not been set; `wall()` gives it as the clock shows it now.
 */
export class Log {
  /** @type {Row[]} */
  rows = [];
  /** The last sequence that was seen. */
  sequence = -1;
  /** How many times rows got another time. */
  retimed = 0;
  #nextId = 0;
  /** By how much the clock was set in all, since the first row. */
  #setMs = 0;
  /** What of it followed from a wall time that went back, and no entry has told of yet. */
  #impliedMs = 0;

  get first() {
    return this.rows[0]?.id ?? this.#nextId;
  }

  get end() {
    return this.#nextId;
  }

  /** @param {number} id */
  row(id) {
    return this.rows[id - this.first];
  }

  /** @param {number} time */
  wall(time) {
    return time + this.#setMs;
  }

  /** @param {number} wall */
  time(wall) {
    return wall - this.#setMs;
  }

  now() {
    return Math.max(this.rows.at(-1)?.time ?? -Infinity, this.time(Date.now()));
  }

  /** Takes an entry, and says where others are missing before it. @param {AuditEntry} entry */
  take(entry) {
    if (entry.sequence <= this.sequence) return;
    const missing = entry.sequence - this.sequence - 1;
    this.sequence = entry.sequence;
    if (missing) this.#add({ at: entry.at, type: "gap", detail: { missing }, entry: null });
    this.#followClock(entry);
    return this.#add({ at: entry.at, type: entry.type, detail: entry.detail, entry });
  }

  /** What the inspector saw by itself. @param {string} type @param {AuditEntry["detail"]} [detail] */
  see(type, detail = {}) {
    return this.#add({ at: Date.now(), type, detail, entry: null });
  }

  /** @param {Pick<Row, "at" | "type" | "detail" | "entry">} happened */
  #add(happened) {
    const time = Math.max(this.rows.at(-1)?.time ?? -Infinity, this.time(happened.at));
    const sequence = happened.entry?.sequence ?? null;
    /** @type {Row} */
    const row = { id: this.#nextId++, sequence, time, ...happened };
    this.rows.push(row);
    if (this.rows.length >= MOST_ROWS + DROPPED_AT_ONCE) this.rows.splice(0, this.rows.length - MOST_ROWS);
    return row;
  }

  /** @param {AuditEntry} entry */
  #followClock({ at, type, detail: { kind, by } }) {
    const last = this.rows.at(-1);
    if (type === "clock-jump" && kind === "set-back" && typeof by === "number") {
      this.#setMs += by - this.#impliedMs;
      this.#impliedMs = 0;
    } else if (type === "clock-jump" && kind === "set-forward" && typeof by === "number") {
      this.#retime(by);
      this.#setMs += by;
    } else if (last && this.time(at) < last.time - SET_MS) {
      const back = this.time(at) - last.time;
      this.#setMs += back;
      this.#impliedMs += back;
    }
  }

  /** Moves back what already had the time of the clock that was set forward. @param {number} by */
  #retime(by) {
    const { rows } = this;
    for (let place = rows.length - 1; place > Math.max(0, rows.length - LOOK_BACK); place--) {
      if (rows[place].time - rows[place - 1].time < by - SET_MS) continue;
      for (const row of rows.slice(place)) row.time = Math.max(rows[place - 1].time, row.time - by);
      this.retimed++;
      return;
    }
  }
}
