// Tabs that are lost in the middle of a renewal: another goes on with it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { agree, crash, each, freeze, hang, made, openTabs, ordinaryBrowser, unharmed } from "../support/many-tabs.mjs";
import { keysOf, renew, startRenewal, UNANSWERED } from "../support/trouble.mjs";

/** How long the server takes for the one renewal that it delays. */
const DELAY_MS = 4000;
/** So much longer than one attempt may take the others wait for whoever renews. */
const GRACE_MS = 2000;
const TIMEOUT_S = 2;
/** Long enough for nobody to renew of his own accord before the test has begun. */
const LIFETIME_S = 20;
/** So long that nobody does before a test has looked twice. */
const LONG_S = 40;
const PASSED_BY_MS = TIMEOUT_S * 1000 + GRACE_MS;
/** How long a machine may be busy with other things. */
const SLACK_MS = 4000;

/** Every page asks for a renewal; resolves to what came of it and when. */
const allRenew = (pages) =>
  each(pages, () => session.renew().then(() => "done", (error) => error.code).then((result) => ({ result, at: Date.now() })));

/** Resolves when so many pages wait for their turn. */
const queued = (page, count) =>
  eventually(`${count} tabs to wait`, () =>
    page.evaluate(async (count) => {
      const { pending } = await navigator.locks.query();
      return pending.filter(({ name }) => /\/(turn|next)$/.test(name)).length >= count;
    }, count));

/** Tabs that have just renewed, so that none is about to; `since()` are the renewals from then on. */
async function openFresh(t, browser, options) {
  const run = await openTabs(t, browser, { lifetimeS: LIFETIME_S, ...options });
  assert.equal(await renew(run.page), "done");
  await agree(run);
  const [sent, answered] = [run.renewals().length, (await made(run)).length];
  return { ...run, since: () => run.renewals().slice(sent), madeSince: async () => (await made(run)).slice(answered) };
}

/** The renewal was made twice, as one and the same to the server, and only one other tab has made it again. */
async function tookOver(run) {
  await eventually("what was on its way and the next renewal", async () => (await run.madeSince()).length >= 3 && run.since().length >= 3);
  await agree(run);
  const [first, second, third] = keysOf(run.since());
  assert.equal(first, second, "both attempts presented the same key");
  assert.notEqual(second, third, "and no other tab did");
  await unharmed(run);
}

export function holders(browser) {
  for (const when of ["before", "after"]) {
    test(`a tab that is killed while it renews, ${when} the commit: another goes on`, async (t) => {
      const run = await openFresh(t, browser(), { count: 4 });
      const [holder, ...others] = run.pages;
      await run.server.faults({ requests: 1, delay: { ms: DELAY_MS, when } });
      startRenewal(holder);
      await run.struck();
      const results = allRenew(others);
      await queued(others[0], others.length);
      const killed = Date.now();
      await crash(run, holder);
      run.drop(holder);
      const settled = await results;
      assert.deepEqual(settled.map(({ result }) => result), others.map(() => "done"));
      const tookMs = Math.max(...settled.map(({ at }) => at)) - killed;
      t.diagnostic(`killed ${when} the commit: the others were served after ${tookMs} ms`);
      assert.ok(tookMs < SLACK_MS, `after ${tookMs} ms`);
      assert.equal(run.since().length, 2);
      await agree(run);
      await tookOver(run);
      assert.deepEqual((await run.madeSince()).map(({ kind }) => kind).slice(0, 2), ["renewal", "renewal-repeated"]);
    });

    test(`a tab that is killed while it renews and nobody waits, ${when} the commit: the others renew in time`, async (t) => {
      const run = await openFresh(t, browser(), { count: 3 });
      const [holder, ...others] = run.pages;
      await run.server.faults({ requests: 1, delay: { ms: DELAY_MS, when } });
      startRenewal(holder);
      await run.struck();
      await crash(run, holder);
      run.drop(holder);
      await tookOver(run);
    });

    for (const [how, stop] of Object.entries({
      frozen: async (run, page) => freeze(run, page),
      hung: async (run, page) => {
        const forMs = PASSED_BY_MS + SLACK_MS;
        await hang(page, forMs);
        return () => page.evaluate(() => 0);
      },
    })) {
      test(`a tab that is ${how} while it renews, ${when} the commit, is passed by`, async (t) => {
        const ordinary = await ordinaryBrowser(t);
        const run = await openFresh(ordinary.inside, ordinary.browser, { count: 4, config: { refresh: { timeout: `${TIMEOUT_S}s` } } });
        const [holder, ...others] = run.pages;
        // Later than the others have it: what comes to the holder then is late.
        await run.server.faults({ requests: 1, delay: { ms: PASSED_BY_MS + 2 * DELAY_MS, when } });
        startRenewal(holder);
        await run.struck();
        const resume = await stop(run, holder);
        const asked = Date.now();
        const settled = await allRenew(others);
        assert.deepEqual(settled.map(({ result }) => result), others.map(() => "done"));
        const tookMs = Math.max(...settled.map(({ at }) => at)) - asked;
        t.diagnostic(`${how} ${when} the commit: passed by after ${tookMs} ms`);
        assert.ok(tookMs >= PASSED_BY_MS - 1000 && tookMs < PASSED_BY_MS + SLACK_MS, `after ${tookMs} ms`);
        assert.equal(run.since().length, 2, "one tab passes it by, and not all");
        const own = others.map((page) => run.heardIn(page).findLast(({ type }) => type === "renewed").detail.by);
        assert.deepEqual(own.sort(), ["other-tab", "other-tab", "this-tab"]);

        await eventually("the late answer", async () => (await run.madeSince()).length >= 2);
        await resume();
        await agree(run);
        await tookOver(run);
        assert.deepEqual((await run.madeSince()).map(({ kind }) => kind).slice(0, 2), ["renewal", "renewal-repeated"]);
      });
    }
  }

  test("a request that hangs holds nobody up for longer than its time", async (t) => {
    const run = await openFresh(t, browser(), {
      count: 4,
      lifetimeS: LONG_S,
      config: { refresh: { timeout: `${TIMEOUT_S}s` } },
      expected: [UNANSWERED],
    });
    const [holder, ...others] = run.pages;
    const before = run.heard.length;
    await run.server.faults({ requests: 1, hang: {} });
    startRenewal(holder);
    await run.struck(1);
    const asked = Date.now();
    const settled = await allRenew(others);
    await eventually("two attempts", () => run.since().length >= 2);
    const token = await agree(run);
    t.diagnostic(`a request that hangs: a new token in every tab after ${Date.now() - asked} ms, told ${settled.map(({ result }) => result)}`);
    const [first, second] = keysOf(run.since());
    assert.equal(first, second, "it goes on with its key");
    assert.equal(run.since().length, 2);
    const failed = run.heard.slice(before).filter(({ type }) => type === "renewal-failed");
    assert.deepEqual(failed.map(({ detail }) => detail.cause), ["timeout"]);
    await run.server.faults();
    assert.equal(await agree(run), token, "what becomes of it changes nothing");
    await eventually("the next renewal", () => run.since().length >= 3, LONG_S * 1000);
    await agree(run);
    await unharmed(run);
  });
}
