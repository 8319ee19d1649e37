/** No record has more numbers; an entry with more was not written here. */
const MOST_NUMBERS = 14;

/**
 * The entry of localStorage that holds the record of a session: a few numbers, no token and no claim.
 *
 * Where storage is denied, or full, the record lives as long as this object, and `onMissing` is called.
 */
export class RecordEntry {
  #key;
  #onMissing;
  /** What could not be kept. @type {Float64Array | undefined} */
  #kept;

  /**
   * @param {string} name The session's.
   * @param {() => void} onMissing
   */
  constructor(name, onMissing) {
    this.#key = `sessionkeeper:${name}`;
    this.#onMissing = onMissing;
  }

  /** @returns {Float64Array} */
  read() {
    const text = this.#kept ? "" : this.#try(() => localStorage.getItem(this.#key));
    return this.#kept ?? Float64Array.from(text ? text.split(" ", MOST_NUMBERS) : [], Number);
  }

  /** @param {Float64Array} numbers */
  write(numbers) {
    this.#kept = undefined;
    this.#try(() => (numbers.length ? localStorage.setItem(this.#key, numbers.join(" ")) : localStorage.removeItem(this.#key)), numbers);
  }

  /** @param {() => any} use @param {Float64Array} [numbers] */
  #try(use, numbers = new Float64Array()) {
    try {
      return use();
    } catch {
      this.#kept = numbers.slice();
      this.#onMissing();
    }
    // What is there is no longer true.
    try {
      localStorage.removeItem(this.#key);
    } catch {}
  }
}
