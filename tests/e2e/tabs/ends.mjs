// A session that ends, or gives way to another user's, in every tab.

import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn } from "../support/bare-page.mjs";
import { eventually } from "../support/eventually.mjs";
import { agree, comeBack, each, freeze, goAway, openTabs, ordinaryBrowser } from "../support/many-tabs.mjs";
import { GRACE } from "../support/sample-page.mjs";
import { noAlarm, printed, startRenewal } from "../support/trouble.mjs";

const DELAY_MS = 3000;
/** How long a message may take on a busy machine. */
const AT_ONCE_MS = 1000;

const ended = (run, page) => run.heardIn(page).filter(({ type }) => type === "ended");

/** The tab has nothing that it could send, and says so. */
async function isSignedOut(page) {
  const found = await page.evaluate(async () => {
    const { state, claims, tokenExpiresAt } = session.snapshot();
    return { state, claims, tokenExpiresAt, call: await session.accessToken().catch(({ code }) => code) };
  });
  assert.deepEqual(found, { state: "signed-out", claims: null, tokenExpiresAt: null, call: "ERR_SIGNED_OUT" });
}

export function ends(browser) {
  test("a sign-out in one tab signs every tab out at once, and those that are away when they come back", async (t) => {
    const ordinary = await ordinaryBrowser(t);
    const run = await openTabs(ordinary.inside, ordinary.browser, { count: 7, lifetimeS: 60 });
    const [first, frozen, cached, ...others] = run.pages;
    const token = await agree(run);
    const resume = await freeze(run, frozen);
    await goAway(cached);
    await eventually("it to be gone", () => first.evaluate(() => session.snapshot().tabs === 6));

    const began = await first.evaluate(() => {
      const began = Date.now();
      globalThis.leaving = session.signOut();
      return began;
    });
    for (const page of others) await eventually("the end", () => ended(run, page).length === 1);
    const times = others.map((page) => ended(run, page)[0].at - began);
    t.diagnostic(`signed out in the other tabs after ${times.join(", ")} ms`);
    assert.ok(times.every((tookMs) => tookMs < AT_ONCE_MS), `${times}`);
    await first.evaluate(() => leaving);
    for (const page of [first, ...others]) await isSignedOut(page);
    for (const page of others) assert.deepEqual(ended(run, page)[0].detail, { reason: "signed-out", by: "other-tab" });
    assert.deepEqual(ended(run, first)[0].detail, { reason: "signed-out", by: "this-tab" });
    const { status } = await fetch(`${run.server.address}/api/me`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(status, 401, "the token is worthless");

    await resume();
    await isSignedOut(frozen);
    assert.deepEqual(ended(run, frozen).map(({ detail }) => detail), [{ reason: "signed-out", by: "other-tab" }]);
    await comeBack(cached);
    await eventually("the end", () => ended(run, cached).length === 1);
    assert.deepEqual(ended(run, cached)[0].detail, { reason: "signed-out", by: "other-tab" });
    await isSignedOut(cached);
    assert.deepEqual(run.renewals(), [], "nobody asked for a renewal");
    assert.equal(run.logouts().length, 1);
    assert.equal(run.ofType("ended").length, 7);
    await noAlarm(run.server);
  });

  for (const [what, isKnown] of [["of which the server knows", true], ["of which the server does not know", false]]) {
    test(`a tab that comes back after a sign-out ${what}, and finds nobody: signed out`, async (t) => {
      const run = await openTabs(t, browser(), { count: 2, lifetimeS: 60, expected: [printed(401), printed(503)] });
      const [cached, other] = run.pages;
      await goAway(cached);
      if (!isKnown) await run.server.faults({ path: "/auth/logout", seconds: 300, status: { code: 503 } });
      await other.evaluate(() => session.signOut());
      await other.close();
      await comeBack(cached);
      await eventually("the end", () => ended(run, cached).length === 1);
      t.diagnostic(JSON.stringify(ended(run, cached)[0].detail));
      await isSignedOut(cached);
      // Where nobody remembers the end, the server tells it, twice.
      assert.ok(run.renewals().length <= (isKnown ? 2 : 0));
      assert.ok(run.renewals().every(({ status }) => status === 401));
      await noAlarm(run.server);
    });
  }

  test("another user who signs in in one tab is the user of all, and a renewal for the one before is dropped", async (t) => {
    const run = await openTabs(t, browser(), { count: 4, lifetimeS: 60, expected: [printed(401)] });
    const [first, renewing, ...others] = run.pages;
    const before = await agree(run);
    await run.server.faults({ requests: 1, delay: { ms: DELAY_MS, when: "before" } });
    startRenewal(renewing);
    await run.struck();
    await logIn(first, GRACE);
    const began = await first.evaluate(async () => {
      const began = Date.now();
      await session.begin(answer);
      return began;
    });
    const token = await agree(run);
    t.diagnostic(`all tabs had the new user's token within ${Date.now() - began} ms`);
    assert.notEqual(token, before);
    const subjects = () => each(run.pages, () => session.snapshot().claims.sub);
    assert.deepEqual(new Set(await subjects()), new Set(["user-grace"]));

    await eventually("the answer to the renewal for the user before", () => run.renewals()[0].status);
    assert.equal(run.renewals()[0].status, 401);
    assert.equal(await agree(run), token);
    assert.equal(await others[0].evaluate(() => session.renew().then(() => "done")), "done");
    await agree(run);
    assert.deepEqual(new Set(await subjects()), new Set(["user-grace"]));
    assert.deepEqual(run.ofType("ended"), []);
    await noAlarm(run.server);
  });
}
