import { clockTime, span } from "./time.js";

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
