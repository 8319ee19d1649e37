import { el } from "./dom.js";
import { hit, lasting } from "./hit.js";
import { clockTime } from "./time.js";
import { sentence } from "./words.js";

/** What stands at the pointer, beside it. The history and the descriptions of the timeline have the same for those who do not see it. */
export class Tip {
  element = el("div", { class: "tip", "aria-hidden": "true", hidden: true });

  get isShown() {
    return !this.element.hidden;
  }

  hide() {
    this.element.hidden = true;
  }

  /** Returns whether there is something. @param {import("./paint.js").Scene} scene @param {{ x: number, y: number }} pointer @param {import("./log.js").Log} log */
  show(scene, pointer, log) {
    const found = hit(scene, pointer.x, pointer.y);
    this.element.hidden = !found;
    if (!found) return false;
    const row = found.count === 1 ? log.row(found.id) : undefined;
    const from = clockTime(scene.wall(found.start));
    const isSpan = found.end !== found.start && found.end !== Infinity;
    const when = isSpan ? `${from} – ${clockTime(scene.wall(found.end))}` : from;
    const how = lasting(found, scene.now);
    this.element.replaceChildren(
      el("strong", {}, found.what),
      el("span", { class: "when" }, how ? `${when}, ${how}` : when),
      ...(row ? [el("span", {}, sentence(row))] : []),
    );
    const { offsetWidth, offsetHeight } = this.element;
    const x = Math.min(scene.place.width - offsetWidth - 4, Math.max(4, pointer.x - offsetWidth / 2));
    const below = found.lane.top + found.lane.height + 4;
    const y = below + offsetHeight > scene.place.height ? found.lane.top - offsetHeight - 4 : below;
    this.element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    return true;
  }
}
