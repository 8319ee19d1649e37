// The longest age of a session.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { openIdle } from "../support/idle-pages.mjs";
import { accessToken } from "../support/json-web-token.mjs";

export function ages(browser) {
  test("a session ends at its age, whatever the user does", async (t) => {
    const visit = await openIdle(t, browser(), { config: { maxAge: "6s" } });
    const { endsAt } = await visit.page.evaluate(() => session.snapshot());
    assert.ok(endsAt > Date.now());
    const [ending] = await visit.hear("session-ending");
    assert.equal(ending.detail.endsAt, endsAt);
    await visit.page.evaluate(() => session.extend());
    const [ended] = await visit.hear("ended");
    assert.deepEqual(ended.detail, { reason: "max-age", by: "this-tab" });
    assert.ok(ended.at >= endsAt - 500, `${endsAt - ended.at} ms too early`);
    await eventually("the server to be told", () => visit.logouts().length === 1);
    assert.equal(visit.ofType("session-ending").length, 1);
  });

  test("a reload does not restart it, and past it nothing is renewed", async (t) => {
    const visit = await openIdle(t, browser(), { config: { maxAge: "12s" }, expected: [/status of 503/] });
    visit.stage.answers.set("/auth/logout", () => ({ status: 503 }));
    const { endsAt } = await visit.page.evaluate(() => session.snapshot());
    await visit.page.reload();
    assert.equal((await visit.restore())[0], "active");
    const after = await visit.page.evaluate(() => session.snapshot().endsAt);
    assert.ok(Math.abs(after - endsAt) < 500, `${after - endsAt}`);
    const keeper = await visit.context.newPage();
    await visit.page.close();
    await eventually("the end", () => Date.now() > endsAt + 500);
    const page = await visit.open();
    const sent = visit.renewals().length;
    assert.deepEqual(await visit.restore(page), ["signed-out", "max-age"]);
    assert.equal(visit.renewals().length, sent);
    await keeper.close();
  });

  test("it counts from the sign-in that the token tells of", async (t) => {
    const visit = await openIdle(t, browser(), { isSignedIn: false });
    const signedIn = Math.floor(Date.now() / 1000) - 3600;
    const left = await visit.page.evaluate(async (token) => {
      globalThis.session = await newSession("auth", { maxAge: "8h" });
      await session.begin({ access_token: token, expires_in: 900 });
      return session.snapshot().endsAt - Date.now();
    }, accessToken(900, { auth_time: signedIn }));
    assert.ok(Math.abs(left - 7 * 3_600_000) < 30_000, `${left}`);
  });
}
