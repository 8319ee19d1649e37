// What an activity costs, beside react-idle-timer with the same deadlines in the same page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";
import { root } from "../support/environment.mjs";
import { openIdle } from "../support/idle-pages.mjs";
import { IDLE_PEER, measureListeners } from "../support/idle-peer.mjs";

/** So many events each, in rounds that take turns. */
const EVENTS = 1_000_000;
const ROUNDS = 20;

async function bundle() {
  const { outputFiles } = await build({
    stdin: { contents: IDLE_PEER, resolveDir: `${root}tests` },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputFiles[0].text;
}

const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];

export function cost(browser) {
  test("costs less than a tenth of what it costs with react-idle-timer", async (t) => {
    const script = await bundle();
    // Without isolation a browser's clock ticks in tenths of a millisecond: a batch takes several of ours.
    const visit = await openIdle(t, browser(), { isSignedIn: false });
    visit.stage.answers.set("/peer.js", () => ({ headers: { "content-type": "text/javascript" }, body: script }));
    const before = await visit.page.evaluate(async () => {
      globalThis.session = await newSession("auth", { idle: {} });
      globalThis.contenders = {
        peer: async () => (await import("/peer.js")).mount(),
        ours: async () => session.begin(await fetch("/auth/login", { method: "POST" })),
      };
      return Date.now();
    });
    const { counts, bodies } = await visit.page.evaluate(measureListeners, { events: EVENTS, rounds: ROUNDS });
    assert.deepEqual(counts, [1, 1], "one listener each for a pointer's movement");
    const heardAt = await visit.page.evaluate(() => session.idleDeadline() - 30 * 60_000);
    assert.ok(heardAt > before, "the session has heard of it");
    const [ours, peer] = [median(bodies.ours), median(bodies.peer)];
    t.diagnostic(`an event costs ${ours.toFixed(1)} ns, with react-idle-timer ${peer.toFixed(1)} ns`);
    assert.ok(ours < peer / 10, `${ours} ns beside ${peer} ns`);
  });
}
