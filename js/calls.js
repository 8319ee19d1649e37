import { fail } from "./errors.js";

/** @typedef {{ resolve: (value?: any) => void, reject: (error: unknown) => void }} Call */

/** The calls of the application that wait for the module, by ticket. */
export class Calls {
  /** @type {Map<number, Call>} */
  #waiting = new Map();
  #tickets = 0;

  /** How many there are. */
  get size() {
    return this.#waiting.size;
  }

  /**
   * A promise that the module settles.
   *
   * @param {(ticket: number) => void} ask
   * @param {(ticket: number) => void} [forget] Called when the signal aborts, which rejects the promise.
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  open(ask, forget, signal) {
    const ticket = this.#tickets++;
    const promise = new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { resolve, reject });
    });
    const abort = () => {
      this.#take(ticket)?.reject(signal?.reason);
      forget?.(ticket);
    };
    signal?.addEventListener("abort", abort);
    ask(ticket);
    return signal ? promise.finally(() => signal.removeEventListener("abort", abort)) : promise;
  }

  /** @param {number} ticket @param {any} [value] */
  resolve(ticket, value) {
    this.#take(ticket)?.resolve(value);
  }

  /** @param {number} ticket @param {import("./index.js").SessionErrorCode} code */
  reject(ticket, code) {
    this.#take(ticket)?.reject(fail(code));
  }

  /** @param {import("./index.js").SessionErrorCode} code @param {unknown} cause */
  rejectAll(code, cause) {
    for (const call of this.#waiting.values()) call.reject(fail(code, undefined, cause));
    this.#waiting.clear();
  }

  /** @param {number} ticket */
  #take(ticket) {
    const call = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    return call;
  }
}
