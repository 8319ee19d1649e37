// What the adapters for frameworks share, without any of them.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

globalThis.window = globalThis;
const { idleWarningOf, viewOf } = await import("../../js/store.js");

/** What stands for a session that is active, where each change is set by hand. */
function newActor(members = {}) {
  const listeners = new Set();
  let snapshot = { state: "active", idleWarning: false, idleEndsAt: null, ...members };
  return {
    snapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change(members) {
      snapshot = { ...snapshot, ...members };
      for (const listener of [...listeners]) listener();
    },
  };
}

test("a subscriber that throws when the session is there keeps it from no other", async (t) => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  const actor = newActor();
  const view = viewOf(Promise.resolve(actor));
  const seen = [];
  view.subscribe(() => {
    throw new Error("none of it");
  });
  view.subscribe(() => seen.push(view.get().state));
  await Promise.resolve();
  assert.deepEqual(seen, ["active"]);
  assert.deepEqual(reported, ["none of it"]);
});

test("a promise that leads to no session is an error, and not waited for for ever", async (t) => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error);
  t.after(() => delete globalThis.reportError);
  for (const given of [undefined, null, {}]) {
    const view = viewOf(Promise.resolve(given));
    const seen = [];
    view.subscribe(() => seen.push(view.get()));
    await Promise.resolve();
    const [{ state, error, session }] = seen;
    assert.deepEqual([state, session], ["starting", null]);
    assert.match(error.message, /return the session/);
    assert.equal(reported.pop(), error);
  }
});

test("a warning that nobody has shown for a while is not shown as it was", (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  t.after(() => mock.timers.reset());
  const warning = idleWarningOf(viewOf(newActor({ idleWarning: true, idleEndsAt: Date.now() + 9000 })));
  const stops = [warning.subscribe(() => {}), warning.subscribe(() => {})];
  mock.timers.tick(1000);
  const shown = warning.get();
  assert.equal(shown.secondsLeft, 8);
  stops[0]();
  stops[0]();
  mock.timers.tick(500);
  assert.equal(warning.get(), shown, "as long as somebody counts, all see the same");
  stops[1]();
  mock.timers.tick(3000);
  const again = warning.get();
  assert.equal(again.secondsLeft, 5);
  assert.equal(warning.get(), again);
});
