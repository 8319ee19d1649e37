import { AXIS_HEIGHT } from "./lanes.js";
import { FILLS, SHAPES } from "./shapes.js";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, clockTime, tickTime } from "./time.js";
import { CLOSE, apart, instants, spans } from "./walk.js";

/**
 * @typedef {import("./shapes.js").Context} Context
 * @typedef {import("./palette.js").Palette} Palette
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./lanes.js").PlacedLane} PlacedLane
 *
 * @typedef {object} Plans What is expected, on the time line.
 * @property {number | null} renewal
 * @property {number | null} retry
 * @property {number | null} idle
 * @property {number | null} hard
 *
 * @typedef {object} Scene What is painted.
 * @property {Model} model
 * @property {ReturnType<typeof import("./lanes.js").placed>} place
 * @property {number} start The left edge, on the time line.
 * @property {number} spanMs
 * @property {number} now
 * @property {(time: number) => number} wall
 * @property {Plans} plans
 * @property {number | null} selected
 * @property {(id: number) => string} reason Of an end.
 */

const SIZE = 5;
/** The opacity of spans that are merged and last for hardly any of the time that they stand for. */
const FAINT = 0.25;
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  DAY_MS,
];

const compact = (/** @type {number} */ count) => (count < 1000 ? `${count}` : `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)}k`);

/** Paints a scene. */
export class Painter {
  #context;
  #palette;
  #scene;
  #msPerPixel;

  /** @param {Context} context @param {Palette} palette @param {Scene} scene */
  constructor(context, palette, scene) {
    this.#context = context;
    this.#palette = palette;
    this.#scene = scene;
    const { left, right } = scene.place;
    this.#msPerPixel = scene.spanMs / Math.max(1, right - left);
  }

