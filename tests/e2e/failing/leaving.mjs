// Pages that go away in the middle of a renewal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openBare } from "../support/bare-page.mjs";
import { keysOf, renew, startRenewal, survived } from "../support/trouble.mjs";

const DELAY_MS = 2000;
/** Longer than three reloads take, so that none of their requests is answered between them. */
const LONG_DELAY_MS = 8000;
/** Half of it is over, and a token renewed, when every one of them is answered. */
const LONG_S = 4 * LONG_DELAY_MS / 1000;

/** Ways for a page to go away; each resolves to the page that is there then. */
const LEAVING = {
  "reloaded": async ({ page }) => {
    await page.reload();
    return page;
  },
  "closed, and opened again": async ({ context, page, server }) => {
    await page.close();
    const other = await context.newPage();
    await openBare(other, server.address);
    return other;
  },
};

/** The page has taken the renewal up that was on its way, and goes on as ever. */
async function tookUp(run, page, attempts) {
  assert.equal(await page.evaluate(() => session.state), "active");
  assert.deepEqual(run.ofType("started").map(({ detail }) => detail.restored), [false, true]);
  const keys = keysOf(run.renewals());
  assert.equal(keys.length, attempts);
  assert.equal(new Set(keys).size, 1, "every load of the page presented the same key");
  // By itself: by then all that was on its way has settled.
  await run.hear("renewed");
  assert.equal(await renew(page), "done");
  assert.equal(new Set(keysOf(run.renewals())).size, 3, "each renewal after it had its own");
  await survived({ ...run, page });
}

export function leaving(open) {
  for (const when of ["before", "after"]) {
    for (const [left, leave] of Object.entries(LEAVING)) {
      test(`a page that is ${left} in the middle of a renewal, ${when} its commit, is still signed in`, async (t) => {
        const run = await open(t);
        await run.server.faults({ requests: 1, delay: { ms: DELAY_MS, when } });
        startRenewal(run.page);
        await run.struck();
        const page = await leave(run);
        assert.equal(await run.restore(page), "active");
        await tookUp(run, page, 2);
        const answered = (await run.server.trail()).filter(({ kind }) => /^renewal(-repeated)?$/.test(kind));
        assert.equal(answered.length, run.renewals().length, "what was on its way has arrived, too");
      });
    }

    test(`a page that is reloaded again and again while it renews, ${when} the commit, is still signed in`, async (t) => {
      const run = await open(t, { lifetimeS: LONG_S });
      const { page } = run;
      await run.server.faults({ requests: 3, delay: { ms: LONG_DELAY_MS, when } });
      startRenewal(page);
      for (let requests = 1; requests < 3; requests++) {
        await run.struck(requests);
        await page.reload();
        void run.restore().catch(() => {});
      }
      await run.struck();
      await page.reload();
      assert.equal(await run.restore(), "active");
      await tookUp(run, page, 4);
    });
  }
}
