import { platformFetch } from "./platform.js";

/**
 * @typedef {import("./index.js").AuditEntry} AuditEntry
 * @typedef {import("./index.js").Metrics} Metrics
 */

const CAPACITY = 256;
/** So many wait to be delivered, at most: of more, the oldest are given up, which shows in their numbers. */
export const MOST_WAITING = 1000;
/** So many renewals count for their times. */
const TIMED = 100;

/** @param {number[]} sorted @param {number} share */
const quantile = (sorted, share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;

/** An address without what may be private of it. @param {unknown} url */
const place = (url) => (typeof url === "string" ? url.split(/[?#]/)[0] : url);

/** What has happened to a session in this tab: entries, the newest of them, and numbers. No token is ever in it. */
export class Audit {
  #capacity;
  #sink;
  #url;
  /** What waits for the delivery to be loaded. @type {AuditEntry[]} */
  #undelivered = [];
  /** @type {Promise<import("./delivery.js").Delivery | undefined> | undefined} */
  #delivery;
  #isOver = false;
  /** @type {AuditEntry[]} */
  #entries = [];
  #sequence = 0;
  /** @type {number[]} */
  #times = [];
  #counts = {
    renewals: {
      succeeded: 0,
      failed: {
        network: 0,
        timeout: 0,
        offline: 0,
        "rate-limited": 0,
        "server-error": 0,
        rejected: 0,
        "malformed-answer": 0,
        "invalid-token": 0,
      },
      adopted: 0,
      retries: 0,
    },
    requests: { authorized: 0, waited: 0, replayed: 0, refused: 0 },
    /** @type {Record<string, number>} */
    tokensRejected: {},
    idleWarnings: 0,
    extensions: 0,
    wakeups: 0,
    activities: 0,
  };

  /** @param {import("./index.js").AuditConfig} [config] */
  constructor({ capacity = CAPACITY, sink, url } = {}) {
    this.#capacity = capacity;
    this.#sink = sink;
    this.#url = url;
  }

  /** @param {"wakeups" | "activities"} what */
  count(what) {
    this.#counts[what]++;
  }

  /** @param {keyof Metrics["requests"]} what @param {string} url */
  request(what, url) {
    this.#counts.requests[what]++;
    if (what !== "authorized" && what !== "waited") this.add(`request-${what}`, { url });
  }

  /** @param {string} type @param {any} detail That of the event, or the like: one level, or lists of texts. */
  add(type, detail) {
    this.#tally(type, detail);
    /** @type {Record<string, string | number | boolean | null>} */
    const plain = {};
    for (const [name, value] of Object.entries(detail)) {
      plain[name] = Array.isArray(value) ? value.join(" ") : name === "url" ? place(value) : value;
    }
    const entry = Object.freeze({ sequence: this.#sequence++, at: Date.now(), type, detail: Object.freeze(plain) });
    this.#entries.push(entry);
    if (this.#entries.length > this.#capacity) this.#entries.shift();
    try {
      this.#sink?.(entry);
    } catch (error) {
      reportError(error);
    }
    if (this.#url) this.#deliver(this.#url, entry);
  }

  /** Sends what is left, and nothing any more. */
  end() {
    this.#isOver = true;
    this.#delivery?.then((delivery) => delivery?.end());
  }

  /** @param {string} url @param {AuditEntry} entry */
  async #deliver(url, entry) {
    if (this.#undelivered.push(entry) > MOST_WAITING) this.#undelivered.shift();
    this.#delivery ??= import("./delivery.js").then(
      ({ Delivery }) => new Delivery(url, (...request) => platformFetch()(...request)),
      () => (this.#delivery = undefined), // The next entry tries again.
    );
    const delivery = await this.#delivery;
    if (!delivery) return;
    for (const each of this.#undelivered.splice(0)) delivery.add(each);
    if (this.#isOver) delivery.end();
  }

  /** @param {string} type @param {any} detail */
  #tally(type, { by, cause, attempt, attempts, took, reason }) {
    const { renewals, tokensRejected } = this.#counts;
    if (type === "renewed" && by === "other-tab") renewals.adopted++;
    // A token that was begun with, as after step-up, took no attempt.
    else if (type === "renewed" && attempts) {
      renewals.succeeded++;
      this.#times.push(took);
      if (this.#times.length > TIMED) this.#times.shift();
    } else if (type === "renewal-failed") renewals.failed[/** @type {import("./index.js").RenewalFailure} */ (cause)]++;
    else if (type === "token-rejected") tokensRejected[reason] = (tokensRejected[reason] ?? 0) + 1;
    else if (type === "idle-warning") this.#counts.idleWarnings++;
    else if (type === "idle-extended" && by === "this-tab") this.#counts.extensions++;
    if ((attempt ?? attempts) > 1) renewals.retries++;
  }

  /** @returns {readonly AuditEntry[]} */
  history() {
    return Object.freeze([...this.#entries]);
  }

  /** @returns {Metrics} */
  metrics() {
    const sorted = [...this.#times].sort((one, other) => one - other);
    const renewalTime = { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: quantile(sorted, 1) };
    return structuredClone({ ...this.#counts, renewalTime });
  }
}
