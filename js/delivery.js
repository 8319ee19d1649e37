// Loaded only when the configuration asks for `audit.url`.

import { MOST_WAITING } from "./audit.js";

/** @typedef {import("./index.js").AuditEntry} AuditEntry */

/** Entries gather for so long before they are sent. */
const GATHER_MS = 5000;
/** So many are sent at once, and so many characters: a browser takes 64 KiB of requests that outlive their page. */
const MOST_ENTRIES = 100;
const MOST_CHARACTERS = 15_000;
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 60_000;
/** An answer that does not come is not waited for any longer. */
const PATIENCE_MS = 30_000;

/** Sends audit entries to an address in batches, again where that failed, and what is left when the page goes. */
export class Delivery {
  #url;
  #send;
  /** Tells the tabs of an address apart. */
  #tab = crypto.randomUUID();
  /** @type {AuditEntry[]} */
  #waiting = [];
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** While an answer is waited for: entries stay in order. */
  #sending = false;
  #isSaid = false;
  #over = new AbortController();

  /** @param {string} url @param {typeof fetch} send */
  constructor(url, send) {
    this.#url = url;
    this.#send = send;
    const left = () => document.visibilityState === "hidden" && this.#leave();
    document.addEventListener("visibilitychange", left, this.#over);
    addEventListener("pagehide", () => this.#leave(), this.#over);
    addEventListener("online", () => this.#plan(GATHER_MS * Math.random(), true), this.#over);
  }

  /** @param {AuditEntry} entry */
  add(entry) {
    this.#waiting.push(entry);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (!this.#failures) this.#plan(this.#waiting.length < MOST_ENTRIES ? GATHER_MS : 0, this.#waiting.length === MOST_ENTRIES);
  }

  /** Sends what is left, and nothing any more. */
  end() {
    this.#leave();
    this.#over.abort();
    clearTimeout(this.#timer);
  }

  /** @param {number} ms @param {boolean} [sooner] Whether what is planned already is planned anew. */
  #plan(ms, sooner) {
    if (sooner) clearTimeout(this.#timer);
    else if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#deliver();
    }, ms);
  }

  /** Takes as many as go at once. */
  #take() {
    let characters = 0;
    const end = this.#waiting.findIndex((entry, place) => {
      characters += JSON.stringify(entry).length;
      return place >= MOST_ENTRIES || (place > 0 && characters > MOST_CHARACTERS);
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  /** @param {AuditEntry[]} entries */
  #body(entries) {
    return new Blob([JSON.stringify({ tab: this.#tab, entries })], { type: "application/json" });
  }

  async #deliver() {
    if (this.#sending || !this.#waiting.length || this.#over.signal.aborted) return;
    const entries = this.#take();
    this.#sending = true;
    const send = this.#send;
    const isDone = await send(this.#url, {
      method: "POST",
      body: this.#body(entries),
      cache: "no-store",
      keepalive: true,
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).then(
      ({ ok, status }) => {
        const isPassing = status === 401 || status === 408 || status === 429 || status >= 500;
        if (!ok && !isPassing) this.#refused(status);
        return !isPassing;
      },
      () => false,
    );
    this.#sending = false;
    this.#failures = isDone ? 0 : this.#failures + 1;
    if (!isDone) this.#waiting.unshift(...entries);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.splice(0, this.#waiting.length - MOST_WAITING);
    const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures) * Math.random();
    if (this.#waiting.length) this.#plan(isDone ? 0 : backoff, true);
  }

  /** The server will not have them, now or later. @param {number} status */
  #refused(status) {
    if (!this.#isSaid) console.warn(`sessionkeeper: audit entries are lost, for audit.url answers with the status ${status}`);
    this.#isSaid = true;
  }

  /** The page may not come back. */
  #leave() {
    // What is being sent outlives the page as well.
    while (this.#waiting.length) {
      const entries = this.#take();
      if (navigator.sendBeacon(this.#url, this.#body(entries))) continue;
      this.#waiting.unshift(...entries);
      return;
    }
  }
}
