import { DAY_MS, MINUTE_MS, SECOND_MS } from "./time.js";

const SHORTEST_MS = 5 * SECOND_MS;
const LONGEST_MS = 3 * DAY_MS;
/** Where the present is while it is followed: what is planned stands to its right. */
const PRESENT = 0.8;
/** A change of the window is shown moving for so long. */
const MOVING_MS = 180;

/** @param {number} share */
const eased = (share) => 1 - (1 - share) ** 3;

/** The window of time that is looked at. It may move for a moment after it was told to. */
export class View {
  /** Whether the window goes with the present. */
  isFollowing = true;
  /** Whether nothing is to be seen moving. */
  isStill = false;
  #spanMs = 15 * MINUTE_MS;
  #start = 0;
  /** @type {{ at: number, spanMs: number, start: number } | undefined} */
  #before;

  /** The window at an instant of the page's clock. @param {number} now On the time line. @param {number} at `performance.now()` */
  at(now, at) {
    const goal = this.goal(now);
    const share = this.#before ? (at - this.#before.at) / MOVING_MS : 1;
    if (!this.#before || share >= 1) {
      this.#before = undefined;
      return goal;
    }
    const { spanMs, start } = this.#before;
    const part = eased(Math.max(0, share));
    return { start: start + (goal.start - start) * part, spanMs: spanMs + (goal.spanMs - spanMs) * part };
  }

  /** The window as it is, or will be when it has moved. @param {number} now */
  goal(now) {
    if (this.isFollowing) this.#start = now - PRESENT * this.#spanMs;
    return { start: this.#start, spanMs: this.#spanMs };
  }

  get isMoving() {
    return this.#before !== undefined;
  }

  /** Where it is, or is going. */
  get spanMs() {
    return this.#spanMs;
  }

  /** @param {number} now @param {number} at */
  #move(now, at) {
    this.#before = this.isStill ? undefined : { at, ...this.at(now, at) };
  }

  /** Shows so much time; what stands at a share of the width stays there. @param {number} spanMs @param {number} now @param {number} [anchor] @param {boolean} [atOnce] */
  zoom(spanMs, now, anchor = this.isFollowing ? PRESENT : 0.5, atOnce = false) {
    const at = performance.now();
    if (atOnce) this.#before = undefined;
    else this.#move(now, at);
    const size = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, spanMs));
    this.#start += anchor * (this.#spanMs - size);
    this.#spanMs = size;
    if (this.isFollowing && Math.abs(anchor - PRESENT) > 0.001) this.isFollowing = false;
  }

  /** Goes on by a share of the window; past the present and it is followed again. @param {number} share @param {number} now @param {boolean} [atOnce] */
  pan(share, now, atOnce = false) {
    if (atOnce) this.#before = undefined;
    else this.#move(now, performance.now());
    this.isFollowing = false;
    this.#start += share * this.#spanMs;
    this.#bound(now);
  }

  /** Has an instant in the middle. @param {number} time @param {number} now */
  show(time, now) {
    this.#move(now, performance.now());
    this.isFollowing = false;
    this.#start = time - this.#spanMs / 2;
    this.#bound(now);
  }

  /** Looks from here on. @param {number} start @param {number} now */
  goTo(start, now) {
    this.#move(now, performance.now());
    this.isFollowing = false;
    this.#start = start;
    this.#bound(now);
  }

  /** @param {number} now */
  follow(now) {
    this.#move(now, performance.now());
    this.isFollowing = true;
  }

  /** There is nothing to see far behind the present. @param {number} now */
  #bound(now) {
    this.#start = Math.min(this.#start, now + DAY_MS);
  }
}
