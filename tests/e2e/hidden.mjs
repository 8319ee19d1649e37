// Measures how late renewals start in a tab that lies behind another one, where browsers hold timers back:
// Chromium by up to a minute once a page has been hidden for a while. It needs a screen:
//
//   xvfb-run --auto-servernum node tests/e2e/hidden.mjs [MINUTES]
//
// The server and the package must have been built; the variables of support/environment.mjs name others.
// A second hidden tab keeps a timer that re-arms itself every five seconds: while nothing holds that one
// back, the numbers of the first tell nothing.

import { setTimeout as wait } from "node:timers/promises";
import { startOrdinaryBrowser } from "./support/browser.mjs";
import { PATIENCE_MS } from "./support/environment.mjs";
import { signIn } from "./support/sample-page.mjs";
import { startServer } from "./support/server.mjs";

const minutes = Number(process.argv[2] ?? 7);
const WARM_UP_MS = 10_000;

/** Keeps how many milliseconds after its time each renewal was sent, in `globalThis.lateness`. */
function keepLateness() {
  globalThis.lateness = [];
  let session;
  let due = null;
  Object.defineProperty(globalThis, "session", {
    get: () => session,
    set(created) {
      session = created;
      session.subscribe(({ renewsAt }) => (due = renewsAt ?? due));
    },
  });
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    if (String(input.url ?? input).endsWith("/auth/refresh") && due !== null) {
      globalThis.lateness.push({ hiddenForMs: performance.now() - globalThis.hiddenAt, lateMs: Date.now() - due });
    }
    return original(input, init);
  };
}

/** A timer that re-arms itself, and how late it was. */
function keepChain() {
  const INTERVAL_MS = 5000;
  globalThis.lateness = [];
  const arm = () => {
    const due = performance.now() + INTERVAL_MS;
    setTimeout(() => {
      globalThis.lateness.push({ hiddenForMs: performance.now() - globalThis.hiddenAt, lateMs: performance.now() - due });
      arm();
    }, INTERVAL_MS);
  };
  arm();
}

const noteHiding = () =>
  document.addEventListener("visibilitychange", () => (globalThis.hiddenAt = document.hidden ? performance.now() : undefined));

function report(title, records) {
  const sorted = records.map(({ lateMs }) => lateMs).sort((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(0) ?? "–";
  console.log(`${title.padEnd(50)} ${String(sorted.length).padStart(4)} ${at(0.5).padStart(10)} ${at(0.95).padStart(10)} ${at(1).padStart(10)}`);
}

const server = await startServer("--access-lifetime", "10s");
const browser = await startOrdinaryBrowser({ headless: false });
try {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  const session = context.pages()[0];
  await session.addInitScript(noteHiding);
  await session.addInitScript(keepLateness);
  await signIn(session, server.address);

  const chain = await context.newPage();
  await chain.addInitScript(noteHiding);
  await chain.goto(`${server.address}/favicon.svg`);
  await chain.evaluate(keepChain);
  await wait(WARM_UP_MS);

  const front = await context.newPage();
  await front.bringToFront();
  for (const page of [session, chain]) await page.waitForFunction(() => document.hidden, undefined, { polling: 100 });
  console.log(`hidden for ${minutes} minutes …`);
  await wait(minutes * 60_000);

  console.log(`${"milliseconds late".padEnd(50)}    n     median        p95        max`);
  for (const [name, page] of [["renewals", session], ["a timer that re-arms itself", chain]]) {
    const { records, hidden, state } = await page.evaluate(() =>
      ({ records: globalThis.lateness, hidden: document.hidden, state: globalThis.session?.state }));
    if (!hidden || (page === session && state !== "active")) throw new Error(`${name}: hidden ${hidden}, state ${state}`);
    const LONG_MS = 5 * 60_000;
    report(`${name}, hidden for up to 5 min`, records.filter(({ hiddenForMs }) => hiddenForMs >= 0 && hiddenForMs < LONG_MS));
    report(`${name}, hidden for longer`, records.filter(({ hiddenForMs }) => hiddenForMs >= LONG_MS));
  }
} finally {
  await browser.close();
  await server.stop();
}
