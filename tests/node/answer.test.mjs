import assert from "node:assert/strict";
import test from "node:test";
import { readAnswer } from "../../js/answer.js";

const ABSENT = {
  access_token: undefined, token_type: undefined, expires_in: undefined, expires_at: undefined, session_expires_in: undefined,
};

const answers = {
  "the members of RFC 6749": [
    { access_token: "a.b.c", token_type: "Bearer", expires_in: 300, refresh_token: "never", scope: "x" }, undefined,
    { access_token: "a.b.c", token_type: "Bearer", expires_in: 300 },
  ],
  "any case of Bearer": [{ token_type: "bEARER" }, undefined, { token_type: "bEARER" }],
  "numeric text": [{ expires_in: "3600", session_expires_in: "86400.5" }, undefined, { expires_in: 3600, session_expires_in: 86400.5 }],
  "zero": [{ expires_in: 0 }, undefined, { expires_in: 0 }],
  "null as absent": [{ access_token: null, expires_in: null, expires_at: null, token_type: null }, undefined, {}],
  "an empty object": [{}, undefined, {}],
  "dotted paths": [
    { data: { tokens: [{ value: "t" }], ttl: 5 } }, { accessToken: "data.tokens.0.value", expiresIn: "data.ttl" },
    { access_token: "t", expires_in: 5 },
  ],
  "paths beside the default names": [{ access_token: "t", ttl: 5 }, { expiresIn: "ttl" }, { access_token: "t", expires_in: 5 }],
  "milliseconds": [
    { ttl: 1500, session: "60000" }, { expiresIn: "ttl", sessionExpiresIn: "session", expiresInUnit: "ms" },
    { expires_in: 1.5, session_expires_in: 60 },
  ],
  "a NumericDate": [{ exp: 1_700_000_000.5 }, { expiresAt: "exp" }, { expires_at: 1_700_000_000.5 }],
  "a NumericDate as text": [{ exp: "1700000000" }, { expiresAt: "exp" }, { expires_at: 1_700_000_000 }],
  "RFC 3339": [{ exp: "2023-11-14T22:13:20Z" }, { expiresAt: "exp" }, { expires_at: 1_700_000_000 }],
  "RFC 3339 in its loose forms": [{ exp: "2023-11-14 22:13:20z" }, { expiresAt: "exp" }, { expires_at: 1_700_000_000 }],
  "an offset and a long fraction": [
    { exp: "2023-11-15T00:13:20.2500000+02:00" }, { expiresAt: "exp" }, { expires_at: 1_700_000_000.25 },
  ],
  "a date alone": [{ exp: "2023-11-14" }, { expiresAt: "exp" }, { expires_at: 1_699_920_000 }],
  "a path through nothing": [{ data: null }, { accessToken: "data.token" }, {}],
  "a path through a text": [{ data: "text" }, { accessToken: "data.token" }, {}],
};
for (const [what, [body, mapping, expected]] of Object.entries(answers)) {
  test(`reads ${what}`, () => assert.deepEqual(readAnswer(body, undefined, mapping), { ...ABSENT, ...expected }));
}

test("an empty body is an empty answer", () => assert.deepEqual(readAnswer(undefined), {}));

test("what is not an object is refused", () => {
  for (const body of [null, [], ["a"], "access_token=a", 5, true, Promise.resolve({})]) assert.throws(() => readAnswer(body), { code: "ERR_BAD_ANSWER" });
});

const wrong = {
  access_token: ["", 5, true, {}, ["a"], "a b", "a\r\nb", "tökén"],
  token_type: ["", "DPoP", "mac", "Bearer ", 5, {}],
  expires_in: ["", "1h", "-1", -1, NaN, Infinity, "0x10", "1e3", "1.", "9".repeat(400), " 5", true, {}, [5]],
  expires_at: ["", "soon", -5, NaN, true, {}, [5], "2023-13-45", "2023-02-30", "2023-11-31T00:00:00Z", "2023-11-14T22:13:20", "14 Nov 2023", "2023-11-14T99:99:99Z"],
  session_expires_in: ["soon", -1, {}, false],
};
for (const [member, values] of Object.entries(wrong)) {
  test(`a wrong ${member} is refused without being repeated`, () => {
    for (const value of values) {
      assert.throws(() => readAnswer({ [member]: value }), (error) => {
        assert.equal(error.code, "ERR_BAD_ANSWER");
        assert.equal(error.message, `Not an answer to a sign-in: its ${member} is not usable.`);
        return true;
      }, String(value));
    }
  });
}

test("only own members count", () => {
  const body = Object.create({ access_token: "inherited" });
  assert.deepEqual(readAnswer(body), ABSENT);
  assert.deepEqual(readAnswer({}, undefined, { accessToken: "__proto__.access_token", expiresIn: "constructor.length" }), ABSENT);
  assert.deepEqual(readAnswer({}, undefined, { accessToken: "constructor.name" }), ABSENT);
});

test("a function is given the body and the response, and its result is checked", () => {
  const response = new Response(null, { headers: { "x-token": "h" } });
  const mapping = (body, given) => ({ access_token: given.headers.get("x-token"), expires_in: body?.ttl ?? 60 });
  assert.deepEqual(readAnswer({ ttl: 5 }, response, mapping), { ...ABSENT, access_token: "h", expires_in: 5 });
  assert.deepEqual(readAnswer(undefined, response, mapping), { ...ABSENT, access_token: "h", expires_in: 60 });
  for (const result of [undefined, null, "t", [], { expires_in: "soon" }, Promise.resolve({ access_token: "t" })]) {
    assert.throws(() => readAnswer({}, response, () => result), { code: "ERR_BAD_ANSWER" });
  }
  assert.throws(() => readAnswer({}, response, () => { throw new RangeError("mine"); }), RangeError);
});
