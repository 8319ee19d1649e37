import { el, mark, write } from "./dom.js";
import { Gestures } from "./gestures.js";
import { hit } from "./hit.js";
import { placed } from "./lanes.js";
import { Legend } from "./legend.js";
import { OVERVIEW_HEIGHT, covered, paintOverview } from "./overview.js";
import { Painter } from "./paint.js";
import { paletteOf } from "./palette.js";
import { summary, together } from "./summary.js";
import { DAY_MS, HOUR_MS, MINUTE_MS, exactTime } from "./time.js";
import { Tip } from "./tip.js";
import { View } from "./view.js";
import { sentence } from "./words.js";

/**
 * @typedef {import("./log.js").Log} Log
 * @typedef {import("./log.js").Row} Row
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./paint.js").Plans} Plans
 */

const RANGES = /** @type {const} */ ([
  [MINUTE_MS, "1 min"],
  [5 * MINUTE_MS, "5 min"],
  [15 * MINUTE_MS, "15 min"],
  [HOUR_MS, "1 h"],
  [6 * HOUR_MS, "6 h"],
  [DAY_MS, "24 h"],
]);
const ZOOM = 1.6;
const PAN = 0.2;
const KEYS = "Left and right arrows move in time, plus and minus zoom, Home goes to the beginning, End follows the present, up and down arrows go from entry to entry, Escape lets go of one.";

