// Instants and spans as they are shown: of the device's clock, in 24 hours.

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const two = (/** @type {number} */ number) => String(number).padStart(2, "0");

/** Such as 14:03:09. @param {number} instant */
export function clockTime(instant) {
  const date = new Date(instant);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Such as 14:03, or 27 Nov where a day begins. @param {number} instant @param {number} stepMs */
export function tickTime(instant, stepMs) {
  const date = new Date(instant);
  if (date.getHours() + date.getMinutes() + date.getSeconds() === 0) {
    return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  }
  return stepMs < MINUTE_MS ? clockTime(instant) : clockTime(instant).slice(0, 5);
}

/** Such as 2026-11-27 14:03:09.041. @param {number} instant */
export function exactTime(instant) {
  const date = new Date(instant);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${clockTime(instant)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Such as 41 ms, 2.4 s, 14 min 3 s, 8 h, 3 d 4 h. @param {number} ms */
export function span(ms) {
  const sign = ms < 0 ? "−" : "";
  const size = Math.abs(ms);
  if (size < SECOND_MS) return `${sign}${Math.round(size)} ms`;
  if (size < 10 * SECOND_MS) return `${sign}${(Math.floor(size / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(size / SECOND_MS);
  if (size < MINUTE_MS) return `${sign}${seconds} s`;
  const parts =
    size < HOUR_MS
      ? [Math.floor(seconds / 60), "min", seconds % 60, "s"]
      : size < DAY_MS
        ? [Math.floor(seconds / 3600), "h", Math.floor(seconds / 60) % 60, "min"]
        : [Math.floor(seconds / 86_400), "d", Math.floor(seconds / 3600) % 24, "h"];
  return `${sign}${parts.slice(0, parts[2] ? 4 : 2).join(" ")}`;
}

/** Such as 0:09, 14:03 or 8:14:03, for what counts down. @param {number} ms */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / SECOND_MS));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
