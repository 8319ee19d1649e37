import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { fail } from "../../js/errors.js";
import { isAllowed, requester } from "../../js/requests.js";

const allowed = (address, ...places) => isAllowed(places.map((place) => new URL(place)), address);

const API = "https://api.example.com";
/** Whom a token is for: the place that is configured, and addresses that do or do not get it. */
const ADDRESSES = [
  [API, true, [
    "https://api.example.com", "https://api.example.com/", "https://api.example.com:443/a", "HTTPS://API.EXAMPLE.COM/a",
    "https://api.example.com/a?b#c", "https://api.example.com\\a", "https:api.example.com/a", "https://api.example.com/../a",
    "https://api.ex\tample.com/", " https://api.example.com/ ", "https://ａｐｉ.example.com/", "https://api.example.com/%2e%2e/",
  ]],
  [API, false, [
    "https://api.example.com.evil.test/", "https://api.example.comevil.test", "https://api.example.com@evil.test/",
    "https://api.example.com:8443/", "http://api.example.com/", "https://evil.test/https://api.example.com/",
    "https://evil.test#https://api.example.com", "https://evil.test?https://api.example.com", "https://evil.test\\@api.example.com/",
    "https://evilapi.example.com/", "https://example.com/", "https://api.example.com./", "https://xapi.example.com",
    "https://api%2eexample.com.evil.test/", "https://аpi.example.com/", "wss://api.example.com/", "ftp://api.example.com/",
    "blob:https://api.example.com/0b3c", "data:text/plain,https://api.example.com", "file:///api.example.com", "javascript:0",
    "about:blank",
  ]],
  [`${API}/v1`, true, [`${API}/v1`, `${API}/v1/`, `${API}/v1?a`, `${API}/v1#a`, `${API}/v1/pay`, `${API}/v1//pay`,
    `${API}/v2/../v1/pay`, `${API}/%2e/v1`, `${API}/v1/a%2Fb`, `${API}/v1/a..b/..c/d..`, `${API}/v1/...`]],
  [`${API}/v1/`, true, [`${API}/v1`, `${API}/v1/pay`]],
  [`${API}/v1`, false, [
    `${API}/v10`, `${API}/v1.evil`, `${API}/V1`, `${API}/`, `${API}/v1/../v2`, `${API}/v1/..`, `${API}/v1/%2e%2e/v2`, `${API}/v1%2Fpay`,
    `${API}/v1/..%2fv2`, `${API}/v1/%2E%2E%2Fv2`, `${API}/v1/..%5cv2`, `${API}/v1\\..\\v2`, `${API}/v1/a%2f..%2f..%2fv2`,
    `${API}/v1/%252e%252e/v2`, `${API}/v1/..%252fv2`, `${API}/v1/..;/v2`, `${API}/v1/..;a=b/v2`, `${API}/v1/%2e%2e;/v2`, `${API}/%76%31/`,
    `${API}/x/v1/`, `https://evil.test/v1/`,
  ]],
  ["http://localhost:3000", true, ["http://localhost:3000/api", "http://LOCALHOST:3000"]],
  ["http://localhost:3000", false, ["http://localhost:30000", "http://localhost", "http://127.0.0.1:3000", "http://localhost.evil.test:3000"]],
  ["https://[::1]:8443/a", true, ["https://[0:0:0:0:0:0:0:1]:8443/a/b"]],
  ["https://münchen.example", true, ["https://xn--mnchen-3ya.example/"]],
];

for (const [place, expected, addresses] of ADDRESSES) {
  test(`${place} ${expected ? "takes in" : "keeps out"} ${addresses.length} addresses`, () => {
    for (const address of addresses) assert.equal(allowed(address, place), expected, address);
  });
}

test("any of several places will do, and none is none", () => {
  assert.ok(allowed("https://b.example/x", "https://a.example", "https://b.example/x"));
  assert.ok(!allowed("https://b.example/x"));
});

/** What is sent, as text; the answers come from a list, and are 200 after it. */
let sent, answers, counted, told, token, original;

beforeEach(() => {
  [sent, answers, counted, told, token] = [[], [], [], [], { text: "T1", generation: 1, first: 1 }];
  original = globalThis.fetch;
  globalThis.location = new URL("https://app.example/page");
  globalThis.fetch = async (request, init) => {
    request.signal.throwIfAborted();
    const { method, url, headers, credentials, keepalive } = request;
    const body = await request.text();
    sent.push({ method, url, authorization: headers.get("authorization"), credentials, keepalive, init, body });
    return answers.shift() ?? new Response("fine");
  };
});
afterEach(() => {
  globalThis.fetch = original;
  delete globalThis.location;
});

