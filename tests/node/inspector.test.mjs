import assert from "node:assert/strict";
import { test } from "node:test";
import { hit, lasting } from "../../js/inspector/hit.js";
import { inspectionOf } from "../../js/inspector/inspection.js";
import { Log, MOST_ROWS } from "../../js/inspector/log.js";
import { Model } from "../../js/inspector/model.js";
import { Series } from "../../js/inspector/series.js";
import { together } from "../../js/inspector/summary.js";
import { countdown, span } from "../../js/inspector/time.js";
import { View } from "../../js/inspector/view.js";
import { apart, instants, spans } from "../../js/inspector/walk.js";
import { sentence, skewed } from "../../js/inspector/words.js";

const HOUR_MS = 3_600_000;
let sequence = 0;
const entry = (at, type, detail = {}) => ({ sequence: sequence++, at, type, detail });
const renewed = (at, lifeMs = 900_000, by = "this-tab") => entry(at, "renewed", { by, tokenExpiresAt: at + lifeMs, attempts: 1, took: 40 });
const logOf = (...entries) => {
  const log = new Log();
  log.sequence = entries[0].sequence - 1;
  for (const each of entries) log.take(each);
  return log;
};
const modelOf = (log) => {
  const model = new Model();
  for (const row of log.rows) model.add(row);
  return model;
};
const listed = (series) => Array.from({ length: series.length }, (_, place) => [series.starts[place], series.ends[place]]);

test("entries that came already are not taken twice, and what is missing is told", () => {
  const log = new Log();
  log.take({ sequence: 2, at: 10, type: "renewed", detail: {} });
  log.take({ sequence: 2, at: 10, type: "renewed", detail: {} });
  log.take({ sequence: 5, at: 20, type: "renewed", detail: {} });
  assert.deepEqual(log.rows.map(({ type, sequence, detail }) => [type, sequence, detail.missing]), [
    ["gap", null, 2],
    ["renewed", 2, undefined],
    ["gap", null, 2],
    ["renewed", 5, undefined],
  ]);
});

test("a log is bounded, and its rows keep their names", () => {
  const log = new Log();
  for (let place = 0; place < MOST_ROWS + 12_000; place++) log.take({ sequence: place, at: place, type: "renewed", detail: {} });
  assert.ok(log.rows.length >= MOST_ROWS && log.rows.length < MOST_ROWS + 5000, `${log.rows.length}`);
  for (const id of [log.first, log.first + 77, log.end - 1]) assert.equal(log.row(id).id, id);
  assert.equal(log.row(log.first - 1), undefined);
});

test("a clock that was set back moves nothing on the time line, whether an entry says so or not", () => {
  for (const told of [true, false]) {
    const at = 100 * HOUR_MS;
    const before = renewed(at);
    const jump = entry(at + 1000 - HOUR_MS, "clock-jump", { by: -HOUR_MS, kind: "set-back" });
    const after = renewed(at + 2000 - HOUR_MS);
    const log = logOf(before, ...(told ? [jump] : []), after);
    const [first, last] = [log.rows[0], log.rows.at(-1)];
    assert.ok(last.time - first.time >= 0 && last.time - first.time <= 2000, `${last.time - first.time}`);
    assert.ok(Math.abs(log.wall(last.time) - after.at) <= 2000);
  }
});

test("a clock that was set back counts once, also where an entry came before the one that says so", () => {
  const at = 100 * HOUR_MS;
  const log = logOf(renewed(at), entry(at + 500 - HOUR_MS, "request-replayed", { url: "" }), entry(at + 1000 - HOUR_MS, "clock-jump", { by: -HOUR_MS, kind: "set-back" }), renewed(at + 5000 - HOUR_MS));
  assert.ok(log.rows.at(-1).time - log.rows[0].time < 6000);
});

test("a clock that was set forward moves back what already had its time", () => {
  const at = 100 * HOUR_MS;
  const log = logOf(renewed(at), entry(at + HOUR_MS + 500, "request-replayed", { url: "" }), entry(at + HOUR_MS + 900, "clock-jump", { by: HOUR_MS, kind: "set-forward" }), renewed(at + HOUR_MS + 2000));
  assert.deepEqual(log.rows.map(({ time }) => time - at), [0, 500, 900, 2000]);
  assert.equal(log.retimed, 1);
  assert.equal(log.wall(log.rows.at(-1).time), at + HOUR_MS + 2000);
});

