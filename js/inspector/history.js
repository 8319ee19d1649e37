import { el, mark, write } from "./dom.js";
import { clockTime, exactTime } from "./time.js";
import { plain, sentence } from "./words.js";

/**
 * @typedef {import("./log.js").Log} Log
 * @typedef {import("./log.js").Row} Row
 */

const ROW_HEIGHT = 30;
/** So many more rows are there than are seen, on either side. */
const MORE = 4;
/** A search looks through so many rows before it lets the page do something else. */
const SLICE = 4000;

const BAD = new Set(["renewal-failed", "degraded", "ended", "token-rejected", "request-refused", "gap"]);

/** What a filter looks in. @param {Row} row */
const textOf = (row) => (row.text ??= `${row.sequence ?? ""} ${row.type} ${plain(row)} ${sentence(row)}`.toLowerCase());

/** The rows as a table, the newest first, by type and text. Of any number of them, only those in sight are in the document. */
export class History {
  element = el("section", { class: "history", "aria-labelledby": "history-title" });
  #log;
  #select;
  #changed;
  #type = el("select", { "aria-label": "Type", "data-part": "type" }, el("option", { value: "" }, "All types"));
  #text = el("input", { type: "search", placeholder: "Search", "aria-label": "Search the history", autocomplete: "off", spellcheck: "false", "data-part": "search" });
  #count = el("p", { class: "count" });
  /** Says what a search has found, and nothing of what comes by itself. */
  #said = el("p", { class: "unseen", role: "status" });
  #rows = el("div", { role: "rowgroup", class: "rows" });
  #scroll = el("div", { class: "scroll", tabindex: "0", role: "table", "aria-label": "History, the newest first" });
  /** The types that were seen. @type {Map<string, number>} */
  #types = new Map();
  /** The ids of the rows that match, in order. @type {number[]} */
  #matches = [];
  /** Up to here the rows were looked through. */
  #next = 0;
  /** How many matches there were when they were last shown. */
  #shown = 0;
  #first = -1;
  /** @type {number | null} */
  #selected = null;
  #stale = true;
  #anew = false;
  /** Whether the user waits to hear what was found. */
  #asked = false;

