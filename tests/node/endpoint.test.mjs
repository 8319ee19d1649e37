import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { request, timeRequest } from "../../js/endpoint.js";

const url = "https://app.example/auth/refresh";
const sent = (endpoint, fields) => {
  const { url: address, init } = request({ url, ...endpoint }, fields);
  return { url: address, ...init, headers: Object.fromEntries(init.headers) };
};
/** What every request is sent with. */
const ALWAYS = { cache: "no-store", redirect: "manual", keepalive: true };
const withCookies = (cookie) => (globalThis.document = { cookie });
afterEach(() => delete globalThis.document);

test("the defaults", () => {
  assert.deepEqual(sent({}), { url, method: "POST", headers: { "x-csrf": "1" }, credentials: "same-origin", body: undefined, ...ALWAYS });
});

test("every member is used", () => {
  const endpoint = { method: "PUT", headers: { "X-Tenant": "a" }, body: "x", credentials: "include", csrf: { header: "X-A", value: "b" } };
  assert.deepEqual(sent(endpoint), { url, method: "PUT", headers: { "x-a": "b", "x-tenant": "a" }, credentials: "include", body: "x", ...ALWAYS });
});

test("fields are added, and replace those of the application", () => {
  assert.deepEqual(sent({ headers: { "X-A": "a" } }, { "Idempotency-Key": "k" }).headers, { "x-a": "a", "x-csrf": "1", "idempotency-key": "k" });
  assert.equal(sent({ headers: { "X-A": "a" } }, { "X-A": "b" }).headers["x-a"], "b");
  assert.deepEqual(sent({}, false).headers, { "x-csrf": "1" });
});

test("the server's time is asked where the configuration says, else at the endpoint's origin", () => {
  const init = { method: "HEAD", credentials: "omit", cache: "no-store", redirect: "manual" };
  assert.deepEqual(timeRequest("https://time.example/now", { url }), { url: "https://time.example/now", init });
  assert.deepEqual(timeRequest(undefined, { url }), { url: "https://app.example/", init });
  assert.deepEqual(timeRequest(undefined, { url: () => `${url}?1` }), { url: "https://app.example/", init });
});

test("an object is sent as JSON and says so, unless a content type is given", () => {
  assert.deepEqual(sent({ body: { a: [1] }, csrf: false }).headers, { "content-type": "application/json" });
  assert.equal(sent({ body: { a: [1] } }).body, '{"a":[1]}');
  assert.equal(sent({ body: {}, headers: { "Content-Type": "application/x+json" } }).headers["content-type"], "application/x+json");
  assert.equal(sent({ body: "" }).body, "");
  assert.equal(sent({ body: "a" }).headers["content-type"], undefined);
});

test("functions are asked at each call", () => {
  let calls = 0;
  const endpoint = { url: () => `${url}?${++calls}`, headers: () => ({ "X-N": `${++calls}` }), csrf: { header: "X-C", value: () => `${++calls}` } };
  assert.equal(calls, 0);
  assert.deepEqual(sent(endpoint).headers, { "x-n": "1", "x-c": "2" });
  assert.equal(sent(endpoint).url, `${url}?6`);
});

test("what a function throws is thrown", () => {
  const broken = () => { throw new RangeError("mine"); };
  for (const endpoint of [{ url: broken }, { headers: broken }, { csrf: { header: "X", value: broken } }]) {
    assert.throws(() => request({ url, ...endpoint }), RangeError);
  }
});

const cookies = [
  ["XSRF=abc", "abc"], ["a=1; XSRF=abc; b=2", "abc"], ["XSRF=a=b", "a=b"], ["XSRF=a%20b", "a b"], ["XSRF=100%", "100%"],
  ["XSRF=", ""], ["NOXSRF=x", undefined], ["XSRFX=x", undefined], ["", undefined], ["XSRF=first; XSRF=second", "first"],
];
for (const [cookie, expected] of cookies) {
  test(`the cookies "${cookie}" give ${expected}`, () => {
    withCookies(cookie);
    assert.equal(sent({ csrf: { header: "X-XSRF", cookie: "XSRF" } }).headers["x-xsrf"], expected);
  });
}

test("the cookie is read at each call, and no document is needed", () => {
  const endpoint = { csrf: { header: "X-XSRF", cookie: "XSRF" } };
  assert.deepEqual(sent(endpoint).headers, {});
  withCookies("XSRF=1");
  assert.equal(sent(endpoint).headers["x-xsrf"], "1");
  withCookies("XSRF=2");
  assert.equal(sent(endpoint).headers["x-xsrf"], "2");
});
