import { el, write } from "./dom.js";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, span } from "./time.js";
import { skewed } from "./words.js";

/** How far the gauge reaches to either side. */
const REACHES_MS = [SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS, 2 * DAY_MS, 30 * DAY_MS, 400 * DAY_MS];
export const SKEW_HEIGHT = 112;
const EDGE = 8;
/** Where the scale of the whole stands, and that of the interval. */
const FAR_Y = 24;
const NEAR_Y = 72;

/** How far the server's clock is from the device's: the interval in which the truth lies, and the middle of it. */
export class Skew {
  element = el("section", { class: "skew", "aria-labelledby": "skew-title" });
  #canvas = el("canvas", { "aria-hidden": "true" });
  #text = el("p", { "data-part": "skew" });
  #source = el("small");
  #width = 0;
  #drawn = "";

  constructor() {
    this.element.append(el("h3", { id: "skew-title" }, "Clock"), this.#canvas, this.#text, this.#source);
  }

  resize() {
    this.#width = this.#canvas.clientWidth;
    this.#drawn = "";
  }

  /** @param {import("../index.js").ClockEstimate} clock @param {import("./palette.js").Palette} palette */
  show({ skew, uncertainty, source }, palette) {
    write(this.#text, skewed(skew, uncertainty));
    write(this.#source, source === "none" ? "Nothing has told it." : `Learnt from ${source === "date" ? "the header Date" : "a token's iat"}.`);
    const drawn = [skew, uncertainty, this.#width, palette.ground].join();
    if (drawn === this.#drawn || !this.#width) return;
    this.#drawn = drawn;
    const scale = Math.min(3, globalThis.devicePixelRatio || 1);
    this.#canvas.width = Math.round(this.#width * scale);
    this.#canvas.height = SKEW_HEIGHT * scale;
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.scale(scale, scale);
    this.#paint(context, palette, skew, uncertainty);
  }

  /**
   * Two scales: where the server is from the device, and the interval itself, as large as there is room.
   *
   * @param {CanvasRenderingContext2D} context @param {import("./palette.js").Palette} palette @param {number} skew @param {number} uncertainty
   */
  #paint(context, palette, skew, uncertainty) {
    const isKnown = Number.isFinite(uncertainty);
    const needed = isKnown ? (Math.abs(skew) + uncertainty) * 1.1 : 0;
    const reach = REACHES_MS.find((ms) => ms >= needed) ?? needed;
    const middle = this.#width / 2;
    const x = (/** @type {number} */ ms) => middle + (ms / reach) * (middle - EDGE);
    context.lineWidth = 1;
    context.strokeStyle = palette.edge;
    context.beginPath();
    context.moveTo(EDGE, FAR_Y + 0.5);
    context.lineTo(this.#width - EDGE, FAR_Y + 0.5);
    for (let part = -4; part <= 4; part++) {
      const at = Math.round(x((part * reach) / 4)) + 0.5;
      const half = part % 4 ? 3 : 6;
      context.moveTo(at, FAR_Y - half);
      context.lineTo(at, FAR_Y + half);
    }
    context.stroke();
    context.font = `10.5px ${palette.mono}`;
    context.textBaseline = "alphabetic";
    const label = (/** @type {string} */ text, /** @type {number} */ at, /** @type {number} */ y, /** @type {CanvasTextAlign} */ align, colour = palette.quiet) => {
      context.textAlign = align;
      context.fillStyle = colour;
      context.fillText(text, at, y);
    };
    label(span(-reach), EDGE, FAR_Y - 11, "left");
    label("device", middle, FAR_Y - 11, "center");
    label(`+${span(reach)}`, this.#width - EDGE, FAR_Y - 11, "right");
    if (!isKnown) return;

    const [from, to] = [x(skew - uncertainty), x(skew + uncertainty)];
    const [left, right] = [this.#width * 0.16, this.#width * 0.84];
    context.beginPath();
    context.moveTo(from, FAR_Y + 7);
    context.lineTo(Math.max(to, from + 1), FAR_Y + 7);
    context.lineTo(right, NEAR_Y - 11);
    context.lineTo(left, NEAR_Y - 11);
    context.closePath();
    context.globalAlpha = 0.12;
    context.fillStyle = palette.accent;
    context.fill();
    context.globalAlpha = 1;
    context.fillRect(from, FAR_Y - 6, Math.max(3, to - from), 13);

    context.beginPath();
    context.roundRect(left, NEAR_Y - 11, right - left, 22, 4);
    context.globalAlpha = 0.22;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    context.strokeStyle = palette.accent;
    context.stroke();
    context.beginPath();
    context.moveTo(middle, NEAR_Y - 15);
    context.lineTo(middle, NEAR_Y + 15);
    context.lineWidth = 2.5;
    context.stroke();
    // As exact as the interval is wide.
    const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(1, uncertainty) / 100)));
    const signed = (/** @type {number} */ ms) => {
      const size = Math.abs(ms) < HOUR_MS ? `${(Math.abs(ms) / SECOND_MS).toFixed(Math.min(3, digits))} s` : span(Math.abs(ms));
      return `${ms < 0 ? "−" : "+"}${size}`;
    };
    label(signed(skew - uncertainty), left, NEAR_Y + 28, "center", palette.ink);
    label(signed(skew), middle, NEAR_Y + 28, "center", palette.ink);
    label(signed(skew + uncertainty), right, NEAR_Y + 28, "center", palette.ink);
  }
}
