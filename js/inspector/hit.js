import { span } from "./time.js";
import { CLOSE, apart, instants, spans } from "./walk.js";

/**
 * @typedef {import("./paint.js").Scene} Scene
 * @typedef {import("./lanes.js").PlacedLane} PlacedLane
 *
 * What stands at a place of the picture.
 * @typedef {object} Hit
 * @property {number} id Of the row that told of it; of several, of the first.
 * @property {number} count
 * @property {string} what
 * @property {number} start On the time line.
 * @property {number} end Infinite for what goes on.
 * @property {number} [share] Of spans, how much of the time from start to end they last.
 * @property {PlacedLane} lane
 */

/** So far beside of a shape it is still meant, in pixels. */
const REACH = 10;

/**
 * What stands at a place: of shapes the nearest, else the span.
 *
 * @param {Scene} scene @param {number} x @param {number} y
 * @returns {Hit | undefined}
 */
export function hit({ place, model, start, spanMs, now }, x, y) {
  const lane = place.lanes.find(({ top, height }) => y >= top && y < top + height);
  if (!lane || x < place.left || x > place.right) return undefined;
  const msPerPixel = spanMs / (place.right - place.left);
  const time = start + (x - place.left) * msPerPixel;
  const end = start + spanMs;
  /** @type {Hit | undefined} */
  let found;
  let nearest = REACH * msPerPixel;
  for (const layer of lane.shapes) {
    const series = /** @type {import("./series.js").Series} */ (model[layer.series]);
    for (const group of instants(series, time - 4 * nearest, time + 4 * nearest, apart(series, start, end, msPerPixel))) {
      const away = Math.abs((group.start + group.end) / 2 - time);
      if (away > nearest) continue;
      nearest = away;
      const count = group.last - group.first + 1;
      found = { id: series.ids[group.first], count, what: named(layer, count), start: group.start, end: group.end, lane };
    }
  }
  if (found) return found;
  for (const layer of lane.spans) {
    const series = /** @type {import("./series.js").Series} */ (model[layer.series]);
    for (const group of spans(series, time, time + 2 * msPerPixel, CLOSE * msPerPixel)) {
      const until = group.end === Infinity ? now : group.end;
      if (time < group.start - 2 * msPerPixel || time > until + 2 * msPerPixel) continue;
      const count = group.last - group.first + 1;
      found = { id: series.ids[group.last], count, what: named(layer, count), start: group.start, end: group.end, share: series.share(group.first, group.last, now), lane };
    }
  }
  return found;
}

/** @param {import("./lanes.js").Layer} layer @param {number} count */
const named = ({ one, many }, count) => (count === 1 ? one : `${count.toLocaleString("en")} ${many}`);

/** How much of the time from the first to the last of several spans they last, in words. @param {number} part */
export const share = (part) => (part < 0.01 ? "less than 1% of that time" : `${Math.round(100 * part)}% of that time`);

/** How long a hit lasts, in words; nothing for an instant. @param {Hit} hit @param {number} now */
export function lasting({ start, end, count, share: part }, now) {
  // Several do not last for as long as from the first to the last.
  if (count > 1 && part !== undefined) return share(part);
  if (end === start || count > 1) return "";
  return end === Infinity ? `for ${span(now - start)} so far` : `for ${span(end - start)}`;
}
