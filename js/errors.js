/** @typedef {import("./index.js").SessionErrorCode} SessionErrorCode */

/** What happened, and what to do about it. @type {Record<SessionErrorCode, [string, string]>} */
const TEXTS = {
  ERR_CONFIG: ["The configuration is not valid", "Correct the named member."],
  ERR_WASM_LOAD: [
    "The WebAssembly module could not be loaded",
    "Check that the module can be fetched and that the page's policy has script-src 'self' 'wasm-unsafe-eval'.",
  ],
  ERR_SIGNED_OUT: ["There is no session", "Have the user sign in, then call begin()."],
  ERR_UNAVAILABLE: ["No usable token could be had in time", "Try again later; renewal goes on by itself."],
  ERR_BAD_ANSWER: ["The answer does not start a session", "Pass the unread, successful answer to a sign-in, or set refresh.response."],
  ERR_TOKEN_INVALID: ["The access token fails the checks", "Compare what the server issues with the token option."],
  ERR_DISPOSED: ["The session was disposed", "Create a new one."],
  ERR_INTERNAL: ["The session failed unexpectedly", "Create a new one, and report this."],
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