test("a sleep is time that passed", () => {
  const at = 100 * HOUR_MS;
  const log = logOf(renewed(at), entry(at + 8 * HOUR_MS, "clock-jump", { by: 7 * HOUR_MS, kind: "sleep" }));
  assert.deepEqual(listed(modelOf(log).sleeps), [[at + HOUR_MS, at + 8 * HOUR_MS]]);
});

test("a life becomes states, tokens and attempts", () => {
  const log = logOf(
    entry(0, "started", { restored: false }),
    renewed(1000, 5000),
    entry(4000, "renewal-failed", { cause: "network", attempt: 1, retryAt: 5000 }),
    entry(4800, "renewal-failed", { cause: "network", attempt: 2, retryAt: 9000 }),
    entry(6100, "degraded", { since: 6000 }),
    renewed(8000, 5000),
    entry(8001, "recovered", { after: 2000 }),
    entry(9000, "idle-warning", { endsAt: 12_000, remaining: 3000 }),
    entry(10_000, "idle-extended", { by: "this-tab" }),
    entry(11_000, "ended", { reason: "signed-out", by: "this-tab" }),
  );
  const model = modelOf(log);
  assert.deepEqual(listed(model.active), [[0, 6000], [8000, 11_000]]);
  assert.deepEqual(listed(model.degraded), [[6000, 8000]]);
  // The first ended with the second: nobody has said when it would have lapsed.
  assert.deepEqual(listed(model.tokens), [[0, 1000], [1000, 6000], [8000, 13_000]]);
  assert.deepEqual([...model.tokens.marks.slice(0, 3)], [1000, 8000, 11_000]);
  assert.deepEqual(listed(model.backoffs), [[4000, 4800], [4800, 8000]]);
  assert.deepEqual(listed(model.warnings), [[9000, 10_000]]);
  assert.equal(model.retryAt, null);
  assert.equal(model.renewals.marks[0], 960);
});

test("what goes on is kept when what it began with is dropped", () => {
  const series = new Series();
  series.add(0, Infinity, 0);
  series.add(5, 5, 1);
  series.add(9, 9, 2);
  series.dropBefore(2, 9);
  assert.deepEqual(listed(series), [[0, Infinity], [5, 5], [9, 9]]);
  series.close(9);
  series.ends[0] = 4;
  series.dropBefore(2, 9);
  assert.deepEqual(listed(series), [[9, 9]]);
});

test("of a hundred thousand, no more are drawn than there is room for, and all are counted", () => {
  const series = new Series();
  for (let place = 0; place < 100_000; place++) series.add(place * 864, place * 864 + 800, place);
  const DAY_MS = 24 * HOUR_MS;
  for (const spanMs of [60_000, HOUR_MS, DAY_MS]) {
    const start = DAY_MS - spanMs;
    const perPixel = spanMs / 1000;
    const groups = [...instants(series, start, DAY_MS, apart(series, start, DAY_MS, perPixel))];
    assert.ok(groups.length <= 90, `${groups.length} shapes in ${spanMs} ms`);
    const counted = groups.filter(({ start: at }) => at >= start).reduce((sum, { first, last }) => sum + last - first + 1, 0);
    assert.ok(counted <= series.from(DAY_MS) - series.from(start));
    assert.ok([...spans(series, start, DAY_MS, 3 * perPixel)].length <= 336);
  }
  // The groups of a moved window are the same but at its edges.
  const at = (start) => [...instants(series, start, start + HOUR_MS, 100_000)].map(({ first }) => first);
  const [one, other] = [at(HOUR_MS), at(HOUR_MS + 777)];
  assert.ok(one.filter((first) => other.includes(first)).length >= one.length - 2);
});

