import { share } from "./hit.js";
import { clockTime, span } from "./time.js";
import { CLOSE, spans } from "./walk.js";

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

/** Says in a sentence what a window shows. @param {import("./paint.js").Scene} scene */
export function summary({ model, start, spanMs, wall }) {
  const end = start + spanMs;
  const told = TOLD.flatMap(([name, one, many]) => {
    const series = /** @type {import("./series.js").Series} */ (model[name]);
    const count = series.from(end) - series.from(start);
    return count ? [`${count.toLocaleString("en")} ${count === 1 ? one : many}`] : [];
  });
  return `${span(spanMs)} from ${clockTime(wall(start)).slice(0, 5)}: ${told.join(", ") || "nothing happened"}.`;
}

/**
 * Says in a sentence which spans of a window are drawn as one, and how much of the time that they are drawn over they
 * last: what the picture has paleness for. Nothing where each is drawn by itself.
 *
 * @param {Pick<import("./paint.js").Scene, "model" | "place" | "start" | "spanMs" | "now">} scene
 */
export function together({ model, place, start, spanMs, now }) {
  const closeMs = (CLOSE * spanMs) / Math.max(1, place.right - place.left);
  const told = place.lanes.flatMap((lane) =>
    lane.spans.flatMap(({ series: name, many }) => {
      const series = /** @type {import("./series.js").Series} */ (model[name]);
      let [count, lasting, whole] = [0, 0, 0];
      for (const { first, last, start: from, end } of spans(series, start, start + spanMs, closeMs)) {
        if (first === last) continue;
        const stretch = Math.min(end, now) - from;
        count += last - first + 1;
        lasting += stretch * series.share(first, last, now);
        whole += stretch;
      }
      return count ? [`${count.toLocaleString("en")} ${many}, for ${share(whole > 0 ? lasting / whole : 1)}`] : [];
    }),
  );
  return told.length ? `Drawn together: ${told.join("; ")}.` : "";
}
