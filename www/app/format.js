const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY_LONG = 24 * HOUR;

/** 14:03:22 */
export const clockTime = (instant) => CLOCK.format(instant);

/** 14:03:22.041 */
export const preciseTime = (instant) =>
  `${CLOCK.format(instant)}.${String(new Date(instant).getMilliseconds()).padStart(3, "0")}`;

/** The time of day, or the date where the instant is a day or more away. */
export const moment = (instant, now) =>
  Math.abs(instant - now) < DAY_LONG ? clockTime(instant) : DAY.format(instant);

/** A span in at most two units: 41 ms, 4.2 s, 48 s, 3 min 20 s, 7 h 5 min, 29 d 23 h. */
export function span(milliseconds) {
  const sign = milliseconds < 0 ? "−" : "";
  const ms = Math.abs(milliseconds);
  if (ms < SECOND) return `${sign}${Math.round(ms)} ms`;
  if (ms < 9.95 * SECOND) return `${sign}${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${sign}${Math.floor(ms / SECOND)} s`;
  const [large, largeName, small, smallName] =
    ms < HOUR ? [MINUTE, "min", SECOND, "s"] : ms < DAY_LONG ? [HOUR, "h", MINUTE, "min"] : [DAY_LONG, "d", HOUR, "h"];
  const rest = Math.floor((ms % large) / small);
  return `${sign}${Math.floor(ms / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ""}`;
}

/** A signed span and its uncertainty, in one unit where both are short: +312 ± 504 ms. */
export function range(value, uncertainty) {
  const sign = value < 0 ? "−" : "+";
  const size = Math.abs(value);
  const larger = Math.max(size, uncertainty);
  if (larger < SECOND) return `${sign}${Math.round(size)} ± ${Math.round(uncertainty)} ms`;
  if (larger < MINUTE) return `${sign}${(size / SECOND).toFixed(1)} ± ${(uncertainty / SECOND).toFixed(1)} s`;
  return `${sign}${span(size)} ± ${span(uncertainty)}`;
}

/** A span that counts down, in whole seconds below a minute: no digit flickers. */
export const countdown = (milliseconds) => {
  const ms = Math.max(0, milliseconds);
  return ms < MINUTE ? `${Math.ceil(ms / SECOND)} s` : span(ms);
};

/** Whole seconds in the words of a voice: 2 minutes, 1 minute 30 seconds. */
export const spoken = (seconds) =>
  [[Math.floor(seconds / 60), "minute"], [seconds % 60, "second"]]
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`)
    .join(" ");
