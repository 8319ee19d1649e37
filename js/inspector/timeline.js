import { el, mark, write } from "./dom.js";
import { hit, lasting } from "./hit.js";
import { placed } from "./lanes.js";
import { Legend } from "./legend.js";
import { OVERVIEW_HEIGHT, covered, paintOverview } from "./overview.js";
import { Painter } from "./paint.js";
import { paletteOf } from "./palette.js";
import { DAY_MS, HOUR_MS, MINUTE_MS, clockTime, exactTime, span } from "./time.js";
import { View } from "./view.js";
import { because, sentence } from "./words.js";

/**
 * @typedef {import("./log.js").Log} Log
 * @typedef {import("./log.js").Row} Row
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./paint.js").Plans} Plans
 * @typedef {import("./hit.js").Hit} Hit
 */

const RANGES = /** @type {const} */ ([
  [MINUTE_MS, "1 min", "1 minute"],
  [5 * MINUTE_MS, "5 min", "5 minutes"],
  [15 * MINUTE_MS, "15 min", "15 minutes"],
  [HOUR_MS, "1 h", "1 hour"],
  [6 * HOUR_MS, "6 h", "6 hours"],
  [DAY_MS, "24 h", "24 hours"],
]);
/** What the window is summed up by. @type {[import("./lanes.js").Name, string, string][]} */
const TOLD = [
  ["starts", "start", "starts"],
  ["renewals", "renewal by this tab", "renewals by this tab"],
  ["adoptions", "renewal by another tab", "renewals by other tabs"],
  ["failures", "failed attempt", "failed attempts"],
  ["degraded", "time without a usable token", "times without a usable token"],
  ["sleeps", "sleep", "sleeps"],
  ["clockSets", "time the clock was set", "times the clock was set"],
  ["warnings", "idle warning", "idle warnings"],
  ["stepUps", "step-up wanted", "step-ups wanted"],
  ["gaps", "gap in the history", "gaps in the history"],
  ["ends", "end", "ends"],
];
const ZOOM = 1.6;
const PAN = 0.2;
/** A turn of the wheel that doubles what is shown, in its pixels. */
const WHEEL_PX = 300;
const KEYS = "Left and right arrows move in time, plus and minus zoom, Home goes to the beginning, End follows the present, up and down arrows go from entry to entry, Escape lets go of one.";

/**
 * The picture of what happened, with its controls.
 *
 * @param {{ log: () => Log, model: () => Model, plans: () => Plans, changed: () => void, selected: (id: number | null) => void }} host
 */
export class Timeline {
  #host;
  #view = new View();
  #canvas = el("canvas", { class: "picture", "aria-hidden": "true" });
  #overview = el("canvas", { class: "overview", "aria-hidden": "true" });
  #tip = el("div", { class: "tip", "aria-hidden": "true", hidden: true });
  #detail = el("p", { "aria-live": "polite" });
  #summary = el("p", { id: "summary" });
  #stage = el("div", {
    class: "stage",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "timeline",
    "aria-label": "Timeline of the session",
    "aria-describedby": "keys summary",
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
  /** @type {{ x: number, y: number } | undefined} */
  #pointer;
  /** @type {number | null} */
  #selected = null;
  /** Pointers that are down, and where. @type {Map<number, number>} */
  #down = new Map();

