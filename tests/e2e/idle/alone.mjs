// One page: the warning, its answers, and the end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deadlineOf, ENDED, look, openIdle, SHORT } from "../support/idle-pages.mjs";
import { eventually } from "../support/eventually.mjs";

const WARNING_MS = 6000;
/** The device's clock is shown in whole milliseconds, and instants stay put while it is slewed. */
const ROUNDING_MS = 500;

export function alone(browser) {
  test("is warned of, counts down, and ends; the server is told", async (t) => {
    const visit = await openIdle(t, browser());
    const { deadline, ...before } = visit.begun;
    assert.deepEqual(before, { idleWarning: false, idleEndsAt: null });
    const [warned] = await visit.hear("idle-warning");
    // With so short a warning, the user has all of it from the moment at which it is given.
    assert.ok(warned.detail.endsAt >= deadline && warned.detail.endsAt < deadline + WARNING_MS, `${warned.detail.endsAt - deadline}`);
    assert.ok(warned.detail.remaining <= WARNING_MS && warned.detail.remaining > 0, `${warned.detail.remaining}`);
    const shown = await visit.page.evaluate(() => {
      const { idleWarning, idleEndsAt, state } = session.snapshot();
      return { idleWarning, left: idleEndsAt - Date.now(), state, isToken: session.accessToken().then(() => true) };
    });
    assert.equal(shown.idleWarning, true);
    assert.equal(shown.state, "active");
    assert.ok(shown.left <= WARNING_MS, `${shown.left}`);
    const [ended] = await visit.hear("ended");
    assert.deepEqual(ended.detail, { reason: "idle-timeout", by: "this-tab" });
    assert.ok(ended.at >= deadline - ROUNDING_MS, `${deadline - ended.at} ms too early`);
    assert.deepEqual(await look(visit.page), ENDED);
    await eventually("the server to be told", () => visit.logouts().length === 1);
    assert.equal(visit.ofType("idle-warning").length, 1);
    assert.deepEqual(visit.renewals(), []);
  });

  test("goes on when the user says so, as often as they do", async (t) => {
    const visit = await openIdle(t, browser());
    for (const times of [1, 2]) {
      const [...warnings] = await visit.hear("idle-warning", times);
      const { deadline, ...shown } = await visit.page.evaluate(() => {
        session.extend();
        return idleLook();
      });
      assert.deepEqual(shown, { idleWarning: false, idleEndsAt: null });
      assert.ok(deadline > warnings.at(-1).detail.endsAt);
      const extended = await visit.hear("idle-extended", times);
      assert.deepEqual(extended.at(-1).detail, { by: "this-tab" });
    }
    assert.deepEqual(visit.ofType("ended"), []);
  });

  test("with confirm, a stray movement does not answer the warning", async (t) => {
    const visit = await openIdle(t, browser());
    const [{ detail }] = await visit.hear("idle-warning");
    await visit.page.mouse.move(5, 5);
    await visit.page.keyboard.press("a");
    await visit.page.evaluate(() => session.touch());
    await visit.hear("ended");
    assert.deepEqual(visit.ofType("idle-extended"), []);
    assert.equal(visit.ofType("idle-warning").length, 1);
    assert.ok(visit.ofType("ended")[0].at >= detail.endsAt - ROUNDING_MS);
  });

  test("without it, any activity does", async (t) => {
    const visit = await openIdle(t, browser(), { config: { idle: { ...SHORT, confirm: false } } });
    await visit.hear("idle-warning");
    await visit.page.mouse.move(5, 5);
    await visit.hear("idle-extended");
    assert.equal(await visit.page.evaluate(() => session.snapshot().idleWarning), false);
    assert.deepEqual(visit.ofType("ended"), []);
  });

  test("a page that is shown only at the end of the warning gives time to answer", async (t) => {
    const visit = await openIdle(t, browser(), { config: { idle: { ...SHORT, timeout: "8s", warning: "7s" } } });
    await visit.page.evaluate(() => hide(true));
    const [{ detail }] = await visit.hear("idle-warning");
    const shown = await visit.page.evaluate(() => {
      const before = Date.now();
      hide(false);
      const first = session.snapshot().idleEndsAt;
      const after = Date.now();
      hide(true);
      hide(false);
      return { before, first, after, then: session.snapshot().idleEndsAt };
    });
    assert.equal(shown.then, shown.first, "once");
    assert.ok(shown.first >= detail.endsAt);
    const [least, most] = [shown.before + 7000 - ROUNDING_MS, shown.after + 7000 + ROUNDING_MS];
    assert.ok(shown.first > least && shown.first < most, `the whole warning, where it is short: ${JSON.stringify(shown)}`);
    await visit.page.evaluate(() => session.extend());
    assert.equal(visit.ofType("ended").length, 0);
  });

  test("does nothing of the kind where nobody has asked for it", async (t) => {
    const visit = await openIdle(t, browser(), { config: {} });
    const found = await visit.page.evaluate(() => {
      session.extend();
      session.touch();
      return [session.idleDeadline(), session.snapshot().idleWarning, Object.values(localStorage).map((text) => text.split(" ").length)];
    });
    assert.deepEqual(found, [null, false, [7]], "nor is any activity remembered");
  });

  test("the server hears for how long nobody has used it", async (t) => {
    const config = { refresh: { url: "/auth/refresh", idleHeader: "X-Idle" }, logout: "/auth/logout" };
    const visit = await openIdle(t, browser(), { config });
    await visit.page.keyboard.press("a");
    const used = Date.now();
    await eventually("two seconds", () => Date.now() > used + 2100);
    await visit.page.evaluate(() => session.renew());
    const [{ headers }] = visit.renewals();
    assert.match(headers["x-idle"], /^\d+$/);
    const idleS = Number(headers["x-idle"]);
    assert.ok(idleS >= 2 && idleS <= (Date.now() - used) / 1000 + 1, `${idleS} s`);
    assert.equal(await deadlineOf(visit.page), null, "idle is off");
  });
}
