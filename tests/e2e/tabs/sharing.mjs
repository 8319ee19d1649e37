// Tabs that do not share their tokens, that do nothing together, and that are one page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { restore } from "../support/bare-page.mjs";
import { eventually } from "../support/eventually.mjs";
import { agree, each, look, openTabs, unharmed } from "../support/many-tabs.mjs";

const DELAY_MS = 700;
const LONG_S = 300;
/** The server writes a request down so much later than it came. */
const ROUNDING_MS = 100;

const nameOf = ({ server }) => `sessionkeeper:${server.address}/auth/refresh`;

/** Keeps what is said on a session's channel in `globalThis.overheard`, and its tokens apart. */
const overhear = (page, name) =>
  page.evaluate((name) => {
    globalThis.overheard = [];
    globalThis.channel = new BroadcastChannel(name);
    channel.onmessage = ({ data: [numbers, token] }) => overheard.push({ numbers: [...numbers], token: token ?? null });
  }, name);

const renewAll = (pages) => each(pages, () => session.renew().then(() => "done", (error) => error.code));

/** Two sessions of one name in the page, which share the page's session. */
const enterTwice = (page) =>
  page.evaluate(async () => {
    const { createSession } = await import("/pkg/index.js");
    const create = () => createSession({ refresh: "/auth/refresh", logout: "/auth/logout" });
    globalThis.both = [await create(), await create()];
    globalThis.heard = both.map((one) => {
      const types = [];
      for (const type of ["started", "renewed", "ended"]) one.on(type, ({ detail }) => types.push([type, detail.by ?? null]));
      return types;
    });
  });
const ofBoth = (page) => page.evaluate(async () => {
  const tokens = await Promise.all(both.map((one) => one.accessToken().catch(({ code }) => code)));
  return both.map((one, place) => ({ state: one.state, tabs: one.snapshot().tabs, token: tokens[place] }));
});

