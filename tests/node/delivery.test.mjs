import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Delivery } from "../../js/delivery.js";

const URL = "https://app.example/audit";
const GATHER_MS = 5000;

/** What was sent, by either way; how the next requests are answered; what the console was told. */
let sent, answers, said, beaconTakes, delivery;
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await null;
};
const pass = async (ms) => {
  mock.timers.tick(ms);
  await settle();
};
const entry = (sequence, detail = {}) => ({ sequence, at: 1, type: "renewed", detail });
const add = (from, to = from) => {
  for (let sequence = from; sequence <= to; sequence++) delivery.add(entry(sequence));
};
const sequences = () => sent.map(({ entries }) => entries.map(({ sequence }) => sequence));
const record = async (way, blob, init) => {
  const batch = { way, init, type: blob.type, size: blob.size };
  sent.push(batch);
  Object.assign(batch, JSON.parse(await blob.text()));
};

beforeEach(() => {
  [sent, answers, said, beaconTakes] = [[], [], [], Infinity];
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(Math, "random", () => 1);
  mock.method(console, "warn", (text) => said.push(text));
  mock.method(AbortSignal, "timeout", () => new AbortController().signal);
  const page = new EventTarget();
  const scope = {
    document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
    addEventListener: page.addEventListener.bind(page),
    dispatchEvent: page.dispatchEvent.bind(page),
    fetch: (url, { body, ...init }) => {
      record("fetch", body, { url, ...init });
      return answers.length ? answers.shift() : Promise.resolve(new Response(null, { status: 204 }));
    },
  };
  Object.assign(globalThis, scope);
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { sendBeacon: (url, blob) => beaconTakes-- > 0 && (record("beacon", blob, { url }), true) },
  });
  delivery = new Delivery(URL, (...request) => fetch(...request));
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("entries gather, and go in one request that outlives the page and no cache answers", async () => {
  add(0, 2);
  await pass(GATHER_MS - 1);
  assert.deepEqual(sent, []);
  await pass(1);
  await pass(0);
  assert.deepEqual(sequences(), [[0, 1, 2]]);
  const [{ init, type, tab }] = sent;
  assert.deepEqual([init.url, init.method, init.keepalive, init.cache, type], [URL, "POST", true, "no-store", "application/json"]);
  assert.match(tab, /^[\da-f-]{36}$/);
  await pass(10 * GATHER_MS);
  assert.equal(sent.length, 1, "nothing is sent without an entry");
});

test("a hundred go at once, and no request is longer than a page may leave behind", async () => {
  add(0, 99);
  await pass(0);
  assert.equal(sequences()[0].length, 100);
  sent.length = 0;
  for (let sequence = 100; sequence < 110; sequence++) delivery.add(entry(sequence, { text: "ä".repeat(4000) }));
  await pass(GATHER_MS);
  await pass(0);
  for (let turn = 0; turn < 10; turn++) await pass(0);
  assert.deepEqual(sequences().flat(), [100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
  assert.ok(sent.every(({ size }) => size < 60_000));
});

test("what failed is sent again, later and later, in order, and nothing else meanwhile", async () => {
  answers = [Promise.reject(new TypeError("network")), Promise.resolve(new Response(null, { status: 503 }))];
  answers[0].catch(() => {});
  add(0);
  await pass(GATHER_MS);
  add(1);
  await pass(1999);
  assert.equal(sent.length, 1);
  await pass(1);
  assert.equal(sent.length, 2);
  await pass(3999);
  assert.equal(sent.length, 2);
  await pass(1);
  await pass(0);
  assert.deepEqual(sequences().at(-1), [0, 1]);
  await pass(600_000);
  assert.equal(sent.length, 3);
});

test("what the server will never have is given up, and said once", async () => {
  for (let batch = 0; batch < 2; batch++) {
    answers = [Promise.resolve(new Response(null, { status: 404 }))];
    add(batch);
    await pass(GATHER_MS);
    await pass(600_000);
  }
  assert.deepEqual(sequences(), [[0], [1]]);
  assert.equal(said.length, 1);
  assert.match(said[0], /404/);
});

test("a server that is never there costs no more than a thousand entries, and the gap shows", async () => {
  answers = Array.from({ length: 20 }, () => Promise.resolve(new Response(null, { status: 500 })));
  add(0, 1500);
  for (let turn = 0; turn < 20; turn++) await pass(60_000);
  for (let turn = 0; turn < 20; turn++) await pass(60_000);
  const got = sequences().slice(20).flat();
  assert.equal(got.at(-1), 1500);
  assert.ok(got.length <= 1000 && got[0] > 0);
  assert.deepEqual(got, Array.from({ length: got.length }, (_, place) => got[0] + place));
});

test("what is left goes with the page, in pieces, and what the browser does not take is kept", async () => {
  add(0, 149);
  dispatchEvent(new Event("pagehide"));
  await settle();
  assert.deepEqual(sent.map(({ way, entries }) => [way, entries.length]), [["beacon", 100], ["beacon", 50]]);
  sent.length = 0;
  beaconTakes = 0;
  add(150);
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(GATHER_MS);
  await pass(0);
  assert.deepEqual(sequences(), [[150]]);
});

test("whoever comes online does not wait for the backoff", async () => {
  answers = [Promise.resolve(new Response(null, { status: 500 }))];
  add(0);
  await pass(GATHER_MS);
  dispatchEvent(new Event("online"));
  await pass(GATHER_MS);
  await pass(0);
  assert.equal(sent.length, 2);
});

test("after the end nothing is sent but what was left", async () => {
  add(0);
  delivery.end();
  await pass(600_000);
  assert.deepEqual(sent.map(({ way }) => way), ["beacon"]);
  dispatchEvent(new Event("pagehide"));
  assert.equal(sent.length, 1);
});
