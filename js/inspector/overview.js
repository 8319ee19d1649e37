import { FILLS } from "./shapes.js";
import { CLOSE, instants, spans } from "./walk.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./palette.js").Palette} Palette
 */

export const OVERVIEW_HEIGHT = 34;
/** It shows so much, at least. */
const LEAST_MS = 60_000;

/** What the overview covers. @param {number} first When the first row was. @param {number} now */
export function covered(first, now) {
  const spanMs = Math.max(LEAST_MS, (now - first) * 1.04);
  return { start: Math.min(first, now) - spanMs * 0.01, spanMs: spanMs * 1.03 };
}

/**
 * Everything there is, in one strip: the session's states, failed attempts, sleeps, and the window that the timeline shows.
 *
 * @param {CanvasRenderingContext2D} context @param {Palette} palette
 * @param {{ model: Model, width: number, start: number, spanMs: number, now: number, window: { start: number, spanMs: number } }} scene
 */
export function paintOverview(context, palette, { model, width, start, spanMs, now, window }) {
  const msPerPixel = spanMs / width;
  const x = (/** @type {number} */ time) => Math.min(width + 4, Math.max(-4, (time - start) / msPerPixel));
  const end = start + spanMs;
  const height = OVERVIEW_HEIGHT;
  context.fillStyle = palette.lane;
  context.fillRect(0, 0, width, height);
  const band = (/** @type {import("./series.js").Series} */ series, /** @type {string} */ look, /** @type {number} */ y, /** @type {number} */ thickness) => {
    for (const group of spans(series, start, end, CLOSE * msPerPixel)) {
      const from = x(group.start);
      FILLS[look](context, from, y, Math.max(1.5, x(Math.min(now, group.end)) - from), thickness, palette);
    }
  };
  band(model.sleeps, "sleep", 5, height - 10);
  band(model.active, "active", 14, 6);
  band(model.degraded, "degraded", 12, 10);
  band(model.offline, "offline", 24, 6);
  context.fillStyle = palette.bad;
  for (const { start: at } of instants(model.failures, start, end, 3 * msPerPixel)) context.fillRect(x(at), 4, 1.5, 6);
  context.fillStyle = palette.ink;
  for (const { start: at } of instants(model.ends, start, end, 3 * msPerPixel)) context.fillRect(x(at) - 1, 9, 2.5, 16);

  const [from, to] = [x(window.start), x(window.start + window.spanMs)];
  context.globalAlpha = 0.6;
  context.fillStyle = palette.ground;
  context.fillRect(0, 0, Math.max(0, from), height);
  context.fillRect(to, 0, Math.max(0, width - to), height);
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.strokeStyle = palette.accent;
  context.beginPath();
  context.roundRect(Math.max(1, from), 1, Math.max(6, Math.min(width - 1, to) - Math.max(1, from)), height - 2, 3);
  context.stroke();
}
