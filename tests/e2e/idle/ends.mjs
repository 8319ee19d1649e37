// An idle end stays an end: over reloads, in new tabs, with all tabs closed, and whatever the server does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { deadlineOf, openIdle, passed } from "../support/idle-pages.mjs";
import { came } from "../support/stage.mjs";

const UNAVAILABLE = /status of 503/;

/** Nobody who loads a page is signed in, and no renewal is sent. */
async function staysEnded(visit, page, sent) {
  await page.reload();
  assert.equal((await visit.restore(page))[0], "signed-out", "after a reload");
  const other = await visit.open();
  assert.equal((await visit.restore(other))[0], "signed-out", "in a new tab");
  await other.close();
  assert.equal(visit.renewals().length, sent, "no renewal was sent");
}

export function ends(browser) {
  for (const [how, status] of [["that is told", 204], ["that cannot be told", 503]]) {
    test(`a reload and a new tab stay signed out, with a server ${how}`, async (t) => {
      const visit = await openIdle(t, browser(), { expected: [UNAVAILABLE] });
      if (status !== 204) visit.stage.answers.set("/auth/logout", () => ({ status }));
      await visit.hear("ended");
      await came(visit.stage, "/auth/logout");
      if (status === 204) {
        await eventually("the record to be gone", () => visit.page.evaluate(() => localStorage.length === 0));
        // The cookie is gone, too: the next load asks the server, as any does, and is refused.
        return;
      }
      await staysEnded(visit, visit.page, 0);
      visit.stage.answers.delete("/auth/logout");
      await eventually("the server to know", () => visit.page.evaluate(() => localStorage.length === 0));
    });

    test(`all tabs closed over the deadline, with a server ${how}`, async (t) => {
      const visit = await openIdle(t, browser(), { expected: [UNAVAILABLE] });
      if (status !== 204) visit.stage.answers.set("/auth/logout", () => ({ status }));
      const keeper = await visit.context.newPage();
      const deadline = await deadlineOf(visit.page);
      await visit.page.close();
      await passed(deadline + 1000);
      const page = await visit.open();
      assert.deepEqual(await visit.restore(page), ["signed-out", "idle-timeout"]);
      assert.deepEqual(visit.ofType("ended").map(({ detail }) => detail), [{ reason: "idle-timeout", by: "this-tab" }]);
      await came(visit.stage, "/auth/logout");
      assert.deepEqual(visit.renewals(), []);
      if (status !== 204) await staysEnded(visit, page, 0);
      await keeper.close();
    });
  }

  test("a reload within the deadline does not put it off", async (t) => {
    const visit = await openIdle(t, browser(), { config: { idle: { timeout: "10m" } } });
    const deadline = await deadlineOf(visit.page);
    await eventually("a while", () => Date.now() > deadline - 10 * 60_000 + 1000);
    await visit.page.reload();
    assert.equal((await visit.restore())[0], "active");
    assert.ok(Math.abs((await deadlineOf(visit.page)) - deadline) < 500);
  });

  test("a renewal on its way brings nobody back, and the server is told again", async (t) => {
    const visit = await openIdle(t, browser());
    const release = visit.stage.hold("/auth/refresh");
    await visit.hear("idle-warning");
    await visit.page.evaluate(() => {
      globalThis.renewal = session.renew().then(() => "done", ({ code }) => code);
    });
    await came(visit.stage, "/auth/refresh");
    await visit.hear("ended");
    assert.equal(await visit.page.evaluate(() => renewal), "ERR_SIGNED_OUT");
    await came(visit.stage, "/auth/logout");
    release();
    await came(visit.stage, "/auth/logout", 2);
    await eventually("the server to know", () => visit.page.evaluate(() => localStorage.length === 0));
    assert.equal(await visit.page.evaluate(() => session.state), "signed-out");
    assert.equal((await visit.context.cookies()).length, 0, "the cookie that it brought is gone");
  });

  test("a reload with a renewal on its way stays signed out", async (t) => {
    const visit = await openIdle(t, browser(), { expected: [UNAVAILABLE] });
    visit.stage.answers.set("/auth/logout", () => ({ status: 503 }));
    const release = visit.stage.hold("/auth/refresh");
    await visit.hear("idle-warning");
    await visit.page.evaluate(() => void session.renew().catch(() => {}));
    await came(visit.stage, "/auth/refresh");
    await visit.hear("ended");
    await staysEnded(visit, visit.page, 1);
    release();
  });

  test("a sign-in after it starts anew", async (t) => {
    const visit = await openIdle(t, browser());
    await visit.hear("ended");
    await visit.page.evaluate(async () => session.begin(await fetch("/auth/login", { method: "POST" })));
    const { state, deadline } = await visit.page.evaluate(() => ({ state: session.state, deadline: session.idleDeadline() - Date.now() }));
    assert.equal(state, "active");
    assert.ok(deadline > 5000, `${deadline}`);
  });
}
