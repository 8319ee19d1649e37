import { el, mark, write } from "./dom.js";

/** @typedef {import("../index.js").Metrics} Metrics */

const total = (/** @type {Record<string, number>} */ counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
const listed = (/** @type {Record<string, number>} */ counts) =>
  Object.entries(counts)
    .filter(([, count]) => count)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
const ms = (/** @type {number} */ value) => (value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(0)} s`);

/** What is shown of the metrics: a name, the number, and what it is made of. @type {[string, (metrics: Metrics) => [string, string]][]} */
const TILES = [
  ["Renewals", ({ renewals }) => [`${renewals.succeeded}`, renewals.retries ? `${renewals.retries} of the attempts were retries` : "this tab's"]],
  ["By other tabs", ({ renewals }) => [`${renewals.adopted}`, "taken over"]],
  ["Failed attempts", ({ renewals }) => [`${total(renewals.failed)}`, listed(renewals.failed) || "none"]],
  ["Success", ({ renewals }) => {
    const attempts = renewals.succeeded + total(renewals.failed);
    return [attempts ? `${((100 * renewals.succeeded) / attempts).toFixed(renewals.succeeded === attempts ? 0 : 1)} %` : "–", "of attempts"];
  }],
  ["Renewal time", ({ renewalTime }) => [ms(renewalTime.p50), `95 % within ${ms(renewalTime.p95)}, longest ${ms(renewalTime.max)}`]],
  ["Requests", ({ requests }) => [`${requests.authorized}`, `${requests.waited} waited, ${requests.replayed} sent again, ${requests.refused} refused`]],
  ["Tokens rejected", ({ tokensRejected }) => [`${total(tokensRejected)}`, listed(tokensRejected) || "none"]],
  ["Idle warnings", ({ idleWarnings, extensions }) => [`${idleWarnings}`, `${extensions} answered here`]],
  ["Activities", ({ activities }) => [`${activities}`, "recorded"]],
  ["Wake-ups", ({ wakeups }) => [`${wakeups}`, "of the one timer"]],
];

/** The session's numbers. */
export class Numbers {
  element = el("section", { class: "numbers", "aria-labelledby": "numbers-title" });
  /** @type {[HTMLElement, HTMLElement, HTMLElement][]} */
  #tiles = [];

  constructor() {
    const list = el("dl");
    for (const [name] of TILES) {
      const parts = /** @type {[HTMLElement, HTMLElement, HTMLElement]} */ ([el("dd", { class: "value" }), el("dd", { class: "made" }), el("div")]);
      parts[2].append(el("dt", {}, name), parts[0], parts[1]);
      list.append(parts[2]);
      this.#tiles.push(parts);
    }
    this.element.append(el("h3", { id: "numbers-title" }, "Metrics"), list);
  }

  /** @param {Metrics} metrics */
  show(metrics) {
    TILES.forEach(([name, read], place) => {
      const [value, made, tile] = this.#tiles[place];
      const [text, beside] = read(metrics);
      write(value, text);
      write(made, beside);
      mark(tile, "title", beside);
      mark(tile, "data-bad", `${(name === "Failed attempts" || name === "Tokens rejected") && text !== "0"}`);
    });
  }
}
