import assert from "node:assert/strict";
import test from "node:test";
import { fail, isSessionError, SessionError } from "../../js/errors.js";

const CODES = [
  "ERR_CONFIG", "ERR_WASM_LOAD", "ERR_SIGNED_OUT", "ERR_UNAVAILABLE", "ERR_BAD_ANSWER", "ERR_TOKEN_INVALID", "ERR_DISPOSED",
  "ERR_INTERNAL",
];

test("every code has a message and a suggestion of one sentence", () => {
  for (const code of CODES) {
    const error = fail(code);
    assert.ok(error instanceof SessionError && error instanceof Error);
    assert.equal(error.name, "SessionError");
    assert.equal(error.code, code);
    assert.match(error.message, /^[A-Z][^.]+\.$/);
    assert.match(error.suggestion, /^[A-Z].+\.$/);
    assert.equal(Object.hasOwn(error, "cause"), false);
  }
});

test("a detail, a cause and a suggestion are carried", () => {
  const cause = new Error("why");
  const error = fail("ERR_CONFIG", "name is empty", cause, "Fill it.");
  assert.match(error.message, /: name is empty\.$/);
  assert.equal(error.cause, cause);
  assert.equal(error.suggestion, "Fill it.");
});

test("a module that does not load names the policy that it needs", () => {
  assert.match(fail("ERR_WASM_LOAD").suggestion, /script-src 'self' 'wasm-unsafe-eval'/);
});

test("errors of another copy of the package are recognised", async () => {
  const other = await import("../../js/errors.js?copy");
  assert.notEqual(other.SessionError, SessionError);
  assert.equal(isSessionError(other.fail("ERR_DISPOSED")), true);
  assert.equal(isSessionError(fail("ERR_DISPOSED")), true);
});

test("nothing else is one", () => {
  const named = Object.assign(new Error("ERR_CONFIG"), { name: "SessionError" });
  for (const value of [null, undefined, 0, "ERR_CONFIG", {}, [], new Error("no"), named, SessionError, Symbol("no")]) {
    assert.equal(isSessionError(value), false);
  }
});