  get #end() {
    return this.#scene.start + this.#scene.spanMs;
  }

  /** @param {number} time */
  #x(time) {
    const { place, start } = this.#scene;
    return place.left + (time - start) / this.#msPerPixel;
  }

  paint() {
    const { place } = this.#scene;
    const context = this.#context;
    context.fillStyle = this.#palette.ground;
    context.fillRect(0, 0, place.width, place.height);
    this.#ground();
    context.save();
    context.beginPath();
    context.rect(place.left, 0, place.right - place.left, place.height);
    context.clip();
    this.#ticks();
    for (const lane of place.lanes) this.#lane(lane);
    this.#planned();
    this.#selected();
    this.#now();
    context.restore();
    this.#names();
  }

  #ground() {
    const { place, now } = this.#scene;
    const context = this.#context;
    const x = Math.min(place.right, Math.max(place.left, this.#x(now)));
    for (const { top, height } of place.lanes) {
      context.fillStyle = this.#palette.lane;
      context.fillRect(place.left, top, place.right - place.left, height - 1);
      // What has not happened yet.
      context.fillStyle = this.#palette.well;
      context.fillRect(x, top, place.right - x, height - 1);
    }
  }

  #ticks() {
    const { start, wall, place } = this.#scene;
    const context = this.#context;
    const step = STEPS_MS.find((ms) => ms / this.#msPerPixel >= 72) ?? 2 * DAY_MS;
    const zone = new Date(wall(start)).getTimezoneOffset() * MINUTE_MS;
    const first = Math.ceil((wall(start) - zone) / step) * step + zone;
    context.font = `11px ${this.#palette.mono}`;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillStyle = this.#palette.quiet;
    context.strokeStyle = this.#palette.line;
    context.lineWidth = 1;
    context.beginPath();
    const offset = wall(0);
    for (let at = first; at <= wall(this.#end); at += step) {
      const x = Math.round(this.#x(at - offset)) + 0.5;
      context.moveTo(x, AXIS_HEIGHT - 6);
      context.lineTo(x, place.height);
      const text = tickTime(at, step);
      const half = context.measureText(text).width / 2;
      if (x - half >= place.left - 2 && x + half <= place.right + 2) context.fillText(text, x, AXIS_HEIGHT - 11);
    }
    context.stroke();
  }

  /** @param {PlacedLane} lane */
  #lane(lane) {
    const { model, start } = this.#scene;
    for (const layer of lane.spans) {
      const series = model[layer.series];
      for (const group of spans(/** @type {any} */ (series), start, this.#end, CLOSE * this.#msPerPixel)) {
        if (layer.series === "tokens") this.#token(lane, group);
        else this.#span(lane, layer, group, /** @type {any} */ (series).share(group.first, group.last, this.#scene.now));
      }
    }
    for (const layer of lane.shapes) this.#shapes(lane, layer);
  }

  /** @param {PlacedLane} lane @param {import("./lanes.js").Layer} layer @param {import("./walk.js").Group} group @param {number} share */
  #span({ middle, thickness }, { look, label }, group, share) {
    const { now } = this.#scene;
    const end = group.end === Infinity ? now : group.end;
    const [from, to] = [this.#inside(group.start), this.#inside(end)];
    const width = Math.max(2, to - from);
    // Of several that are too short to be told apart, the time between them is not theirs: they are as pale as they cover
    // little of it, and not said to last.
    const isOne = group.first === group.last;
    this.#context.globalAlpha = isOne ? 1 : FAINT + (1 - FAINT) * share;
    FILLS[look](this.#context, from, middle - thickness / 2, width, thickness, this.#palette);
    this.#context.globalAlpha = 1;
    const colours = look === "sleep" ? [this.#palette.ground, this.#palette.device] : [this.#palette.ink, this.#palette.lane];
    if (label && isOne) this.#text(label(end - group.start), from + 6, middle, width - 12, ...colours);
  }

  /** Tokens take turns in two rows, so that one is seen to come before the other lapses. @param {PlacedLane} lane @param {import("./walk.js").Group} group */
  #token({ middle, thickness }, { first, last }) {
    const { model, now } = this.#scene;
    const { tokens } = model;
    const context = this.#context;
    const half = thickness / 2 - 2;
    const isOne = first === last;
    const y = !isOne || (first + tokens.dropped) % 2 === 0 ? middle - half - 1 : middle + 1;
    const height = isOne ? half : 2 * half + 2;
    const lapse = tokens.ends[last];
    const used = Math.min(lapse, tokens.marks[last], Math.max(now, tokens.starts[last]));
    const [from, until, to] = [this.#inside(tokens.starts[first]), this.#inside(used), this.#inside(Math.min(lapse, used + 400 * DAY_MS))];
    if (isOne && to - until > 1) FILLS.spare(context, until, y, to - until, height, this.#palette);
    FILLS.token(context, from, y, Math.max(1.5, until - from), height, this.#palette);
  }

  /** @param {PlacedLane} lane @param {import("./lanes.js").Layer} layer */
  #shapes({ middle }, { series: name, look }) {
    const { model, start, reason } = this.#scene;
    const context = this.#context;
    const series = /** @type {import("./series.js").Series} */ (model[name]);
    const gapMs = apart(series, start, this.#end, this.#msPerPixel);
    for (const group of instants(series, start, this.#end, gapMs)) {
      const x = this.#x((group.start + group.end) / 2);
      const count = group.last - group.first + 1;
      // How long it took to get there.
      const began = this.#inside(series.marks[group.first]);
      if (count === 1 && x - began > SIZE) FILLS.attempt(context, began, middle - SIZE, x - began, 2 * SIZE, this.#palette);
      SHAPES[look](context, x, middle, SIZE, this.#palette);
      if (count > 1) this.#text(compact(count), x + SIZE + 2, middle, 26);
      else if (name === "ends") {
        const next = model.starts.from(group.end);
        const room = next < model.starts.length ? this.#x(model.starts.starts[next]) - x - 16 : 300;
        this.#text(reason(series.ids[group.first]), x + SIZE + 4, middle, room);
      }
    }
  }

  /** A text where there is room for it. @param {string} text @param {number} x @param {number} y @param {number} room @param {string} [colour] @param {string} [ground] */
  #text(text, x, y, room, colour = this.#palette.ink, ground = this.#palette.lane) {
    const context = this.#context;
    context.font = `500 10.5px ${this.#palette.sans}`;
    if (context.measureText(text).width > room) return;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = ground;
    context.strokeText(text, x, y + 0.5);
    context.fillStyle = colour;
    context.fillText(text, x, y + 0.5);
  }

  /** @param {number} time */
  #inside(time) {
    const { left, right } = this.#scene.place;
    return Math.min(right + 4, Math.max(left - 4, this.#x(time)));
  }

  #planned() {
    const { plans, place } = this.#scene;
    const { token, warn, bad } = this.#palette;
    for (const lane of place.lanes) {
      if (lane.name === "Session") this.#plan(plans.hard, "hard end", lane, bad);
      else if (lane.name === "Renewals") this.#plan(plans.renewal, "next renewal", lane, token);
      else if (lane.name === "Failures") this.#plan(plans.retry, "next try", lane, bad);
      else if (lane.name === "User") this.#plan(plans.idle, "idle end", lane, warn);
    }
  }

  /** What is to come: where it will be, or that it is further on. @param {number | null} time @param {string} text @param {PlacedLane} lane @param {string} colour */
  #plan(time, text, { middle, thickness }, colour) {
    const { now, wall, place } = this.#scene;
    const { right, left } = place;
    const present = this.#x(now);
    if (time === null || time < now || present > right) return;
    const context = this.#context;
    const x = Math.round(this.#x(time)) + 0.5;
    if (x > right) {
      const further = `${text} ${clockTime(wall(time)).slice(0, 5)} ▸`;
      context.font = `500 10.5px ${this.#palette.sans}`;
      const { width } = context.measureText(further);
      const from = right - width - 6;
      if (from > Math.max(left, present) + 6) this.#text(further, from, middle, width + 1, this.#palette.quiet, this.#palette.well);
      return;
    }
    if (x < left) return;
    context.beginPath();
    context.moveTo(x, middle - thickness / 2 - 4);
    context.lineTo(x, middle + thickness / 2 + 4);
    context.lineWidth = 2;
    context.strokeStyle = colour;
    context.setLineDash([4, 3]);
    context.stroke();
    context.setLineDash([]);
    this.#text(text, x + 6, middle, right - x - 8, this.#palette.ink, this.#palette.well);
  }

  #selected() {
    const { selected, place } = this.#scene;
    if (selected === null) return;
    const x = Math.round(this.#x(selected)) + 0.5;
    const context = this.#context;
    context.beginPath();
    context.moveTo(x, AXIS_HEIGHT - 6);
    context.lineTo(x, place.height);
    context.lineWidth = 1.5;
    context.strokeStyle = this.#palette.ink;
    context.setLineDash([1, 2]);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(x - 5, AXIS_HEIGHT - 8);
    context.lineTo(x + 5, AXIS_HEIGHT - 8);
    context.lineTo(x, AXIS_HEIGHT - 1);
    context.closePath();
    context.fillStyle = this.#palette.ink;
    context.fill();
  }

  #now() {
    const { now, place } = this.#scene;
    const x = Math.round(this.#x(now)) + 0.5;
    if (x < place.left || x > place.right) return;
    const context = this.#context;
    context.beginPath();
    context.moveTo(x, AXIS_HEIGHT - 8);
    context.lineTo(x, place.height);
    context.lineWidth = 1.5;
    context.strokeStyle = this.#palette.accent;
    context.stroke();
    context.font = `600 10.5px ${this.#palette.sans}`;
    const width = context.measureText("now").width + 12;
    context.beginPath();
    context.roundRect(x - width / 2, 2, width, 15, 7.5);
    context.fillStyle = this.#palette.accent;
    context.fill();
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = this.#palette.ground;
    context.fillText("now", x, 10);
    context.beginPath();
    context.moveTo(x, 17);
    context.lineTo(x, AXIS_HEIGHT - 8);
    context.stroke();
  }

  #names() {
    const { place } = this.#scene;
    const context = this.#context;
    context.font = `${place.isWide ? "500 12px" : "500 10.5px"} ${this.#palette.sans}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillStyle = this.#palette.quiet;
    for (const { name, label } of place.lanes) context.fillText(name, label.x, label.y);
  }
}
