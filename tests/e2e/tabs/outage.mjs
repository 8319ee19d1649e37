// A server that is down while many tabs are open: together they bring no more attempts than one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { agree, openTabs, unharmed } from "../support/many-tabs.mjs";
import { printed, startRenewal } from "../support/trouble.mjs";

const OUTAGE_S = 60;
const GOVERNED_MS = 60_000;
const MOST_FAILURES = 10;
const LONGEST_BACKOFF_MS = 30_000;
const SLACK_MS = 10_000;

export function outage(browser) {
  for (const [what, config] of [["five tabs", {}], ["five impatient tabs", { retry: { base: "100ms", max: "500ms" } }]]) {
    test(`a minute of 503 with ${what}: no more than ten attempts, and everybody comes through`, async (t) => {
      const run = await openTabs(t, browser(), { count: 5, config, expected: [printed(503)] });
      await run.server.faults({ seconds: OUTAGE_S, status: { code: 503 } });
      for (const page of run.pages) startRenewal(page);
      const everywhere = (type) => run.pages.every((page) => run.heardIn(page).some((event) => event.type === type));
      await eventually("every tab to be degraded", () => everywhere("degraded"));
      await eventually("every tab to recover", () => everywhere("recovered"), OUTAGE_S * 1000 + LONGEST_BACKOFF_MS + SLACK_MS);
      await agree(run);
      await unharmed(run);
      for (const page of run.pages) {
        const types = run.heardIn(page).map(({ type }) => type).filter((type) => /degraded|recovered/.test(type));
        assert.deepEqual(types, ["degraded", "recovered"]);
      }
      const struck = (await run.server.trail("fault-injected")).map(({ at }) => Date.parse(at));
      t.diagnostic(`${struck.length} attempts in ${OUTAGE_S} s by five tabs`);
      for (const at of struck) {
        const near = struck.filter((other) => other >= at && other < at + GOVERNED_MS).length;
        assert.ok(near <= MOST_FAILURES, `${near} failed attempts in ${GOVERNED_MS} ms`);
      }
    });
  }
}