test("of spans that are drawn as one, it is known how much of the time they last", () => {
  const series = new Series();
  for (let place = 0; place < 1000; place++) series.add(place * 10, place * 10 + (place < 500 ? 1 : 9), place);
  assert.equal(series.share(0, 0, 1e6), 1, "one lasts all of its time");
  assert.ok(Math.abs(series.share(0, 499, 1e6) - 0.1) < 0.001);
  assert.ok(Math.abs(series.share(500, 999, 1e6) - 0.9) < 0.001);
  series.dropBefore(100, 1000);
  assert.ok(Math.abs(series.share(0, 399, 1e6) - 0.1) < 0.001, "what was given up does not count");
  series.add(20_000, Infinity, 1000);
  assert.equal(series.share(series.length - 1, series.length - 1, 20_010), 1);
  assert.ok(series.share(series.length - 2, series.length - 1, 30_000) < 0.99);

  const lane = { name: "Page", top: 0, height: 20, shapes: [], spans: [{ series: "sleeps", one: "Asleep", many: "sleeps" }] };
  const sleeps = new Series();
  for (let place = 0; place < 100; place++) sleeps.add(place * 10, place * 10 + 3, place);
  const scene = { place: { lanes: [lane], left: 0, right: 10, width: 10 }, model: { sleeps }, start: 0, spanMs: 1000, now: 1000 };
  const found = hit(scene, 5, 10);
  assert.ok(found.count > 1);
  assert.match(lasting(found, 1000), /^3\d% of that time$/);
  assert.equal(together(scene), "Drawn together: 100 sleeps, for 30% of that time.");
  const warnings = new Series();
  warnings.add(0, 300, 0);
  const both = { ...scene, place: { ...scene.place, lanes: [lane, { ...lane, spans: [{ series: "warnings", one: "warning", many: "warnings" }] }] }, model: { sleeps, warnings } };
  assert.equal(together(both), together(scene), "what is drawn by itself is not told");
  assert.equal(together({ ...both, model: { sleeps: warnings, warnings } }), "");
  const open = new Series();
  for (let place = 0; place < 4; place++) open.add(place * 10, place === 3 ? Infinity : place * 10 + 5, place);
  assert.match(together({ ...scene, model: { sleeps: open } }), /^Drawn together: \d sleeps, for 9\d% of that time\.$/, "what goes on lasts until now");
});

test("a window follows the present, and stays where it is put", () => {
  const view = new View();
  view.isStill = true;
  const before = view.at(1_000_000, 0);
  assert.equal(view.at(1_001_000, 0).start - before.start, 1000);
  view.pan(-0.5, 1_001_000);
  const there = view.at(1_001_000, 0);
  assert.deepEqual(view.at(1_060_000, 0), there);
  view.zoom(there.spanMs / 2, 1_060_000, 0.25);
  const closer = view.at(1_060_000, 0);
  assert.ok(Math.abs(closer.start + 0.25 * closer.spanMs - (there.start + 0.25 * there.spanMs)) < 1e-6, "what is under the pointer stays there");
  view.follow(1_060_000);
  assert.ok(view.isFollowing);
  for (const wild of [1e-9, 1e15]) {
    view.zoom(wild, 1_060_000);
    assert.ok(view.spanMs >= 5000 && view.spanMs <= 3 * 24 * HOUR_MS);
  }
});

test("a window that moves is asked where it will be", () => {
  const view = new View();
  view.goTo(0, 1_000_000);
  view.follow(1_000_000);
  const goal = view.goal(1_000_000);
  assert.ok(view.at(1_000_000, performance.now()).start < goal.start, "it is on its way");
  assert.deepEqual(view.at(1_000_000, performance.now() + 1000), goal);
});

test("every entry has a sentence, also one that nobody knows yet", () => {
  const said = (type, detail) => sentence({ id: 0, sequence: 0, at: 0, time: 0, type, detail, entry: null });
  assert.equal(said("renewal-failed", { cause: "timeout", attempt: 2, retryAt: 2400 }), "Attempt 2 failed: no answer came in time; next in 2.4 s");
  assert.equal(said("clock-jump", { by: 8 * HOUR_MS, kind: "sleep" }), "The device slept for 8 h");
  assert.equal(said("ended", { reason: "rejected", by: "server" }), "Ended: the server refused the renewal (the server)");
  assert.equal(said("news", { one: 1, two: "b" }), "one 1, two b");
  assert.match(said("toString", {}), /^$/);
  assert.equal(skewed(0, Infinity), "The server's time is not known yet");
  assert.equal(skewed(-42_000, 500), "The device is 42 s ± 500 ms ahead of the server");
});

test("an export has a recording where one is kept, and null where none is", () => {
  const session = (lines) => ({ snapshot: () => ({ state: "active" }), metrics: () => ({}), recording: () => lines });
  assert.deepEqual(inspectionOf(session(["{}", "{}"]), [], {}).recording, ["{}", "{}"]);
  assert.equal(inspectionOf(session([]), [], {}).recording, null);
  assert.equal(inspectionOf(null, [], {}).recording, null);
});

test("spans and countdowns are read at a glance", () => {
  assert.deepEqual([0, 41, 2449, 61_000, 8 * HOUR_MS, 26 * HOUR_MS, -1500].map(span), ["0 ms", "41 ms", "2.4 s", "1 min 1 s", "8 h", "1 d 2 h", "−1.5 s"]);
  assert.deepEqual([-5, 1, 59_001, HOUR_MS].map(countdown), ["0:00", "0:01", "1:00", "1:00:00"]);
});
