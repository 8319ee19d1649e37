/**
 * What is kept of a measurement: the median, and between which values the middle half lies.
 *
 * @typedef {{ median: number, low: number, high: number, count: number }} Summary
 */

export function summary(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { median: at(0.5), low: at(0.25), high: at(0.75), count: sorted.length };
}

export const quantile = (numbers, share) =>
  numbers.toSorted((one, other) => one - other)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];
