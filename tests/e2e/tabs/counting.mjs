// How often tabs renew that have nothing to suffer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { eventually } from "../support/eventually.mjs";
import { agree, each, made, openTabs, ordinaryBrowser, unharmed } from "../support/many-tabs.mjs";

const TABS = 7;
const LIFETIME_S = 8;
const SPAN_MS = 120_000;

export function counting(browser) {
  test("seven tabs renew no more often than one alone", async (t) => {
    const ordinary = await ordinaryBrowser(t);
    const one = await openTabs(t, browser(), { count: 1, lifetimeS: LIFETIME_S });
    const seven = await openTabs(ordinary.inside, ordinary.browser, { count: TABS, lifetimeS: LIFETIME_S });
    assert.equal((await each(seven.pages, () => document.hidden)).filter(Boolean).length, TABS - 1, "all tabs but one are hidden");
    await agree(seven);

    const began = Date.now();
    const counted = async (run) => (await made(run)).filter(({ at }) => Date.parse(at) >= began && Date.parse(at) < began + SPAN_MS).length;
    const before = seven.pages.map((page) => seven.heardIn(page).length);
    await wait(SPAN_MS);
    const [bySeven, byOne] = [await counted(seven), await counted(one)];
    t.diagnostic(`renewals in ${SPAN_MS / 1000} s: ${bySeven} by ${TABS} tabs, ${byOne} by one`);
    assert.ok(byOne >= SPAN_MS / 1000 / LIFETIME_S, "the one renews");
    assert.ok(bySeven <= byOne + 1, `${bySeven} renewals by ${TABS} tabs, ${byOne} by one`);
    for (const run of [seven, one]) await unharmed(run);
    await agree(seven);

    // Each renewal was news to every tab, and one of them had made it.
    for (const [place, page] of seven.pages.entries()) {
      const renewed = seven.heardIn(page).slice(before[place]);
      assert.deepEqual([...new Set(renewed.map(({ type }) => type))], ["renewed"]);
      assert.ok(Math.abs(renewed.length - bySeven) <= 1, `tab ${place} heard of ${renewed.length} renewals`);
    }
    assert.ok((await each(seven.pages, () => session.snapshot().tabs)).every((tabs) => tabs === TABS));
    assert.ok(seven.renewals().every(({ status }) => status === 200));
  });

  test("ten tabs that are opened at once make one request, and so does one that is opened after all are closed", async (t) => {
    const run = await openTabs(t, browser(), { count: 1 });
    const pages = await Promise.all(Array.from({ length: 10 }, () => run.open()));
    await run.page.close();
    await Promise.all(pages.map((page) => run.enter(page)));
    const before = run.renewals().length;
    assert.deepEqual(await each(pages, () => session.restore()), pages.map(() => "active"));
    await agree(run, { pages });
    assert.equal(run.renewals().length, before + 1);

    for (const page of pages) await page.close();
    run.pages.length = 0;
    const last = run.renewals().length;
    await run.add();
    assert.equal(run.renewals().length, last + 1);

    await run.add();
    assert.equal(run.renewals().length, last + 1, "a tab that is opened beside another asks that one");
    await agree(run);
    await eventually("the next renewal", () => run.renewals().length > last + 1);
    await agree(run);
    await unharmed(run);
  });
}
