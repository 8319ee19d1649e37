// What stands in which lane, from top to bottom.

/**
 * @typedef {keyof import("./model.js").Model} Name The name of a series.
 *
 * @typedef {object} Layer Of shapes at instants, or of spans.
 * @property {Name} series
 * @property {string} look A name in `SHAPES` or `FILLS`.
 * @property {string} one What one of it is.
 * @property {string} many What more of it are.
 * @property {(ms: number) => string} [label] What stands in a span that has room for it.
 *
 * @typedef {object} Lane
 * @property {string} name
 * @property {number} height CSS pixels.
 * @property {number} thickness Of its spans.
 * @property {Layer[]} spans
 * @property {Layer[]} shapes
 */

import { span } from "./time.js";

export const AXIS_HEIGHT = 30;
const PADDING = 4;
/** Lanes that have no room for names beside them have them above. */
const NAME_HEIGHT = 13;
const WIDE = 560;
const GUTTER = 82;
const EDGE = 8;

/** @type {Lane[]} */
export const LANES = [
  {
    name: "Session",
    height: 28,
    thickness: 12,
    spans: [
      { series: "starting", look: "starting", one: "starting", many: "times starting" },
      { series: "active", look: "active", one: "active", many: "times active" },
      { series: "degraded", look: "degraded", one: "degraded", many: "times degraded", label: (ms) => `degraded ${span(ms)}` },
    ],
    shapes: [
      { series: "endings", look: "ending", one: "hard end near", many: "times the hard end near" },
      { series: "starts", look: "start", one: "start", many: "starts" },
      { series: "ends", look: "end", one: "end", many: "ends" },
    ],
  },
  {
    name: "Token",
    height: 38,
    thickness: 28,
    spans: [{ series: "tokens", look: "token", one: "access token", many: "access tokens" }],
    shapes: [],
  },
  {
    name: "Renewals",
    height: 28,
    thickness: 12,
    spans: [],
    shapes: [
      { series: "adoptions", look: "adoption", one: "renewal by another tab", many: "renewals by other tabs" },
      { series: "upgrades", look: "upgrade", one: "new sign-in", many: "new sign-ins" },
      { series: "renewals", look: "renewal", one: "renewal", many: "renewals" },
    ],
  },
  {
    name: "Failures",
    height: 28,
    thickness: 12,
    spans: [{ series: "backoffs", look: "backoff", one: "backoff", many: "backoffs" }],
    shapes: [{ series: "failures", look: "failure", one: "failed attempt", many: "failed attempts" }],
  },
  {
    name: "User",
    height: 28,
    thickness: 16,
    spans: [{ series: "warnings", look: "warning", one: "idle warning", many: "idle warnings" }],
    shapes: [
      { series: "stepUps", look: "stepUp", one: "step-up wanted", many: "times step-up wanted" },
      { series: "extensions", look: "extension", one: "answer to a warning", many: "answers to warnings" },
    ],
  },
  {
    name: "Device",
    height: 30,
    thickness: 18,
    spans: [
      { series: "hidden", look: "hidden", one: "page hidden", many: "times hidden", label: (ms) => `hidden ${span(ms)}` },
      { series: "offline", look: "offline", one: "offline", many: "times offline", label: (ms) => `offline ${span(ms)}` },
      { series: "sleeps", look: "sleep", one: "sleep", many: "sleeps", label: (ms) => `asleep ${span(ms)}` },
    ],
    shapes: [{ series: "clockSets", look: "clockSet", one: "clock set", many: "times the clock was set" }],
  },
  {
    name: "Notices",
    height: 28,
    thickness: 12,
    spans: [],
    shapes: [
      { series: "replays", look: "replay", one: "request sent again", many: "requests sent again" },
      { series: "notices", look: "notice", one: "notice", many: "notices" },
      { series: "refusals", look: "refusal", one: "token or request refused", many: "tokens or requests refused" },
      { series: "gaps", look: "gap", one: "gap in the history", many: "gaps in the history" },
    ],
  },
];

/** @typedef {Lane & { top: number, middle: number, label: { x: number, y: number } }} PlacedLane */

/** Where everything stands at a width. @param {number} width CSS pixels. */
export function placed(width) {
  const isWide = width >= WIDE;
  const left = isWide ? GUTTER : EDGE;
  let y = AXIS_HEIGHT;
  /** @type {PlacedLane[]} */
  const lanes = [];
  for (const lane of LANES) {
    const above = isWide ? 0 : NAME_HEIGHT;
    const height = lane.height + PADDING;
    const middle = y + above + height / 2;
    lanes.push({ ...lane, top: y, height: height + above, middle, label: isWide ? { x: 0, y: middle } : { x: EDGE, y: y + 8 } });
    y += height + above;
  }
  return { isWide, left, right: width - EDGE, width, height: y + 2, lanes };
}

/** The heights of the picture, narrow and wide, which the style sheet keeps free for it. */
export const HEIGHTS = { narrow: placed(0).height, wide: placed(WIDE).height, from: WIDE };