  /** @param {{ log: () => Log, changed: () => void, selected: (id: number) => void }} host */
  constructor({ log, changed, selected }) {
    this.#log = log;
    this.#changed = changed;
    this.#select = selected;
    const heads = ["#", "Time", "Type", "What happened"].map((name) => el("span", { role: "columnheader" }, name));
    this.#scroll.append(el("div", { role: "rowgroup", class: "head" }, el("div", { role: "row", "aria-rowindex": "1" }, ...heads)), this.#rows);
    this.element.append(
      el("h3", { id: "history-title" }, "History"),
      el("div", { class: "filter" }, this.#type, this.#text, this.#count, this.#said),
      this.#scroll,
    );
    const anew = () => {
      this.#anew = this.#asked = true;
      this.#changed();
    };
    this.#type.addEventListener("change", anew);
    this.#text.addEventListener("input", anew);
    this.#scroll.addEventListener("scroll", () => this.#changed(), { passive: true });
    this.#rows.addEventListener("click", ({ target }) => {
      const row = target instanceof Element ? target.closest("[data-id]") : null;
      if (row) this.#select(Number(row.getAttribute("data-id")));
    });
  }

  /** Looks at another log from its beginning. */
  reset() {
    this.#types.clear();
    this.#type.replaceChildren(el("option", { value: "" }, "All types"));
    this.#restart();
  }

  #restart() {
    this.#matches = [];
    this.#next = 0;
    this.#shown = 0;
    this.#stale = true;
    this.#scroll.scrollTop = 0;
  }

  /** @param {Row} row */
  note({ type }) {
    const before = this.#types.get(type);
    this.#types.set(type, (before ?? 0) + 1);
    if (before !== undefined) return;
    const option = el("option", { value: type }, type);
    const next = [...this.#type.options].slice(1).find(({ value }) => value > type);
    this.#type.insertBefore(option, next ?? null);
  }

  /** @param {number | null} id */
  select(id) {
    this.#selected = id;
    this.#stale = true;
    if (id === null) return;
    const place = this.#matches.indexOf(id);
    if (place < 0) return;
    const top = (this.#matches.length - 1 - place) * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.#scroll;
    const room = clientHeight - 2 * ROW_HEIGHT;
    if (top < scrollTop || top > scrollTop + room) this.#scroll.scrollTop = top - room / 2;
  }

  /** Looks through some of what is new. Returns whether there is more. */
  search() {
    if (this.#anew) {
      this.#anew = false;
      this.#restart();
    }
    const log = this.#log();
    const wanted = this.#text.value.trim().toLowerCase();
    const type = this.#type.value;
    this.#next = Math.max(this.#next, log.first);
    const end = Math.min(log.end, this.#next + (wanted ? SLICE : 10 * SLICE));
    for (; this.#next < end; this.#next++) {
      const row = log.row(this.#next);
      if ((!type || row.type === type) && (!wanted || textOf(row).includes(wanted))) this.#matches.push(row.id);
    }
    if (this.#matches[0] < log.first) {
      const kept = this.#matches.findIndex((id) => id >= log.first);
      const gone = kept < 0 ? this.#matches.length : kept;
      this.#matches.splice(0, gone);
      this.#shown -= gone;
    }
    return this.#next < log.end;
  }

  /** Puts the rows in sight into the document. */
  show() {
    const { length } = this.#matches;
    const added = length - this.#shown;
    if (added || this.#stale) {
      this.#rows.style.height = `${length * ROW_HEIGHT}px`;
      // What is being read stays where it is.
      if (added > 0 && this.#shown > 0 && this.#scroll.scrollTop > ROW_HEIGHT) this.#scroll.scrollTop += added * ROW_HEIGHT;
      const log = this.#log();
      const all = log.end - log.first;
      write(this.#count, length === all ? `${all.toLocaleString("en")} rows` : `${length.toLocaleString("en")} of ${all.toLocaleString("en")} rows`);
      mark(this.#scroll, "aria-rowcount", length + 1);
    }
    if (this.#asked && this.#next === this.#log().end) {
      this.#asked = false;
      write(this.#said, this.#count.textContent ?? "");
    }
    const seen = Math.ceil(this.#scroll.clientHeight / ROW_HEIGHT) + 2 * MORE;
    const first = Math.max(0, Math.floor(this.#scroll.scrollTop / ROW_HEIGHT) - MORE);
    if (!added && !this.#stale && first === this.#first) return;
    this.#shown = length;
    this.#first = first;
    this.#stale = false;
    const elements = [];
    for (let place = first; place < Math.min(length, first + seen); place++) {
      const row = this.#log().row(this.#matches[length - 1 - place]);
      if (row) elements.push(this.#row(row, place));
    }
    this.#rows.replaceChildren(...elements);
  }

  /** @param {Row} row @param {number} place */
  #row(row, place) {
    const told = sentence(row);
    const element = el(
      "div",
      {
        role: "row",
        class: "row",
        "data-id": row.id,
        "data-bad": `${BAD.has(row.type)}`,
        "data-seen": `${row.entry === null}`,
        "aria-rowindex": place + 2,
        "aria-current": `${row.id === this.#selected}`,
      },
      el("span", { role: "cell" }, row.sequence === null ? "" : String(row.sequence)),
      el("span", { role: "cell", title: exactTime(row.at) }, clockTime(row.at)),
      el("span", { role: "cell" }, row.type),
      el("span", { role: "cell", title: `${told}\n${plain(row)}` }, told),
    );
    element.style.transform = `translateY(${place * ROW_HEIGHT}px)`;
    return element;
  }
}
