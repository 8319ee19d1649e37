/**
 * Instants, or spans of time one after the other, in order. What is drawn of them is found by bisection, so that a day
 * of a hundred thousand costs no more than a minute of ten.
 */
export class Series {
  length = 0;
  /** How many were given up. */
  dropped = 0;
  /** When each begins. */
  starts = new Float64Array(16);
  /** When it ends: the same for an instant, infinite for what goes on. */
  ends = new Float64Array(16);
  /** A further instant, where there is one: when a token was replaced, or an attempt began. */
  marks = new Float64Array(16);
  /** Of the row that told of it. */
  ids = new Float64Array(16);
  /** How long all before it lasted together. */
  #lasted = new Float64Array(16);

  /** @param {number} start @param {number} end @param {number} id @param {number} [mark] */
  add(start, end, id, mark = start) {
    if (this.length === this.starts.length) this.#resize(2 * this.length);
    const { length } = this;
    // Never before the one before it.
    this.starts[length] = length ? Math.max(start, this.starts[length - 1]) : start;
    this.ends[length] = Math.max(end, this.starts[length]);
    this.marks[length] = mark;
    this.ids[length] = id;
    // Only the last one ever changes its end.
    this.#lasted[length] = length ? this.#lasted[length - 1] + Math.min(this.ends[length - 1], this.starts[length]) - this.starts[length - 1] : 0;
    this.length++;
  }

  /** Whether the last one goes on. */
  get isOpen() {
    return this.length > 0 && this.ends[this.length - 1] === Infinity;
  }

  /** Ends the last one if it goes on. @param {number} at */
  close(at) {
    if (this.isOpen) this.ends[this.length - 1] = Math.max(at, this.starts[this.length - 1]);
  }

  /** The share of a stretch of time, from the first of some spans to the end of the last, that they last. @param {number} first @param {number} last @param {number} now */
  share(first, last, now) {
    const end = Math.max(this.starts[last], Math.min(this.ends[last], now));
    const whole = end - this.starts[first];
    return whole > 0 ? (this.#lasted[last] - this.#lasted[first] + end - this.starts[last]) / whole : 1;
  }

  /** The place of the first that begins at an instant or later. @param {number} at */
  from(at, low = 0) {
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle] < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Gives up what is older than a row, and over by then. @param {number} id @param {number} time */
  dropBefore(id, time) {
    let dropped = 0;
    while (dropped < this.length && this.ids[dropped] < id && this.ends[dropped] <= time) dropped++;
    if (!dropped) return;
    for (const each of [this.starts, this.ends, this.marks, this.ids, this.#lasted]) each.copyWithin(0, dropped, this.length);
    this.length -= dropped;
    this.dropped += dropped;
  }

  /** @param {number} size */
  #resize(size) {
    const larger = (/** @type {Float64Array} */ array) => {
      const copy = new Float64Array(size);
      copy.set(array);
      return copy;
    };
    this.starts = larger(this.starts);
    this.ends = larger(this.ends);
    this.marks = larger(this.marks);
    this.ids = larger(this.ids);
    this.#lasted = larger(this.#lasted);
  }
}
