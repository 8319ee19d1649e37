// The back/forward cache: a tab that comes back reads nothing before it has looked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { agree, comeBack, goAway, openTabs, unharmed } from "../support/many-tabs.mjs";

/** Longer than a message to another tab takes. */
const DELAY_MS = 1500;
const ROUNDING_MS = 50;

/** Keeps what the page can read of its session when it is shown again, in `globalThis.shown`. */
const readAtReturn = (page) =>
  page.evaluate(() => {
    addEventListener("pageshow", ({ persisted }) => {
      const { state, claims, tokenExpiresAt } = session.snapshot();
      globalThis.shown = { persisted, state, claims, tokenExpiresAt };
      const began = performance.now();
      globalThis.call = session.accessToken().then((token) => ({ token, state: session.state, tookMs: performance.now() - began }));
    });
    globalThis.before = new Set();
    // These come before the page is said to be shown.
    for (const event of ["visibilitychange", "resume"]) document.addEventListener(event, () => document.hidden || before.add(session.state));
  });

const BEFORE_IT_LOOKED = { persisted: true, state: "starting", claims: null, tokenExpiresAt: null };

export function cache(browser) {
  test("a tab that comes back from the cache takes the session over from another, without a request", async (t) => {
    const run = await openTabs(t, browser(), { count: 3, lifetimeS: 60 });
    const [page, ...others] = run.pages;
    await readAtReturn(page);
    await goAway(page);
    await eventually("it to be gone", () => others[0].evaluate(() => session.snapshot().tabs === 2));
    // The token that the page had is not the newest any longer.
    assert.equal(await others[0].evaluate(() => session.renew().then(() => "done")), "done");
    await agree(run, { pages: others });
    assert.equal(run.renewals().length, 1);

    await comeBack(page);
    assert.deepEqual(await page.evaluate(() => shown), BEFORE_IT_LOOKED);
    assert.deepEqual(await page.evaluate(() => [...before]), ["starting"]);
    const { token, state } = await page.evaluate(() => call);
    assert.equal(state, "active");
    assert.equal(await agree(run), token);
    assert.equal(run.renewals().length, 1);
    await unharmed(run);
  });

  test("a tab that comes back from the cache and finds nobody asks the server, once", async (t) => {
    const run = await openTabs(t, browser(), { count: 1, lifetimeS: 60 });
    const [page] = run.pages;
    await readAtReturn(page);
    await goAway(page);
    await run.server.faults({ requests: 1, delay: { ms: DELAY_MS, when: "after" } });
    await comeBack(page);
    assert.deepEqual(await page.evaluate(() => shown), BEFORE_IT_LOOKED);
    await run.struck();
    const { token, state, tookMs } = await page.evaluate(() => call);
    assert.equal(state, "active");
    assert.ok(tookMs >= DELAY_MS - ROUNDING_MS, `it waits for the answer, it had a token after ${tookMs} ms`);
    assert.equal(await agree(run), token);
    assert.equal(run.renewals().length, 1);
    await unharmed(run);
  });

  test("tabs that all come back at once make one request", async (t) => {
    const run = await openTabs(t, browser(), { count: 4, lifetimeS: 60 });
    for (const page of run.pages) await goAway(page);
    await run.server.faults({ requests: 1, delay: { ms: DELAY_MS, when: "after" } });
    await Promise.all(run.pages.map(comeBack));
    await agree(run);
    assert.equal(run.renewals().length, 1);
    await unharmed(run);
  });

  test("a tab that goes away in the middle of its renewal leaves it to another", async (t) => {
    const run = await openTabs(t, browser(), { count: 3, lifetimeS: 60 });
    const [page, other] = run.pages;
    await run.server.faults({ requests: 1, delay: { ms: DELAY_MS, when: "after" } });
    await page.evaluate(() => void session.renew().catch(() => {}));
    await run.struck();
    await goAway(page);
    assert.equal(await other.evaluate(() => session.renew().then(() => "done")), "done");
    await comeBack(page);
    await agree(run);
    const keys = run.renewals().map(({ headers }) => headers["idempotency-key"]);
    assert.ok(keys.length === 2 && keys[0] === keys[1], `${keys}`);
    await unharmed(run);
  });
}
