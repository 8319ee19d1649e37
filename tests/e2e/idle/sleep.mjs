// A device that sleeps past the end, and clocks that are set.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setDeviceClock } from "../support/device-clock.mjs";
import { ENDED, look, openIdle } from "../support/idle-pages.mjs";

const MINUTE_MS = 60_000;
const TIMEOUT_MS = 30 * MINUTE_MS;

/** A stage whose time a test moves, and a session on it that knows the server's time. */
async function openSleeper(t, browser) {
  const clock = { aheadMs: 0 };
  const visit = await openIdle(t, browser(), {
    config: { idle: {} },
    lifetimeS: 24 * 3600,
    now: () => Date.now() + clock.aheadMs,
    scripts: [setDeviceClock],
  });
  visit.stage.answers.set("/api/me", () => ({ status: 200 }));
  await visit.page.evaluate(() => session.renew());
  return { ...visit, clock };
}

/** The device wakes after `ms`; its clocks show what `shown` says. The page calls its API and renews at once. */
const wake = (page, ms, shown) =>
  page.evaluate(async ({ ms, shown }) => {
    for (const clock of shown) deviceClock[clock] += ms;
    const call = async () => {
      const token = await session.accessToken();
      return (await fetch("/api/me", { headers: { authorization: `Bearer ${token}` } })).status;
    };
    const calls = [call(), session.renew(), session.fetch("/api/me").then(({ status }) => status)].map((promise) => promise.catch(({ code }) => code));
    return Promise.all(calls);
  }, { ms, shown });

const probes = (stage) => stage.at("/").filter(({ method }) => method === "HEAD");

export function sleep(browser) {
  for (const [which, shown] of [["the wall clock alone", ["wallMs"]], ["both clocks", ["wallMs", "monotonicMs"]]]) {
    test(`past the end, told by ${which}: no request carries the token`, async (t) => {
      const visit = await openSleeper(t, browser);
      visit.clock.aheadMs += TIMEOUT_MS + MINUTE_MS;
      assert.deepEqual(await wake(visit.page, TIMEOUT_MS + MINUTE_MS, shown), Array(3).fill("ERR_SIGNED_OUT"));
      assert.deepEqual(await look(visit.page), ENDED);
      assert.deepEqual(visit.stage.at("/api/me"), []);
      assert.equal(visit.renewals().length, 1, "that was before");
      assert.equal(probes(visit.stage).length, shown.length === 1 ? 1 : 0);
      assert.deepEqual(visit.ofType("ended").map(({ detail }) => detail), [{ reason: "idle-timeout", by: "this-tab" }]);
      assert.deepEqual(visit.ofType("idle-warning"), []);
    });

    test(`before the end, told by ${which}: all goes on`, async (t) => {
      const visit = await openSleeper(t, browser);
      visit.clock.aheadMs += 10 * MINUTE_MS;
      assert.deepEqual(await wake(visit.page, 10 * MINUTE_MS, shown), [200, null, 200].map((status) => status ?? undefined));
      const left = await visit.page.evaluate(() => session.idleDeadline() - Date.now());
      assert.ok(left > 15 * MINUTE_MS && left <= 20 * MINUTE_MS, `${left}`);
    });
  }

  test("past the end, where the server cannot be asked for the time", async (t) => {
    const visit = await openSleeper(t, browser);
    visit.stage.answers.set("/", () => ({ headers: { age: "60" } }));
    visit.clock.aheadMs += TIMEOUT_MS + MINUTE_MS;
    assert.deepEqual(await wake(visit.page, TIMEOUT_MS + MINUTE_MS, ["wallMs"]), Array(3).fill("ERR_SIGNED_OUT"));
    assert.deepEqual(visit.stage.at("/api/me"), []);
    assert.equal(visit.renewals().length, 1);
  });

  test("a clock set forward by a day ends nothing", async (t) => {
    const visit = await openSleeper(t, browser);
    assert.deepEqual(await wake(visit.page, 24 * 60 * MINUTE_MS, ["wallMs"]), [200, undefined, 200]);
    const left = await visit.page.evaluate(() => session.idleDeadline() - Date.now());
    assert.ok(left > 29 * MINUTE_MS - 10_000 && left <= TIMEOUT_MS, `${left}`);
    assert.deepEqual(visit.ofType("idle-warning"), []);
    assert.deepEqual(visit.ofType("ended"), []);
  });

  test("a wake within the warning gives time to answer", async (t) => {
    const visit = await openSleeper(t, browser);
    const ms = TIMEOUT_MS - 5000;
    visit.clock.aheadMs += ms;
    await visit.page.evaluate((ms) => {
      for (const clock of ["wallMs", "monotonicMs"]) deviceClock[clock] += ms;
      dispatchEvent(new Event("focus"));
    }, ms);
    const [{ detail }] = await visit.hear("idle-warning");
    assert.ok(detail.remaining > 18_000 && detail.remaining <= 20_000, `${detail.remaining}`);
    await visit.page.evaluate(() => session.extend());
    await visit.hear("idle-extended");
  });
}