export function sharing(browser) {
  test("tabs that do not share their tokens have one each, and renew one at a time", async (t) => {
    const run = await openTabs(t, browser(), { count: 1, config: { tabs: { shareToken: false } } });
    await overhear(run.page, nameOf(run));
    await run.server.faults({ seconds: LONG_S, delay: { ms: DELAY_MS, when: "after" } });
    while (run.pages.length < 4) await run.add();
    assert.deepEqual(await renewAll(run.pages), run.pages.map(() => "done"));
    const before = run.renewals().length;
    assert.ok(before >= 7, "each for itself: three that were opened, and four that were asked");
    // Of their own accord, too.
    await eventually("more renewals", () => run.renewals().length >= before + 8);
    const seen = await Promise.all(run.pages.map(look));
    assert.equal(new Set(seen.map(({ token }) => token)).size, run.pages.length, "every tab has a token of its own");
    assert.deepEqual(seen.map(({ state, tabs }) => `${state} ${tabs}`), run.pages.map(() => "active 4"));
    const sent = (await run.server.trail("fault-injected")).map(({ at }) => Date.parse(at));
    const closest = Math.min(...sent.slice(1).map((at, place) => at - sent[place]));
    t.diagnostic(`${sent.length} renewals that take ${DELAY_MS} ms, ${closest} ms apart or more`);
    assert.ok(closest >= DELAY_MS - ROUNDING_MS, `two renewals ${closest} ms apart`);
    const overheard = await run.page.evaluate(() => overheard);
    assert.ok(overheard.length >= before);
    assert.deepEqual(overheard.filter(({ token }) => token !== null), [], "no token is handed on");

    assert.ok(run.ofType("renewed").every(({ detail }) => detail.by === "this-tab"));
    await unharmed(run);

    await run.pages[1].evaluate(() => session.signOut());
    await eventually("the end in every tab", () => run.ofType("ended").length === run.pages.length);
    assert.deepEqual(await run.server.trail("reuse-detected"), []);
  });

  test("tabs that do nothing together have no lock and no channel", async (t) => {
    const run = await openTabs(t, browser(), { count: 1, config: { tabs: false } });
    await overhear(run.page, nameOf(run));
    await run.add();
    // One after the other: nothing keeps them from renewing at once.
    for (const page of run.pages) assert.deepEqual(await renewAll([page]), ["done"]);
    for (const { tabs } of await Promise.all(run.pages.map(look))) assert.equal(tabs, 1);
    const locks = await run.page.evaluate(async () => {
      const { held, pending } = await navigator.locks.query();
      return [...held, ...pending];
    });
    assert.deepEqual(locks, []);
    // The ear is good: what a stranger says is heard.
    await run.pages[1].evaluate((name) => new BroadcastChannel(name).postMessage([Float64Array.of(0), undefined]), nameOf(run));
    await eventually("the stranger", () => run.page.evaluate(() => overheard.length));
    assert.deepEqual(await run.page.evaluate(() => overheard), [{ numbers: [0], token: null }]);
    assert.deepEqual(run.ofType("facility-missing"), []);
    await unharmed(run);
  });

  test("two sessions of one name in one page are as two tabs", async (t) => {
    const run = await openTabs(t, browser(), { count: 1, lifetimeS: 60 });
    const page = await run.open();
    await run.page.close();
    await enterTwice(page);
    assert.deepEqual(await page.evaluate(() => Promise.all(both.map((one) => one.restore()))), ["active", "active"]);
    assert.equal(run.renewals().length, 1, "one request serves both");
    await eventually("each to see the other", async () => (await ofBoth(page)).every(({ tabs }) => tabs === 2));
    const [one, other] = await ofBoth(page);
    assert.equal(one.token, other.token);
    await page.evaluate(() => both[0].renew());
    await eventually("the token of the other", () => page.evaluate(() => heard[1].some(([type]) => type === "renewed")));
    const renewed = await ofBoth(page);
    assert.equal(renewed[0].token, renewed[1].token);
    assert.notEqual(renewed[0].token, one.token);
    assert.equal(run.renewals().length, 2);
    await page.evaluate(() => both[1].signOut());
    await eventually("the end", () => page.evaluate(() => heard.every((types) => types.at(-1)[0] === "ended")));
    assert.deepEqual(await page.evaluate(() => heard.map((types) => types.at(-1)[1])), ["other-tab", "this-tab"]);
    for (const { token } of await ofBoth(page)) assert.equal(token, "ERR_SIGNED_OUT");
    assert.deepEqual(await run.server.trail("reuse-detected"), []);
  });

  test("of two sessions of one name in one page, one is disposed: the other goes on", async (t) => {
    const run = await openTabs(t, browser(), { count: 1 });
    const page = await run.open();
    await run.page.close();
    for (const early of [true, false]) {
      await enterTwice(page);
      const before = run.renewals().length;
      await page.evaluate((early) => {
        globalThis.restored = both.map((one) => one.restore().catch(({ code }) => code));
        if (early) both[0].dispose();
        return Promise.all(restored);
      }, early);
      if (!early) await page.evaluate(() => both[0].dispose());
      const tookMs = await page.evaluate(async () => {
        const began = performance.now();
        await both[1].accessToken();
        return performance.now() - began;
      });
      t.diagnostic(`${early ? "disposed at once" : "disposed later"}: the other has a token after ${Math.round(tookMs)} ms`);
      await eventually("the one that is left to be alone", async () => (await ofBoth(page))[1].tabs === 1);
      const [gone, left] = await ofBoth(page);
      assert.equal(gone.token, "ERR_DISPOSED");
      assert.equal(left.state, "active");
      assert.ok(run.renewals().length - before <= 2, `${run.renewals().length - before} requests`);
      await eventually("its renewal, by itself", () => page.evaluate(() => heard[1].some(([type, by]) => type === "renewed" && by === "this-tab")));
      assert.deepEqual(await page.evaluate(() => heard.flat().filter(([type]) => type === "ended")), []);
      await page.evaluate(() => both[1].dispose());
    }
    await restore(page);
    run.pages.splice(0, 1, page);
    await agree(run);
    await unharmed(run);
  });
}
