// The colours of the style sheet, for what is painted.

const NAMES = /** @type {const} */ (["ground", "lane", "line", "edge", "ink", "quiet", "accent", "good", "token", "warn", "bad", "other", "device", "well"]);

/** @typedef {Record<typeof NAMES[number], string> & { sans: string, mono: string }} Palette */

/** @param {Element} element @returns {Palette} */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  const colours = NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return { ...Object.fromEntries(colours), sans: style.getPropertyValue("--sans"), mono: style.getPropertyValue("--mono") };
}
