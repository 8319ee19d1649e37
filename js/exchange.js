import { answerOf, LONGEST_ANSWER } from "./answer.js";
import { textOf } from "./body.js";
import { request, timeRequest } from "./endpoint.js";
import { isSessionError } from "./errors.js";
import { platformFetch } from "./platform.js";

const RENEWAL = 0;
const LOGOUT = 1;

/** Both clocks of the device. */
const clocks = () => [Date.now(), performance.now()];

/**
 * Sends what the module wants sent.
 *
 * @param {import("./config.js").Settings} settings
 * @param {(errand: number, id: number, times: Float64Array, response?: Response, answer?: import("./answer.js").Answer) => void} answered
 *   Told once of each request: without a response where none came, or the connection broke in the middle of it, and
 *   without an answer where there is none in it.
 */
export function messenger({ refresh, logout, clock }, answered) {
  /** @param {number} errand @param {Float64Array} key @param {number} idleMs */
  const prepared = (errand, key, idleMs) => {
    if (errand !== RENEWAL) return errand === LOGOUT ? request(logout ?? refresh) : timeRequest(clock.timeUrl, refresh);
    /** @type {Record<string, string>} */
    const fields = {};
    const text = Array.from(key, (word) => word.toString(16).padStart(8, "0")).join("");
    if (refresh.idempotencyHeader) fields[refresh.idempotencyHeader] = text;
    if (refresh.idleHeader && idleMs >= 0) fields[refresh.idleHeader] = `${Math.floor(idleMs / 1000)}`;
    return request(refresh, fields);
  };

  /** The body of a token answer, read; nothing where it is none. @param {Response} response @param {AbortController} over */
  const read = async (response, over) => {
    try {
      return answerOf(await textOf(response, over, LONGEST_ANSWER, refresh.timeout), response, refresh.response);
    } catch (error) {
      // Else the connection broke.
      if (!over.signal.aborted && !isSessionError(error)) throw error;
    }
  };

  /** @type {(errand: number, id: number, key: Float64Array, idleMs: number) => Promise<void>} */
  return async (errand, id, key, idleMs) => {
    const sent = clocks();
    let received = sent;
    let response;
    let answer;
    // Of a request without an answer it is not used.
    const over = new AbortController();
    /** @type {Request | undefined} */
    let asked;
    try {
      const { url, init } = prepared(errand, key, idleMs);
      asked = new Request(url, init);
    } catch (error) {
      // One of the application's functions threw.
      reportError(error);
    }
    try {
      // Firefox forgets it of a request that says so itself, and aborts that with its page.
      if (asked) response = await platformFetch()(asked, { keepalive: asked.keepalive, signal: over.signal });
      received = clocks();
      if (response?.ok && errand === RENEWAL) answer = await read(response, over);
    } catch {
      response = undefined;
    }
    answered(errand, id, Float64Array.of(...sent, ...received), response, answer);
  };
}
