import { el, mark, write } from "./dom.js";
import { clockTime, countdown, span } from "./time.js";
import { because } from "./words.js";

/**
 * @typedef {import("../index.js").Snapshot} Snapshot
 */

/** What is shown, by name. */
const FIELDS = {
  token: "Token lapses",
  renewal: "Next renewal",
  failures: "Failed attempts",
  retry: "Next try",
  idle: "Idle end",
  hard: "Hard end",
  online: "Network",
  tabs: "Tabs",
};

const NONE = "–";

/** The present state: what the snapshot says, and how long until what it announces. */
export class Present {
  element = el("section", { class: "present", "aria-labelledby": "present-title" });
  #values = new Map();

  constructor() {
    const list = el("dl");
    for (const [name, label] of Object.entries(FIELDS)) {
      const value = el("dd", { "data-part": name });
      this.#values.set(name, value);
      list.append(el("div", {}, el("dt", {}, label), value));
    }
    this.element.append(el("h3", { id: "present-title" }, "Present"), list);
  }

  /** @param {Snapshot} snapshot @param {number | null} idleDeadline @param {number | null} retryAt On the device's clock. */
  show({ tokenExpiresAt, renewsAt, renewing, failures, endsAt, online, tabs }, idleDeadline, retryAt) {
    const now = Date.now();
    this.#write("token", instant(tokenExpiresAt, now, "lapsed"));
    this.#write("renewal", renewing ? ["under way"] : instant(renewsAt, now, "due"));
    this.#write("failures", [String(failures)]);
    this.#write("retry", failures ? instant(retryAt, now, "due") : [NONE]);
    this.#write("idle", instant(idleDeadline, now, "due"));
    this.#write("hard", instant(endsAt, now, "due"));
    this.#write("online", [online ? "online" : "offline"]);
    this.#write("tabs", [tabs === 1 ? "this one" : String(tabs)]);
    mark(this.#values.get("failures"), "data-bad", String(failures > 0));
    mark(this.#values.get("online"), "data-bad", String(!online));
    mark(this.#values.get("token"), "data-bad", String(tokenExpiresAt !== null && tokenExpiresAt <= now));
  }

  /** @param {string} name @param {string[]} texts The value, and what stands beside it. */
  #write(name, [text, beside = ""]) {
    const value = this.#values.get(name);
    if (!value.firstChild) value.append(el("span"), el("small"));
    write(value.firstChild, text);
    write(value.lastChild, beside);
  }
}

/** @param {number | null} at @param {number} now @param {string} past */
function instant(at, now, past) {
  if (at === null) return [NONE];
  if (at <= now) return [past, at < now - 1000 ? `${span(now - at)} ago` : ""];
  return [countdown(at - now), clockTime(at)];
}

/** The state in large, in the head of the inspector. */
export class StatePill {
  element = el("p", { class: "state" });
  #text = el("span", { "data-part": "state" });
  #reason = el("span", { class: "reason", "data-part": "reason" });

  constructor() {
    this.element.append(el("span", { class: "sign", "aria-hidden": "true" }), this.#text, this.#reason);
  }

  /** @param {Pick<Snapshot, "state" | "reason"> & { idleWarning?: boolean }} snapshot @param {string} [instead] */
  show({ state, reason, idleWarning }, instead) {
    mark(this.element, "data-state", instead ? "none" : state);
    write(this.#text, instead ?? state);
    write(this.#reason, instead ? "" : reason ? because(reason) : idleWarning ? "idle warning" : "");
  }
}
