/** A turn of the wheel that doubles what is shown, in its pixels. */
const WHEEL_PX = 300;
/** A pointer that moves no further is a click. */
const STILL_PX = 4;

/**
 * What wheels, mice and fingers do to the timeline.
 *
 * @typedef {object} Moves
 * @property {() => { left: number, right: number } | undefined} place Where time runs, in pixels of the stage.
 * @property {(share: number) => void} pan By a share of the window.
 * @property {(factor: number, anchor: number, isPinch: boolean) => void} zoom What stands at the anchor, a share of the window, stays there.
 * @property {(at: { x: number, y: number }) => void} click
 * @property {() => void} moved The pointer is elsewhere, or gone.
 */
export class Gestures {
  /** Where the pointer is, while it is over the stage. @type {{ x: number, y: number } | undefined} */
  pointer;
  isDragging = false;
  #stage;
  #moves;
  /** Pointers that are down, and where. @type {Map<number, number>} */
  #down = new Map();

  /** @param {HTMLElement} stage @param {Moves} moves */
  constructor(stage, moves) {
    this.#stage = stage;
    this.#moves = moves;
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.#down.set(event.pointerId, event.clientX);
      stage.setPointerCapture(event.pointerId);
    });
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#up(event));
    stage.addEventListener("pointerleave", () => {
      this.pointer = undefined;
      moves.moved();
    });
  }

  /** @param {MouseEvent} event */
  #at(event) {
    const { left, top } = this.#stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const wasDown = this.#down.delete(event.pointerId);
    if (wasDown && event.type === "pointerup" && !this.isDragging) this.#moves.click(this.#at(event));
    if (this.#down.size) return;
    this.isDragging = false;
    delete this.#stage.dataset.dragging;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    this.pointer = this.#at(event);
    const before = this.#down.get(event.pointerId);
    const place = this.#moves.place();
    if (before !== undefined && place) {
      const by = event.clientX - before;
      if (!this.isDragging && Math.abs(by) < STILL_PX) return;
      this.isDragging = true;
      this.#stage.dataset.dragging = "";
      this.#down.set(event.pointerId, event.clientX);
      const width = place.right - place.left;
      const other = [...this.#down].find(([id]) => id !== event.pointerId);
      // The distance of two fingers zooms.
      if (other) this.#moves.zoom(Math.abs(before - other[1]) / Math.max(8, Math.abs(event.clientX - other[1])), (this.pointer.x - place.left) / width, true);
      else this.#moves.pan(-by / width);
    }
    this.#moves.moved();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const place = this.#moves.place();
    if (!place) return;
    const isZoom = event.ctrlKey || event.metaKey || event.altKey;
    const isPan = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    // A wheel alone scrolls the page.
    if (!isZoom && !isPan) return;
    event.preventDefault();
    const unit = event.deltaMode ? 20 : 1;
    const width = place.right - place.left;
    if (isZoom) this.#moves.zoom(2 ** ((event.deltaY * unit) / WHEEL_PX), (this.#at(event).x - place.left) / width, false);
    else this.#moves.pan(((event.deltaX || event.deltaY) * unit) / width);
  }
}