/** The picture of what happened, with its controls. */
export class Timeline {
  #host;
  #view = new View();
  #canvas = el("canvas", { class: "picture", "aria-hidden": "true" });
  #overview = el("canvas", { class: "overview", "aria-hidden": "true" });
  #tip = new Tip();
  #detail = el("p", { "aria-live": "polite" });
  #summary = el("p", { id: "summary" });
  /** What the picture says by paleness, for those who do not see it. */
  #together = el("p", { id: "together", class: "unseen" });
  #stage = el("div", {
    class: "stage",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "timeline",
    "aria-label": "Timeline of the session",
    "aria-describedby": "keys summary together",
  });
  #gestures = new Gestures(this.#stage, {
    place: () => this.#scene?.place,
    pan: (share) => this.#do((view, now) => view.pan(share, now, true)),
    // What follows the present goes on with it, unless two fingers hold something else.
    zoom: (factor, anchor, isPinch) =>
      this.#do((view, now) => view.zoom(view.spanMs * factor, now, view.isFollowing && !isPinch ? undefined : anchor, true)),
    click: (at) => this.#click(at),
    moved: () => this.#host.changed(),
  });
  #legend = new Legend();
  #follow = el("button", { type: "button", "aria-pressed": "true", "data-part": "follow" }, "Follow now");
  #ranges = el("div", { class: "ranges", role: "group", "aria-label": "Time shown" });
  element = el("section", { class: "timeline", "aria-labelledby": "timeline-title" });
  /** @type {import("./palette.js").Palette | undefined} */
  #palette;
  #width = 0;
  #scale = 1;
  /** @type {import("./paint.js").Scene | undefined} */
  #scene;
  /** @type {number | null} */
  #selected = null;

  /** @param {{ log: () => Log, model: () => Model, plans: () => Plans, changed: () => void, selected: (id: number | null) => void }} host */
  constructor(host) {
    this.#host = host;
    const button = (/** @type {string} */ label, /** @type {string} */ text, /** @type {() => void} */ act) => {
      const element = el("button", { type: "button", class: "icon", "aria-label": label, title: label }, text);
      element.addEventListener("click", act);
      return element;
    };
    for (const [ms, text] of RANGES) {
      const range = el("button", { type: "button", "aria-pressed": "false", "data-ms": ms }, text);
      range.addEventListener("click", () => this.#do((view, now) => view.zoom(ms, now)));
      this.#ranges.append(range);
    }
    this.#follow.addEventListener("click", () => this.#do((view, now) => view.follow(now)));
    const moves = el(
      "div",
      { class: "moves", role: "group", "aria-label": "Move and zoom" },
      button("Earlier", "◀", () => this.#do((view, now) => view.pan(-PAN, now))),
      button("Later", "▶", () => this.#do((view, now) => view.pan(PAN, now))),
      button("Zoom out", "−", () => this.#do((view, now) => view.zoom(view.spanMs * ZOOM, now))),
      button("Zoom in", "+", () => this.#do((view, now) => view.zoom(view.spanMs / ZOOM, now))),
    );
    this.#stage.append(this.#canvas, this.#tip.element);
    this.element.append(
      el("h3", { id: "timeline-title", class: "unseen" }, "Timeline"),
      el("div", { class: "tools" }, this.#ranges, moves, this.#follow),
      this.#stage,
      el("span", { class: "unseen", id: "keys" }, KEYS),
      this.#overview,
      el("div", { class: "told" }, this.#detail, this.#summary, this.#together),
      el("details", { class: "key" }, el("summary", {}, "Legend"), this.#legend.element),
    );
    this.#listen();
  }

  get #now() {
    return this.#host.log().now();
  }

  /** @param {(view: View, now: number) => void} change */
  #do(change) {
    this.#view.isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    change(this.#view, this.#now);
    this.#host.changed();
  }

  #listen() {
    this.#stage.addEventListener("keydown", (event) => this.#key(event));
    this.#overview.addEventListener("pointerdown", (event) => {
      this.#overview.setPointerCapture(event.pointerId);
      this.#lookAt(event);
    });
    this.#overview.addEventListener("pointermove", (event) => event.buttons && this.#lookAt(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, (view: View, now: number) => void>} */
    const acts = {
      ArrowLeft: (view, now) => view.pan(-PAN, now),
      ArrowRight: (view, now) => view.pan(PAN, now),
      "+": (view, now) => view.zoom(view.spanMs / ZOOM, now),
      "=": (view, now) => view.zoom(view.spanMs / ZOOM, now),
      "-": (view, now) => view.zoom(view.spanMs * ZOOM, now),
      Home: (view, now) => view.goTo((this.#host.log().rows[0]?.time ?? now) - view.spanMs * 0.05, now),
      End: (view, now) => view.follow(now),
      ArrowUp: () => this.#step(-1),
      ArrowDown: () => this.#step(1),
      Escape: () => (this.#tip.isShown ? this.#dismiss() : this.select(null)),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    this.#do(act);
  }

  /** Goes to the next row, or the one before; from nowhere, to the last in the window. @param {number} by */
  #step(by) {
    const log = this.#host.log();
    if (!log.rows.length) return;
    let id = log.end - 1;
    if (this.#selected !== null) id = Math.min(log.end - 1, Math.max(log.first, this.#selected + by));
    else {
      const { start, spanMs } = this.#view.goal(this.#now);
      while (id > log.first && log.row(id).time > start + spanMs) id--;
    }
    this.select(id);
  }

  /** Points out a row, and shows it; null lets go of it. @param {number | null} id */
  select(id) {
    if (id === this.#selected) return;
    this.#selected = id;
    const row = id === null ? undefined : this.#host.log().row(id);
    if (row) {
      const { start, spanMs } = this.#view.goal(this.#now);
      if (row.time < start || row.time > start + spanMs) this.#do((view, now) => view.show(row.time, now));
    }
    this.#summary.hidden = !!row;
    write(this.#detail, row ? `${exactTime(row.at)} · ${row.sequence === null ? "seen here" : `#${row.sequence}`} · ${sentence(row)}` : "");
    this.#host.selected(id);
    this.#host.changed();
  }

  /** @param {{ x: number, y: number }} at */
  #click({ x, y }) {
    const found = this.#scene && hit(this.#scene, x, y);
    if (!found || !this.#host.log().row(found.id)) return this.select(null);
    // Several are looked at more closely.
    if (found.count > 1) this.#do((view, now) => {
      view.isFollowing = false;
      view.show((found.start + Math.min(found.end, now)) / 2, now);
      view.zoom(Math.max(1000, (Math.min(found.end, now) - found.start) * 1.5), now, 0.5);
    });
    this.select(found.id);
  }

  /** Puts the tip away until the pointer moves. */
  #dismiss() {
    this.#gestures.pointer = undefined;
    this.#tip.hide();
  }

  /** @param {PointerEvent} event */
  #lookAt(event) {
    const { left, width } = this.#overview.getBoundingClientRect();
    const now = this.#now;
    const { start, spanMs } = covered(this.#host.log().rows[0]?.time ?? now, now);
    const time = start + ((event.clientX - left) / width) * spanMs;
    this.#do((view) => view.goTo(time - view.spanMs / 2, now));
  }

  /** Takes the room there is. Returns whether it is another than before. */
  resize() {
    const width = Math.floor(this.#stage.clientWidth);
    const scale = Math.min(3, globalThis.devicePixelRatio || 1);
    if (width === this.#width && scale === this.#scale) return false;
    this.#width = width;
    this.#scale = scale;
    const { height } = placed(width);
    for (const [canvas, tall] of /** @type {[HTMLCanvasElement, number][]} */ ([[this.#canvas, height], [this.#overview, OVERVIEW_HEIGHT]])) {
      canvas.width = Math.round(width * this.#scale);
      canvas.height = Math.round(tall * this.#scale);
    }
    this.#palette = undefined;
    return true;
  }

  /** The colours may be others. */
  repaint() {
    this.#palette = undefined;
    this.#host.changed();
  }

  /** How long until the picture of the present is another one, in milliseconds; nothing where it stands still. */
  get restlessMs() {
    return this.#view.isFollowing ? this.#view.spanMs / Math.max(200, this.#width) : Infinity;
  }

  /** Paints it. Returns whether it goes on moving. @param {number} at `performance.now()` */
  paint(at) {
    if (!this.#width) return false;
    if (!this.#palette) {
      this.#palette = paletteOf(this.element);
      this.#legend.paint(this.#palette, this.#scale);
    }
    const [log, model, plans] = [this.#host.log(), this.#host.model(), this.#host.plans()];
    const now = log.now();
    const window = this.#view.at(now, at);
    const selected = this.#selected === null ? null : (log.row(this.#selected)?.time ?? null);
    const reason = (/** @type {number} */ id) => String(log.row(id)?.detail.reason ?? "");
    this.#scene = { model, place: placed(this.#width), ...window, now, wall: (time) => log.wall(time), plans, selected, reason };

    const context = this.#context(this.#canvas);
    if (context) new Painter(context, this.#palette, this.#scene).paint();
    const strip = this.#context(this.#overview);
    if (strip) {
      const whole = covered(log.rows[0]?.time ?? now, now);
      paintOverview(strip, this.#palette, { model, width: this.#width, ...whole, now, window });
    }
    const isOver = !!this.#gestures.pointer && !this.#gestures.isDragging && this.#tip.show(this.#scene, this.#gestures.pointer, log);
    if (!isOver) this.#tip.hide();
    mark(this.#stage, "data-over", isOver ? "item" : "");
    this.#showControls();
    write(this.#summary, summary(this.#scene));
    return this.#view.isMoving;
  }

  /** Says what only looking shows, of what was painted last. Nobody is told of it unasked: once a second will do. */
  describe() {
    if (this.#scene) write(this.#together, together(this.#scene));
  }

  /** @param {HTMLCanvasElement} canvas */
  #context(canvas) {
    const context = canvas.getContext("2d");
    context?.setTransform(this.#scale, 0, 0, this.#scale, 0, 0);
    return context;
  }

  #showControls() {
    mark(this.#follow, "aria-pressed", `${this.#view.isFollowing}`);
    for (const range of this.#ranges.children) {
      const isIt = Math.abs(Number(range.getAttribute("data-ms")) - this.#view.spanMs) < 1;
      mark(range, "aria-pressed", `${isIt}`);
    }
  }
}
