/** Milliseconds of each unit that a {@link Duration} may be written in. */
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The milliseconds of a duration, such as `1500`, `"30s"` or `"1.5h"`; NaN for anything else.
 *
 * @param {unknown} value
 * @returns {number}
 */
export function milliseconds(value) {
  const [, amount, unit] = (typeof value === "string" && /^(\d*\.?\d+)(ms|[smhd])$/.exec(value)) || [];
  const span = amount ? Number(amount) * UNITS[/** @type {keyof typeof UNITS} */ (unit)] : value;
  return typeof span === "number" && span >= 0 && span < Infinity ? span : NaN;
}
