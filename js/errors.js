/** @typedef {import("./index.js").SessionErrorCode} SessionErrorCode */

/** What happened, and what to do about it. @type {Record<SessionErrorCode, [string, string]>} */
const TEXTS = {
  ERR_CONFIG: ["Invalid configuration", "Correct the named member."],
  ERR_WASM_LOAD: ["The module did not load", "Check its address, and that the page allows script-src 'self' 'wasm-unsafe-eval'."],
  ERR_SIGNED_OUT: ["Signed out", "Sign in, then call begin()."],
  ERR_UNAVAILABLE: ["No usable token in time", "Try again later."],
  ERR_BAD_ANSWER: ["Not an answer to a sign-in", "Pass it unread, or set refresh.response."],
  ERR_TOKEN_INVALID: ["Invalid token", "Compare it with the token option."],
  ERR_DISPOSED: ["Session disposed", "Create a new session."],
  ERR_INTERNAL: ["Internal failure", "Create a new session, and report this."],
};

/** Marks the errors of every copy of the package in a page. */
const BRAND = Symbol.for("sessionkeeper.error");

export class SessionError extends Error {
  /**
   * @param {SessionErrorCode} code
   * @param {string} [detail] Never a token or the text of an answer.
   * @param {unknown} [cause]
   * @param {string} [suggestion]
   */
  constructor(code, detail, cause, suggestion = TEXTS[code][1]) {
    super(TEXTS[code][0] + (detail ? `: ${detail}.` : "."), cause === undefined ? cause : { cause });
    this.name = "SessionError";
    this.code = code;
    this.suggestion = suggestion;
  }

  get [BRAND]() {
    return true;
  }
}

/**
 * Makes the error of a code; the caller throws it or rejects with it.
 *
 * @param {SessionErrorCode} code
 * @param {string} [detail] Never a token or the text of an answer.
 * @param {unknown} [cause]
 * @param {string} [suggestion] In place of the code's own.
 */
export const fail = (code, detail, cause, suggestion) => new SessionError(code, detail, cause, suggestion);

/**
 * @param {any} value
 * @returns {value is SessionError}
 */
export const isSessionError = (value) => value?.[BRAND] === true;
