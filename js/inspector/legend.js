import { el } from "./dom.js";
import { FILLS, SHAPES } from "./shapes.js";

/** What each shape and pattern means. @type {[keyof typeof SHAPES | keyof typeof FILLS, string][]} */
const MEANINGS = [
  ["active", "active"],
  ["degraded", "degraded: the token has lapsed, retries go on"],
  ["starting", "starting"],
  ["start", "start"],
  ["end", "end"],
  ["ending", "hard end near"],
  ["token", "access token in use"],
  ["spare", "its lifetime that was not, or not yet, used"],
  ["renewal", "renewal by this tab, with the time it took"],
  ["adoption", "renewal by another tab"],
  ["upgrade", "new sign-in goes on with the session"],
  ["failure", "failed attempt"],
  ["backoff", "pause until the next"],
  ["warning", "idle warning, running out"],
  ["extension", "answered"],
  ["stepUp", "step-up wanted"],
  ["hidden", "page hidden"],
  ["offline", "offline"],
  ["sleep", "device asleep"],
  ["clockSet", "clock set"],
  ["replay", "request sent again"],
  ["refusal", "token or request refused"],
  ["notice", "notice"],
  ["gap", "gap in the sequence"],
];

const WIDTH = 26;
const HEIGHT = 14;

/** The list of what the timeline shows; its pictures are painted like the timeline itself. */
export class Legend {
  #pictures = new Map();
  element = el("ul", { class: "legend" });

  constructor() {
    for (const [look, meaning] of MEANINGS) {
      const canvas = el("canvas", { "aria-hidden": "true" });
      this.#pictures.set(look, canvas);
      this.element.append(el("li", {}, canvas, el("span", {}, meaning)));
    }
  }

  /** @param {import("./palette.js").Palette} palette @param {number} scale Device pixels to one of the style sheet. */
  paint(palette, scale) {
    for (const [look, canvas] of this.#pictures) {
      canvas.width = WIDTH * scale;
      canvas.height = HEIGHT * scale;
      const context = canvas.getContext("2d");
      if (!context) return;
      context.scale(scale, scale);
      const own = { ...palette, lane: palette.ground };
      if (look === "renewal") FILLS.attempt(context, 3, 2, WIDTH / 2 - 3, HEIGHT - 4, own);
      if (look in SHAPES) SHAPES[look](context, WIDTH / 2, HEIGHT / 2, 5, own);
      else FILLS[look](context, 1, 1, WIDTH - 2, HEIGHT - 2, own);
    }
  }
}
