// Firefox: the core of it, in one tab and in three.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { startFirefox } from "../support/firefox.mjs";
import { ENDED, look, passed, SHORT } from "../support/idle-pages.mjs";
import { startStage } from "../support/stage.mjs";

/** Makes the page's session, and keeps what it tells in `heard`. */
const enter = (page, idle) =>
  page.evaluate(async (idle) => {
    const { createSession } = await import("/pkg/index.js");
    globalThis.session = await createSession({ refresh: "/auth/refresh", logout: "/auth/logout", idle });
    globalThis.heard = [];
    for (const type of ["idle-warning", "idle-extended", "ended", "facility-missing"]) {
      session.on(type, ({ detail }) => heard.push({ type, detail, at: Date.now() }));
    }
  }, idle);

const heard = (page, type) => page.evaluate((type) => heard.filter((event) => event.type === type), type);
const hear = (page, type, count = 1) =>
  eventually(`${count} × "${type}"`, async () => {
    const events = await heard(page, type);
    return events.length >= count && events;
  });

export function inFirefox() {
  test("warns, is extended and ends in Firefox, too", async (t) => {
    const browser = await startFirefox();
    t.after(() => browser.close());
    const stage = await startStage(t);
    const open = async () => {
      const page = await browser.open(stage.address);
      await enter(page, SHORT);
      return page;
    };

    const first = await open();
    await first.evaluate(async () => session.begin(await fetch("/auth/login", { method: "POST" })));
    const [{ detail }] = await hear(first, "idle-warning");
    assert.ok(detail.remaining > 0 && detail.remaining <= 6000);
    assert.equal(await first.evaluate(() => session.snapshot().idleEndsAt), detail.endsAt);
    await first.evaluate(() => session.extend());
    await hear(first, "idle-extended");

    const others = [await open(), await open()];
    for (const page of others) assert.equal(await page.evaluate(() => session.restore()), "active");
    const pages = [first, ...others];
    await Promise.all(pages.map((page) => hear(page, "idle-warning", page === first ? 2 : 1)));
    await others[1].evaluate(() => session.extend());
    for (const page of pages) {
      const events = await hear(page, "idle-extended", page === first ? 2 : 1);
      assert.deepEqual(events.at(-1).detail, { by: page === others[1] ? "this-tab" : "other-tab" });
    }
    await Promise.all(pages.map((page) => hear(page, "ended")));
    for (const page of pages) assert.deepEqual(await look(page), ENDED);
    await eventually("the server to be told", () => stage.at("/auth/logout").length > 0);
    assert.deepEqual(stage.at("/auth/refresh"), [], "nobody has asked for a renewal");

    // An end over which all tabs were closed.
    await first.evaluate(async () => session.begin(await fetch("/auth/login", { method: "POST" })));
    const deadline = await first.evaluate(() => session.idleDeadline());
    await first.goto(`${stage.address}/pkg/package.json`);
    for (const page of others) await page.close();
    await passed(deadline + 1000);
    await first.goto(stage.address);
    await enter(first, SHORT);
    const restored = await first.evaluate(async () => [await session.restore(), session.snapshot().reason]);
    assert.deepEqual(restored, ["signed-out", "idle-timeout"]);
    assert.deepEqual(stage.at("/auth/refresh"), []);
    assert.deepEqual(await heard(first, "facility-missing"), []);
  });
}
