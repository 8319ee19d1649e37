// Attempts that another tab has made, and that come to the server, or back from it, after the next renewal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { openTabs, reload, unharmed } from "../support/many-tabs.mjs";
import { keysOf, renew, startRenewal } from "../support/trouble.mjs";

/** Longer than two renewals take. */
const DELAY_MS = 6000;
/** Shorter than what is sent by a page that is gone is waited for. */
const GONE_DELAY_MS = 2500;

export function late(browser) {
  for (const when of ["before", "after"]) {
    test(`a tab waits for the attempt of another that is late, ${when} its commit`, async (t) => {
      const run = await openTabs(t, browser(), { count: 2, lifetimeS: 60, config: { refresh: { timeout: "2s" } }, expected: [/status of 401/] });
      const [slow, other] = run.pages;
      await run.server.faults({ requests: 1, delay: { ms: DELAY_MS, when } });
      startRenewal(slow);
      await run.struck();
      // The same renewal, which the other tab takes over.
      await eventually("a token", async () => (await renew(other)) === "done");
      // The next one.
      await renew(other);
      await eventually("the late answer", () => run.renewals()[0].status);
      await renew(other);
      await unharmed(run);
      assert.equal(keysOf(run.renewals())[0], keysOf(run.renewals())[1]);
    });
  }

  for (const when of ["before", "after"]) {
    test(`a tab waits for the attempt of a page that is gone, ${when} its commit`, async (t) => {
      const run = await openTabs(t, browser(), { count: 2, lifetimeS: 60 });
      const [gone, other] = run.pages;
      await run.server.faults({ requests: 1, delay: { ms: GONE_DELAY_MS, when } });
      startRenewal(gone);
      await run.struck();
      await reload(run, gone);
      // The same renewal, which the other tab takes over, and the next one.
      assert.equal(await renew(other), "done");
      assert.equal(await renew(other), "done");
      const [first, second, third] = keysOf(run.renewals());
      assert.equal(first, second);
      assert.notEqual(second, third);
      await unharmed(run);
    });
  }
}
