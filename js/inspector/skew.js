import { el, write } from "./dom.js";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, span } from "./time.js";
import { skewed } from "./words.js";

/** How far the gauge reaches to either side. */
const REACHES_MS = [SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS, 2 * DAY_MS, 30 * DAY_MS, 400 * DAY_MS];
const HEIGHT = 58;
const EDGE = 8;

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
    this.#canvas.height = HEIGHT * scale;
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.scale(scale, scale);
    this.#paint(context, palette, skew, uncertainty);
  }

  /** @param {CanvasRenderingContext2D} context @param {import("./palette.js").Palette} palette @param {number} skew @param {number} uncertainty */
  #paint(context, palette, skew, uncertainty) {
    const isKnown = Number.isFinite(uncertainty);
    const needed = isKnown ? (Math.abs(skew) + uncertainty) * 1.15 : 0;
    const reach = REACHES_MS.find((ms) => ms >= needed) ?? needed;
    const middle = this.#width / 2;
    const x = (/** @type {number} */ ms) => middle + (ms / reach) * (middle - EDGE);
    const y = 24;
    context.lineWidth = 1;
    context.strokeStyle = palette.quiet;
    context.beginPath();
    context.moveTo(EDGE, y + 0.5);
    context.lineTo(this.#width - EDGE, y + 0.5);
    for (let part = -4; part <= 4; part++) {
      const at = Math.round(x((part * reach) / 4)) + 0.5;
      const half = part % 4 ? 3 : 6;
      context.moveTo(at, y - half);
      context.lineTo(at, y + half);
    }
    context.stroke();
    context.font = `10.5px ${palette.mono}`;
    context.fillStyle = palette.quiet;
    context.textBaseline = "top";
    const label = (/** @type {string} */ text, /** @type {number} */ at, /** @type {CanvasTextAlign} */ align) => {
      context.textAlign = align;
      context.fillText(text, at, y + 20);
    };
    label(span(-reach), EDGE, "left");
    label("device", middle, "center");
    label(`+${span(reach)}`, this.#width - EDGE, "right");
    if (!isKnown) return;
    const [from, to] = [x(skew - uncertainty), x(skew + uncertainty)];
    const width = Math.max(3, to - from);
    context.beginPath();
    context.roundRect(from, y - 8, width, 16, 4);
    context.globalAlpha = 0.28;
    context.fillStyle = palette.accent;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    context.strokeStyle = palette.accent;
    context.stroke();
    context.beginPath();
    context.moveTo(x(skew), y - 12);
    context.lineTo(x(skew), y + 12);
    context.lineWidth = 2.5;
    context.stroke();
    context.textAlign = x(skew) > middle ? "right" : "left";
    context.textBaseline = "alphabetic";
    context.fillStyle = palette.accent;
    context.fillText("server", x(skew) + (x(skew) > middle ? 2 : -2), y - 14);
  }
}
