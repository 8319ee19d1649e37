import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, mock, test } from "node:test";
import { listen, sessionNamed } from "../../js/revocation.js";

const FIRST_MS = 5000;
const LONGEST_MS = 300_000;

/** Every stream that was asked for; what the session, the locks and the page are. */
let streams, session, revoked, lost, over, now, isOnline, locks;

class Stream extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  constructor(url, { withCredentials }) {
    super();
    Object.assign(this, { url, withCredentials, readyState: 0 });
    streams.push(this);
  }
  close() {
    this.readyState = 2;
  }
  opens() {
    this.readyState = 1;
    this.onopen();
  }
  /** It breaks, and the browser comes back or does not. */
  breaks(readyState) {
    this.readyState = readyState;
    this.onerror();
  }
  says(data) {
    if (this.readyState !== 2) this.dispatchEvent(Object.assign(new Event("revoked"), { data }));
  }
}

const pass = (ms) => {
  now += ms;
  mock.timers.tick(ms);
};
const last = () => streams.at(-1);
/** How many streams are not closed. */
const alive = () => streams.filter(({ readyState }) => readyState !== 2).length;
/** Until the next stream is asked for, in steps of a tenth of a second. */
function untilAsked() {
  const [count, start] = [streams.length, now];
  while (streams.length === count) {
    pass(100);
    assert.ok(now - start < 2 * LONGEST_MS, "it is never asked for again");
  }
  return now - start;
}
const is = (state) => {
  session.tokenExpiresAt = state === "active" ? 1 : null;
  session.dispatchEvent(new Event("change"));
};
const returned = () => Object.assign(new Event("pageshow"), { persisted: true });
const start = (config = {}, lock = false) =>
  listen(session, { eventsUrl: "/events", ...config }, lock, { revoked: (...sid) => revoked.push(...sid), lose: (...what) => lost.push(what) }, over.signal);

beforeEach(() => {
  [streams, revoked, lost, now, isOnline, locks] = [[], [], [], 1000, true, []];
  over = new AbortController();
  setMaxListeners(0, over.signal);
  session = Object.assign(new EventTarget(), { tokenExpiresAt: 1, snapshot: () => session });
  session.on = (type, heard) => session.addEventListener(type, heard);
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(performance, "now", () => now);
  mock.method(Math, "random", () => 1);
  const page = new EventTarget();
  Object.assign(globalThis, { document: new EventTarget(), EventSource: Stream });
  for (const name of ["addEventListener", "dispatchEvent"]) globalThis[name] = page[name].bind(page);
  const request = (name, { signal }, granted) => {
    locks.push({ name, signal, granted });
    return new Promise(() => {});
  };
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { get onLine() { return isOnline; }, locks: { request } } });
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  for (const name of ["document", "EventSource", "addEventListener", "dispatchEvent"]) delete globalThis[name];
});

test("an event names a session by its text, or by the member of a JSON object, or nobody", () => {
  for (const [data, named] of [
    ["one", "one"], ['"one"', "one"], ['{"sid":"one","reason":"x"}', "one"], ["7", "7"], ['{"sid":7}', "7"], ["true", "true"], ["{one", "{one"],
    ["", undefined], ["null", undefined], ["{}", undefined], ['{"sid":null}', undefined], ['{"sid":""}', undefined], ['""', undefined],
  ]) assert.equal(sessionNamed(data), named, data);
});

test("a stream is there as long as a session is held, and hears of its end", () => {
  session.tokenExpiresAt = null;
  start({ credentials: "include" });
  assert.equal(streams.length, 0);
  is("active");
  is("active");
  assert.deepEqual([streams.length, last().url, last().withCredentials], [1, "/events", true]);
  last().opens();
  last().says("one");
  assert.deepEqual(revoked, ["one"]);
  is("signed-out");
  assert.equal(alive(), 0);
  pass(10 * LONGEST_MS);
  assert.equal(streams.length, 1);
});

test("another session has a stream of its own", () => {
  start({ credentials: "same-origin" });
  const [before] = streams;
  before.opens();
  session.dispatchEvent(new Event("started"));
  assert.deepEqual([before.readyState, streams.length, alive(), last().withCredentials], [2, 2, 1, false]);
});