/** A `fetch`, whose session renews the token when it is refused. */
const fetchOf = (config = {}, { renews = true, meanwhile = () => {} } = {}) =>
  requester(config, {
    obtain: async (signal) => {
      signal.throwIfAborted();
      if (!token) throw fail("ERR_SIGNED_OUT");
      return token;
    },
    challenged: async (generation, field, url, signal) => {
      told.push({ generation, field, url });
      await meanwhile(signal);
      if (!renews) throw fail("ERR_UNAVAILABLE");
      token = { ...token, text: `T${token.generation + 1}`, generation: token.generation + 1 };
    },
    count: (what) => counted.push(what),
  });
const refusal = (field, init) => new Response("no", { status: 401, headers: field ? { "www-authenticate": field } : {}, ...init });
const authorizations = () => sent.map(({ authorization }) => authorization);

test("a request to the page's own origin has the token, and no other", async () => {
  const fetch = fetchOf();
  await fetch("https://app.example/api", { headers: { accept: "a/b" } });
  await fetch("https://other.example/api");
  await fetch(new URL("https://app.example.evil.test/"));
  assert.deepEqual(authorizations(), ["Bearer T1", null, null]);
  assert.deepEqual(counted, ["authorized"]);
});

test("an address that changes when it is read again deceives nobody", async () => {
  let reads = 0;
  const turncoat = { toString: () => (reads++ ? "https://evil.test/" : "https://app.example/") };
  await fetchOf()(turncoat);
  assert.deepEqual([sent[0].url, reads], ["https://app.example/", 1]);
});

test("an address with credentials in it is refused, as by fetch", async () => {
  await assert.rejects(fetchOf()("https://user:password@app.example/"), TypeError);
  assert.deepEqual(sent, []);
});

test("what the application authorizes itself is left to it", async () => {
  answers = [refusal()];
  const { status } = await fetchOf()("https://app.example/", { headers: { Authorization: "Basic eDp5" } });
  assert.deepEqual([status, authorizations(), told], [401, ["Basic eDp5"], []]);
});

test("a refused request is sent once more with the new token, its body too", async () => {
  const bodies = {
    text: "text",
    bytes: new TextEncoder().encode("bytes"),
    blob: new Blob(["blob"]),
    form: new URLSearchParams({ a: "b" }),
  };
  for (const [kind, body] of Object.entries(bodies)) {
    [sent, counted, token] = [[], [], { text: "T1", generation: 1, first: 1 }];
    answers = [refusal('Bearer error="invalid_token"')];
    const response = await fetchOf()("https://app.example/", { method: "POST", body });
    assert.equal(await response.text(), "fine");
    assert.deepEqual(authorizations(), ["Bearer T1", "Bearer T2"]);
    assert.equal(sent[0].body, sent[1].body, kind);
    assert.notEqual(sent[0].body, "");
    assert.deepEqual(counted, ["authorized", "replayed"]);
  }
});

test("so is a Request with a body, and a method of one's own", async () => {
  answers = [refusal()];
  const request = new Request("https://app.example/", { method: "PATCH", body: "{}", headers: { "content-type": "a/b" } });
  await fetchOf()(request);
  assert.deepEqual(sent.map(({ method, body }) => [method, body]), [["PATCH", "{}"], ["PATCH", "{}"]]);
  assert.ok(request.bodyUsed, "as fetch does");
});

test("a stream is read once: its request is not sent again, but the next one has a new token", async () => {
  answers = [refusal()];
  const body = new Blob(["streamed"]).stream();
  const { status } = await fetchOf()("https://app.example/", { method: "POST", body, duplex: "half" });
  assert.deepEqual([status, sent.length, sent[0].body, token.generation], [401, 1, "streamed", 2]);
});

test("it is sent once more and no oftener, and the session hears of the second refusal", async () => {
  const stepUp = 'Bearer error="insufficient_user_authentication"';
  answers = [refusal(), refusal(stepUp), refusal()];
  const response = await fetchOf()("https://app.example/pay");
  assert.equal(response.headers.get("www-authenticate"), stepUp);
  assert.equal(await response.text(), "no");
  assert.deepEqual(told.map(({ generation, field }) => [generation, field]), [[1, ""], [2, stepUp]]);
  assert.equal(sent.length, 2);
});

test("where nothing is to be hoped for, the answer is returned as it came", async () => {
  answers = [refusal('Bearer error="insufficient_scope"')];
  const response = await fetchOf({}, { renews: false })("https://app.example/");
  assert.deepEqual([response.status, await response.text(), sent.length], [401, "no", 1]);
  answers = [new Response("no", { status: 403 })];
  assert.equal((await fetchOf()("https://app.example/")).status, 403);
  assert.equal(told.length, 1, "403 is not about the token");
});

