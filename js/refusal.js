import { fail } from "./errors.js";

/** @type {(value: unknown, pattern: RegExp) => boolean} */
export const matches = (value, pattern) => typeof value === "string" && pattern.test(value);

/** @type {(detail: string, remedy: string, cause?: unknown) => never} */
export const refuse = (detail, remedy, cause) => {
  throw fail("ERR_CONFIG", detail, cause, remedy);
};

/**
 * Says what was given, but a text only where `isOpen`: elsewhere it may be a secret.
 *
 * @type {(path: string, remedy: string, value: unknown, isOpen?: boolean) => never}
 */
export const expected = (path, remedy, value, isOpen) => {
  const isShown = value === null || typeof value === "number" || (isOpen && matches(value, /^.{1,20}$/));
  refuse(`${path} must be ${remedy}, not ${isShown ? value : typeof value}`, `Set ${path} to ${remedy}.`);
};