test("the browser comes back by itself after a drop, once, and later not sooner than it did", () => {
  start();
  last().opens();
  pass(60_000);
  last().breaks(0);
  assert.deepEqual([streams.length, alive()], [1, 1], "the browser is coming back");
  pass(20_000); // as long as `retry` said
  last().breaks(0);
  assert.equal(alive(), 0);
  const waitMs = untilAsked();
  assert.ok(waitMs >= 20_000 && waitMs <= 30_100, `${waitMs}`);
  last().opens();
  last().breaks(0);
  assert.equal(alive(), 0, "one that broke at once was not well");
  assert.ok(untilAsked() >= 20_000);
  last().opens();
  pass(60_000);
  last().breaks(0);
  assert.equal(alive(), 1, "after a good while, the browser comes back again");
});

for (const [what, readyState] of [["refused", 2], ["unreachable", 0]]) {
  test(`a server that is ${what} is asked later and later`, () => {
    start();
    const waits = [];
    for (let turn = 0; turn < 10; turn++) {
      last().breaks(readyState);
      assert.equal(alive(), 0);
      waits.push(untilAsked());
    }
    assert.ok(waits[0] >= FIRST_MS && waits[0] <= 1.5 * FIRST_MS + 100, `${waits}`);
    for (const [place, waitMs] of waits.entries()) assert.ok(waitMs >= Math.min(FIRST_MS * 2 ** place, LONGEST_MS) && waitMs <= 1.5 * LONGEST_MS + 100, `${waits}`);
    assert.ok(waits.at(-1) >= LONGEST_MS);
    const total = streams.length;
    pass(3_600_000);
    assert.ok(streams.length - total <= 1, "nothing is asked while nothing is answered");
  });
}

test("chance spreads the waits", () => {
  mock.method(Math, "random", () => 0);
  start();
  last().breaks(2);
  assert.ok(untilAsked() <= FIRST_MS + 100);
});

test("offline nothing is asked, and online again soon", () => {
  start();
  last().opens();
  isOnline = false;
  last().breaks(0);
  assert.equal(alive(), 0, "the browser does not come back either");
  pass(LONGEST_MS - 1000);
  assert.equal(streams.length, 1);
  isOnline = true;
  dispatchEvent(new Event("online"));
  assert.ok(untilAsked() <= 1100);
  last().opens();
  dispatchEvent(new Event("online"));
  pass(10_000);
  assert.deepEqual([streams.length, alive()], [2, 1], "one that is open stays");
});

test("a page that goes, or freezes, puts the stream down, and takes it up again", () => {
  start();
  const leaves = [
    [globalThis, new Event("pagehide"), globalThis, returned()],
    [document, new Event("freeze"), document, new Event("resume")],
  ];
  for (const [place, left, back, event] of leaves) {
    place.dispatchEvent(left);
    assert.equal(alive(), 0, left.type);
    pass(10 * LONGEST_MS);
    assert.equal(alive(), 0);
    back.dispatchEvent(event);
    assert.equal(alive(), 1, event.type);
  }
  globalThis.dispatchEvent(new Event("beforeunload"));
  assert.equal(alive(), 0);
  pass(3000);
  assert.equal(alive(), 1, "the page has not gone after all");
  over.abort();
  assert.equal(alive(), 0);
  globalThis.dispatchEvent(returned());
  is("active");
  assert.equal(alive(), 0, "the session object was given up");
});

test("of many tabs, the one with the lock listens", async () => {
  start({}, "the lock");
  assert.deepEqual([streams.length, locks.length, locks[0].name], [0, 1, "the lock"]);
  const held = locks[0].granted();
  assert.equal(alive(), 1);
  is("signed-out");
  await held;
  assert.deepEqual([alive(), locks[0].signal.aborted], [0, true]);
  is("active");
  assert.equal(locks.length, 2);
  assert.equal(alive(), 0, "it waits for its turn");
});

test("where locks are denied, each tab listens", async () => {
  navigator.locks.request = () => Promise.reject(new DOMException("denied", "SecurityError"));
  start({}, "the lock");
  await null;
  await null;
  assert.equal(alive(), 1);
});

test("a browser without event streams is told of once", () => {
  delete globalThis.EventSource;
  start();
  assert.equal(lost.length, 1);
  assert.equal(lost[0][0], "event-source");
});
