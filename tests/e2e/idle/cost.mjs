// What an activity costs, beside react-idle-timer with the same deadlines in the same page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";
import { root } from "../support/environment.mjs";
import { openIdle } from "../support/idle-pages.mjs";

/** So many events each, in rounds that take turns. */
const EVENTS = 1_000_000;
const ROUNDS = 20;

/** A component that waits for the user to do nothing. Bundled, it offers `mount()`. */
const PEER = `
  import { createElement } from "react";
  import { createRoot } from "react-dom/client";
  import { useIdleTimer } from "react-idle-timer";

  function Watcher({ done }) {
    useIdleTimer({ timeout: 30 * 60_000, promptBeforeIdle: 60_000, onIdle() {}, onPrompt() {}, onActive() {} });
    requestAnimationFrame(done);
    return null;
  }

  export const mount = () =>
    new Promise((done) => createRoot(document.body.appendChild(document.createElement("div"))).render(createElement(Watcher, { done })));
`;

async function bundle() {
  const { outputFiles } = await build({
    stdin: { contents: PEER, resolveDir: `${root}tests` },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputFiles[0].text;
}

/** Measures what the listeners for a pointer's movement take: nanoseconds for an event, in each round. Runs in the page. */
async function measure({ events, rounds }) {
  const { addEventListener } = EventTarget.prototype;
  /** The listeners for movements that are added meanwhile. */
  const collect = async (act) => {
    const listeners = [];
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      // React listens to everything at its root, whoever uses it.
      const isRoot = this instanceof HTMLElement;
      if (/^(mouse|pointer)move$/.test(type) && !isRoot) listeners.push([type, listener]);
      return addEventListener.call(this, type, listener, options);
    };
    try {
      await act();
      await new Promise((resolve) => setTimeout(resolve, 200));
    } finally {
      EventTarget.prototype.addEventListener = addEventListener;
    }
    return listeners;
  };
  const peer = await collect(async () => (await import("/peer.js")).mount());
  const ours = await collect(async () => {
    globalThis.session = await newSession("auth", { idle: {} });
    await session.begin(await fetch("/auth/login", { method: "POST" }));
  });
  const found = [peer.length, ours.length];
  if (found.some((count) => count !== 1)) return { found };

  const before = session.idleDeadline();
  const run = ([[type, listener]], count) => {
    const CHUNK = 1000;
    let tookMs = 0;
    for (let done = 0; done < count; done += CHUNK) {
      // Each event is one of now, as a browser's are.
      const batch = Array.from({ length: CHUNK }, () => new MouseEvent(type));
      const started = performance.now();
      for (const event of batch) listener.call(window, event);
      tookMs += performance.now() - started;
    }
    return (tookMs / count) * 1e6;
  };
  const times = { ours: [], peer: [] };
  for (let round = 0; round < rounds; round++) {
    times.ours.push(run(ours, events / rounds));
    times.peer.push(run(peer, events / rounds));
  }
  return { found, times, isHeard: session.idleDeadline() > before };
}

const median = (numbers) => numbers.sort((one, other) => one - other)[numbers.length >> 1];

export function cost(browser) {
  test("costs less than a tenth of what it costs with react-idle-timer", async (t) => {
    const script = await bundle();
    // Without isolation a browser's clock ticks in tenths of a millisecond: a batch takes several of ours.
    const visit = await openIdle(t, browser(), { isSignedIn: false });
    visit.stage.answers.set("/peer.js", () => ({ headers: { "content-type": "text/javascript" }, body: script }));
    const { found, times, isHeard } = await visit.page.evaluate(measure, { events: EVENTS, rounds: ROUNDS });
    assert.deepEqual(found, [1, 1], "one listener each for a pointer's movement");
    assert.ok(isHeard, "the session has heard of it");
    const [ours, peer] = [median(times.ours), median(times.peer)];
    t.diagnostic(`an event costs ${ours.toFixed(1)} ns, with react-idle-timer ${peer.toFixed(1)} ns: ${(peer / ours).toFixed(1)} times as much`);
    assert.ok(ours < peer / 10, `${ours} ns beside ${peer} ns`);
  });
}
