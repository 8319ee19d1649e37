/**
 * The entry of localStorage that holds the record of a session: a few numbers, no token and no claim.
 *
 * Where storage is denied, or full, the record lives as long as this object, and `onMissing` is told once
 * what that means.
 */
export class RecordEntry {
  #key;
  #onMissing;
  /** What could not be kept. @type {Float64Array | undefined} */
  #kept;

  /**
   * @param {string} name The session's.
   * @param {(effect: string) => void} onMissing
   */
  constructor(name, onMissing) {
    this.#key = `sessionkeeper:${name}`;
    this.#onMissing = onMissing;
  }

  /** @returns {Float64Array} */
  read() {
    if (this.#kept) return this.#kept;
    const text = this.#try(() => localStorage.getItem(this.#key));
    return Float64Array.from(text ? text.split(" ") : [], Number);
  }

  /** @param {Float64Array} numbers */
  write(numbers) {
    if (this.#kept) this.#kept = numbers.slice();
    else this.#try(() => (numbers.length ? localStorage.setItem(this.#key, numbers.join(" ")) : localStorage.removeItem(this.#key)), numbers);
  }

  /** @param {() => any} use @param {Float64Array} [numbers] */
  #try(use, numbers = new Float64Array()) {
    try {
      return use();
    } catch {
      this.#kept = numbers.slice();
      this.#onMissing("A reload forgets that the session has ended, and a renewal that was on its way.");
    }
  }
}