test("what is refused elsewhere, after a redirect, says nothing of the token", async () => {
  for (const url of ["https://other.example/", "https://app.example.evil.test/", "https://app.example/outside"]) {
    const response = refusal();
    Object.defineProperties(response, { redirected: { value: true }, url: { value: url } });
    answers = [response];
    assert.equal((await fetchOf({ allow: ["https://app.example/api"] })("https://app.example/api")).status, 401);
  }
  assert.deepEqual([told, sent.length], [[], 3]);
});

test("whoever is signed out is refused, or passed on where that is wanted", async () => {
  token = undefined;
  await assert.rejects(fetchOf()("https://app.example/"), { code: "ERR_SIGNED_OUT" });
  assert.deepEqual([sent, counted], [[], ["refused"]]);
  await fetchOf({ signedOut: "pass" })("https://app.example/");
  await fetchOf()("https://other.example/");
  assert.deepEqual(authorizations(), [null, null]);
});

test("a token that is a cookie is sent as one, unless the request says no", async () => {
  token = { text: undefined, generation: 1, first: 1 };
  const fetch = fetchOf({ allow: [API] });
  await fetch(`${API}/`, { method: "POST", body: "kept" });
  await fetch(`${API}/`, { credentials: "omit" });
  assert.deepEqual(sent.map(({ authorization, credentials, body }) => [authorization, credentials, body]), [[null, "include", "kept"], [null, "omit", ""]]);
});

test("an aborted request is rejected with its own reason, before it is sent", async () => {
  const reason = new Error("enough");
  await assert.rejects(fetchOf()("https://app.example/", { signal: AbortSignal.abort(reason) }), reason);
  assert.deepEqual(sent, []);
});

test("one that is aborted while it waits for a token was not refused", async () => {
  const controller = new AbortController();
  const fetch = requester({}, {
    obtain: (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    challenged: async () => {},
    count: (what) => counted.push(what),
  });
  const waiting = fetch("https://app.example/", { signal: controller.signal });
  controller.abort("enough");
  await assert.rejects(waiting, (reason) => reason === "enough");
  assert.deepEqual([sent, counted], [[], []]);
});

test("one that is aborted during the renewal is rejected at once, and not sent again", async () => {
  const controller = new AbortController();
  // The session lets go of whoever has given up.
  const meanwhile = (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      controller.abort("enough");
    });
  answers = [refusal()];
  await assert.rejects(fetchOf({}, { meanwhile })("https://app.example/", { signal: controller.signal }), (reason) => reason === "enough");
  assert.deepEqual(counted, ["authorized"]);
  assert.equal(sent.length, 1);
});

test("one that is aborted with a refusal at hand begins no renewal", async () => {
  const controller = new AbortController();
  const response = refusal();
  Object.defineProperty(response, "status", { get: () => (controller.abort("enough"), 401) });
  answers = [response];
  await assert.rejects(fetchOf()("https://app.example/", { signal: controller.signal }), (reason) => reason === "enough");
  assert.deepEqual(told, []);
});

test("what one user wanted is not done again for another who has signed in since", async () => {
  answers = [refusal()];
  const meanwhile = () => {
    token = { text: "T8", generation: 8, first: 8 };
  };
  const response = await fetchOf({}, { meanwhile })("https://app.example/pay", { method: "POST", body: "1" });
  assert.deepEqual([response.status, await response.text()], [401, "no"]);
  assert.deepEqual(authorizations(), ["Bearer T1"]);
});

test("a refusal whose text breaks off keeps nothing from being sent again", async () => {
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error("broken off")) });
  answers = [new Response(broken, { status: 401 })];
  const response = await fetchOf()("https://app.example/");
  assert.equal(await response.text(), "fine");
});

test("nobody waits for a renewal after the second refusal", async () => {
  answers = [refusal(), refusal()];
  let renewals = 0;
  const meanwhile = () => (renewals++ ? new Promise(() => {}) : undefined);
  assert.equal((await fetchOf({}, { meanwhile })("https://app.example/")).status, 401);
  assert.equal(told.length, 2);
});

test("it may stand in the place of the platform's", async () => {
  const platform = globalThis.fetch;
  globalThis.fetch = fetchOf();
  await fetch("https://app.example/");
  globalThis.fetch = fetchOf();
  await fetch("https://app.example/");
  assert.deepEqual(authorizations(), ["Bearer T1", "Bearer T1"]);
  globalThis.fetch = platform;
});

test("keepalive is said where Firefox hears it, and the referrer stays what it was", async () => {
  await fetchOf()("https://app.example/", { keepalive: true, referrerPolicy: "origin" });
  await fetchOf()("https://app.example/");
  const [{ init }, second] = sent;
  assert.deepEqual([init.keepalive, init.referrerPolicy], [true, "origin"]);
  assert.equal(second.init, undefined);
});