  /** @param {ConstructorParameters<typeof Timeline> extends never ? never : any} host */
  constructor(host) {
    this.#host = host;
    const button = (/** @type {string} */ label, /** @type {string} */ text, /** @type {() => void} */ act) => {
      const element = el("button", { type: "button", class: "icon", "aria-label": label, title: label }, text);
      element.addEventListener("click", act);
      return element;
    };
    for (const [ms, short, long] of RANGES) {
      const range = el("button", { type: "button", "aria-label": long, "aria-pressed": "false", "data-ms": ms }, short);
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
    this.#stage.append(this.#canvas, this.#tip);
    this.element.append(
      el("h3", { id: "timeline-title", class: "unseen" }, "Timeline"),
      el("div", { class: "tools" }, this.#ranges, moves, this.#follow),
      this.#stage,
      el("span", { class: "unseen", id: "keys" }, KEYS),
      this.#overview,
      el("div", { class: "told" }, this.#detail, this.#summary),
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
    const stage = this.#stage;
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.#down.set(event.pointerId, event.clientX);
      this.#pointer = this.#at(event);
      stage.setPointerCapture(event.pointerId);
    });
    stage.addEventListener("pointermove", (event) => this.#moved(event));
    const up = (/** @type {PointerEvent} */ event) => {
      const began = this.#down.get(event.pointerId);
      this.#down.delete(event.pointerId);
      delete stage.dataset.dragging;
      if (event.type === "pointerup" && began !== undefined && !this.#dragged) this.#click(event);
      if (!this.#down.size) this.#dragged = false;
    };
    stage.addEventListener("pointerup", up);
    stage.addEventListener("pointercancel", up);
    stage.addEventListener("pointerleave", () => {
      this.#pointer = undefined;
      this.#hideTip();
    });
    this.#overview.addEventListener("pointerdown", (event) => {
      this.#overview.setPointerCapture(event.pointerId);
      this.#lookAt(event);
    });
    this.#overview.addEventListener("pointermove", (event) => event.buttons && this.#lookAt(event));
  }

  #dragged = false;

  /** @param {MouseEvent} event */
  #at(event) {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    this.#pointer = this.#at(event);
    const before = this.#down.get(event.pointerId);
    const { place } = this.#scene ?? {};
    if (before !== undefined && place) {
      const by = event.clientX - before;
      if (!this.#dragged && Math.abs(by) < 4) return;
      const width = place.right - place.left;
      const others = [...this.#down].filter(([id]) => id !== event.pointerId);
      if (others.length) {
        // Two fingers: the distance between them zooms.
        const [, other] = others[0];
        const ratio = Math.abs(before - other) / Math.max(8, Math.abs(event.clientX - other));
        const anchor = (this.#pointer.x - place.left) / width;
        this.#do((view, now) => view.zoom(view.spanMs * ratio, now, anchor, true));
      } else this.#do((view, now) => view.pan(-by / width, now, true));
      this.#dragged = true;
      this.#stage.dataset.dragging = "";
      this.#down.set(event.pointerId, event.clientX);
    }
    this.#host.changed();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const { place } = this.#scene ?? {};
    if (!place) return;
    const isZoom = event.ctrlKey || event.metaKey || event.altKey;
    const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
    const isPan = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!isZoom && !isPan) return;
    event.preventDefault();
    const unit = event.deltaMode ? 20 : 1;
    const width = place.right - place.left;
    if (isPan && !isZoom) return this.#do((view, now) => view.pan((sideways * unit) / width, now, true));
    const anchor = this.#view.isFollowing ? undefined : (this.#at(event).x - place.left) / width;
    this.#do((view, now) => view.zoom(view.spanMs * 2 ** ((event.deltaY * unit) / WHEEL_PX), now, anchor, true));
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
      Escape: () => (this.#tip.hidden ? this.select(null) : this.#hideTip()),
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
    else if (this.#scene) {
      const end = this.#scene.start + this.#scene.spanMs;
      while (id > log.first && log.row(id).time > end) id--;
    }
    this.select(id);
  }

  /** Points out a row, and shows it; null lets go of it. @param {number | null} id */
  select(id) {
    if (id === this.#selected) return;
    this.#selected = id;
    const row = id === null ? undefined : this.#host.log().row(id);
    if (row && this.#scene) {
      const { start, spanMs } = this.#scene;
      if (row.time < start || row.time > start + spanMs) this.#do((view, now) => view.show(row.time, now));
    }
    this.#summary.hidden = !!row;
    write(this.#detail, row ? `${exactTime(row.at)} · ${row.sequence === null ? "seen here" : `#${row.sequence}`} · ${sentence(row)}` : "");
    this.#host.selected(id);
    this.#host.changed();
  }

  /** @param {PointerEvent} event */
  #click(event) {
    const { x, y } = this.#at(event);
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

  /** @param {PointerEvent} event */
  #lookAt(event) {
    const { left, width } = this.#overview.getBoundingClientRect();
    const now = this.#now;
    const { start, spanMs } = covered(this.#host.log().rows[0]?.time ?? now, now);
    const time = start + ((event.clientX - left) / width) * spanMs;
    this.#do((view) => view.goTo(time - view.spanMs / 2, now));
  }

  #hideTip() {
    this.#tip.hidden = true;
    mark(this.#stage, "data-over", "");
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
    const reason = (/** @type {number} */ id) => because(log.row(id)?.detail.reason);
    this.#scene = { model, place: placed(this.#width), ...window, now, wall: (time) => log.wall(time), plans, selected, reason };

    const context = this.#context(this.#canvas);
    if (context) new Painter(context, this.#palette, this.#scene).paint();
    const strip = this.#context(this.#overview);
    if (strip) {
      const whole = covered(log.rows[0]?.time ?? now, now);
      paintOverview(strip, this.#palette, { model, width: this.#width, ...whole, now, window });
    }
    this.#showTip();
    this.#showControls();
    this.#describe();
    return this.#view.isMoving;
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

  #showTip() {
    const scene = this.#scene;
    const pointer = this.#pointer;
    if (!scene || !pointer || this.#dragged) return this.#hideTip();
    const found = hit(scene, pointer.x, pointer.y);
    if (!found) return this.#hideTip();
    mark(this.#stage, "data-over", "item");
    const log = this.#host.log();
    const row = log.row(found.id);
    const when = found.end === found.start || found.end === Infinity
      ? clockTime(scene.wall(found.start))
      : `${clockTime(scene.wall(found.start))} – ${clockTime(scene.wall(found.end))}`;
    const how = lasting(found, scene.now);
    this.#tip.replaceChildren(
      el("strong", {}, found.what),
      el("span", { class: "when" }, how ? `${when}, ${how}` : when),
      ...(row && found.count === 1 ? [el("span", {}, sentence(row))] : []),
    );
    this.#tip.hidden = false;
    const { offsetWidth, offsetHeight } = this.#tip;
    const x = Math.min(scene.place.width - offsetWidth - 4, Math.max(4, pointer.x - offsetWidth / 2));
    const below = found.lane.top + found.lane.height + 4;
    const y = below + offsetHeight > scene.place.height ? found.lane.top - offsetHeight - 4 : below;
    this.#tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  /** Says in words what the window shows. */
  #describe() {
    const scene = this.#scene;
    if (!scene) return;
    const { model, start, spanMs, wall } = scene;
    const end = start + spanMs;
    const told = TOLD.flatMap(([name, one, many]) => {
      const series = /** @type {import("./series.js").Series} */ (model[name]);
      const count = series.from(end) - series.from(start);
      return count ? [`${count.toLocaleString("en")} ${count === 1 ? one : many}`] : [];
    });
    write(this.#summary, `${span(spanMs)} from ${clockTime(wall(start)).slice(0, 5)}: ${told.join(", ") || "nothing happened"}.`);
  }
}
