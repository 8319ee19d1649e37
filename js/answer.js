import { fail, isSessionError } from "./errors.js";

/**
 * @typedef {import("./index.js").ResponsePaths} ResponsePaths
 * @typedef {import("./index.js").TokenResponse} TokenResponse
 * @typedef {{ access_token?: string, token_type?: string, expires_in?: number, expires_at?: number,
 *   session_expires_in?: number }} Answer Spans in seconds; `expires_at` is a NumericDate.
 */

/** More than any server answers with; what is longer is no token answer. */
export const LONGEST_ANSWER = 1 << 20;

/** A date and time that says its offset, which a server's clock cannot be read without, or a date alone. */
const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i;

// Each reader gives NaN for a wrong value.

/** @type {(pattern: RegExp) => (value: any) => any} */
const text = (pattern) => (value) => (typeof value === "string" && pattern.test(value) ? value : NaN);

/** Only what an `Authorization` header can carry. */
const TOKEN = /^[!-~]+$/;

/** Numeric text too, for servers that write "3600". @param {unknown} value */
const seconds = (value) => {
  const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === "number" && number >= 0 && number < Infinity ? number : NaN;
};

/** Some engines take 30 February for a day of March. @param {string} date */
const isDay = (date) => new Date(date).getUTCDate() === Number(date.slice(8));

/** @param {unknown} value */
const numericDate = (value) =>
  typeof value === "string" && DATE.test(value)
    ? isDay(value.slice(0, 10)) ? Date.parse(value.toUpperCase().replace(" ", "T")) / 1000 : NaN
    : seconds(value);

/**
 * Reads a token answer (RFC 6749 section 5.1) as far as a session needs it: own members only,
 * and never the refresh token. Throws ERR_BAD_ANSWER, naming the member but not its value.
 *
 * @param {unknown} body Parsed JSON; undefined when the answer was empty.
 * @param {Response} [response]
 * @param {ResponsePaths | ((body: unknown, response: Response) => TokenResponse)} [mapping]
 * @returns {Answer}
 */
export function readAnswer(body, response, mapping = {}) {
  if (typeof mapping === "function") return readAnswer(mapping(body, /** @type {Response} */ (response)) ?? null);
  if (body === undefined) return {};
  if (typeof body !== "object" || !body || Array.isArray(body) || body instanceof Promise) {
    throw fail("ERR_BAD_ANSWER", "it is not an object");
  }

  /**
   * @template T
   * @param {string} path
   * @param {(value: unknown) => T} read
   */
  const member = (path, read) => {
    /** @type {any} */
    let value = body;
    for (const key of path.split(".")) value = value != null && Object.hasOwn(value, key) ? value[key] : undefined;
    if (value == null) return undefined;
    const result = read(value);
    if (Number.isNaN(result)) throw fail("ERR_BAD_ANSWER", `its ${path} is not usable`);
    return result;
  };
  /** @param {unknown} value */
  const span = (value) => seconds(value) / (mapping.expiresInUnit === "ms" ? 1000 : 1);

  return {
    access_token: member(mapping.accessToken ?? "access_token", text(TOKEN)),
    token_type: member("token_type", text(/^bearer$/i)),
    expires_in: member(mapping.expiresIn ?? "expires_in", span),
    expires_at: member(mapping.expiresAt ?? "expires_at", numericDate),
    session_expires_in: member(mapping.sessionExpiresIn ?? "session_expires_in", span),
  };
}

/**
 * The members of a token answer; throws ERR_BAD_ANSWER, and tells nothing of what the answer says.
 *
 * @param {unknown} body The text of an answer, or what it was parsed to.
 * @param {Response | undefined} response
 * @param {any} mapping
 */
export function answerOf(body, response, mapping) {
  try {
    if (typeof body === "string") {
      if (body.length > LONGEST_ANSWER) throw 0;
      body = body ? JSON.parse(body) : undefined;
    }
    return readAnswer(body, response, mapping);
  } catch (error) {
    throw isSessionError(error) ? error : fail("ERR_BAD_ANSWER");
  }
}
