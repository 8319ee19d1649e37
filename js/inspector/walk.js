// What of a series is seen: as it is where there is room, and otherwise what stands close together as one.

/** @typedef {import("./series.js").Series} Series */

/**
 * What is drawn as one thing.
 * @typedef {object} Group
 * @property {number} first Its first place in the series.
 * @property {number} last
 * @property {number} start
 * @property {number} end
 */

/**
 * Groups of instants within a window, at most one in each `gapMs`. The groups are those of a grid that does not move
 * with the window, so that nothing flickers.
 *
 * @param {Series} series @param {number} start @param {number} end @param {number} gapMs
 * @returns {Generator<Group, void>}
 */
export function* instants(series, start, end, gapMs) {
  let first = series.from(start - gapMs);
  while (first < series.length && series.starts[first] <= end) {
    const next = series.from((Math.floor(series.starts[first] / gapMs) + 1) * gapMs, first + 1);
    const last = Math.max(first, next - 1);
    yield { first, last, start: series.starts[first], end: series.starts[last] };
    first = last + 1;
  }
}

/** Spans closer together than this are one, in pixels. */
export const CLOSE = 3;

/**
 * Spans within a window, where those shorter than `gapMs` that follow each other are one.
 *
 * @param {Series} series @param {number} start @param {number} end @param {number} gapMs @param {number} [before] So
 *   many that began earlier may reach into the window.
 * @returns {Generator<Group, void>}
 */
export function* spans(series, start, end, gapMs, before = 2) {
  /** @type {Group | undefined} */
  let held;
  let first = Math.max(0, series.from(start) - before);
  while (first < series.length && series.starts[first] <= end) {
    const next = series.from((Math.floor(series.starts[first] / gapMs) + 1) * gapMs, first + 1);
    const last = Math.max(first, next - 1);
    const group = { first, last, start: series.starts[first], end: series.ends[last] };
    first = last + 1;
    if (group.end < start) continue;
    const isShort = group.last > group.first || group.end - group.start < gapMs;
    if (held && isShort && group.start - held.end < gapMs && held.last > held.first) {
      held.last = group.last;
      held.end = group.end;
      continue;
    }
    if (held) yield held;
    held = group;
  }
  if (held) yield held;
}

/** How far apart shapes are at least, in pixels; and where there are too many of them, with how many they are. */
const APART = 12;
const COUNTED_APART = 34;

/**
 * The gap of a series of shapes in a window.
 *
 * @param {Series} series @param {number} start @param {number} end @param {number} msPerPixel
 */
export function apart(series, start, end, msPerPixel) {
  const count = series.from(end) - series.from(start);
  return (count > (end - start) / msPerPixel / COUNTED_APART ? COUNTED_APART : APART) * msPerPixel;
}
