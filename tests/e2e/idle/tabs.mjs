// Three tabs, and one deadline.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { deadlineOf, ENDED, hearIn, look, openIdle, SHORT } from "../support/idle-pages.mjs";

const ROUNDING_MS = 500;

async function openThree(t, browser, config) {
  const visit = await openIdle(t, browser(), { config });
  // However long that takes, nobody is idle before they are there.
  await visit.page.evaluate(() => void (globalThis.use = setInterval(() => session.touch(), 500)));
  const pages = [visit.page, await visit.add(), await visit.add()];
  await eventually("them to see each other", async () => {
    const counts = await Promise.all(pages.map((page) => page.evaluate(() => session.snapshot().tabs)));
    return counts.every((count) => count === 3);
  });
  await visit.page.evaluate(() => clearInterval(use));
  return { visit, pages };
}

/** Each page says the same, more or less. */
async function agree(pages) {
  let deadlines;
  await eventually(() => `one deadline, there are ${deadlines}`, async () => {
    deadlines = await Promise.all(pages.map(deadlineOf));
    return Math.max(...deadlines) - Math.min(...deadlines) < ROUNDING_MS;
  });
  return Math.max(...deadlines);
}

export function tabs(browser) {
  test("all tabs warn, and an answer in one is one in all", async (t) => {
    const { visit, pages } = await openThree(t, browser, { idle: SHORT });
    await Promise.all(pages.map((page) => hearIn(visit, page, "idle-warning")));
    await pages[1].evaluate(() => session.extend());
    for (const page of pages) {
      const [{ detail }] = await hearIn(visit, page, "idle-extended");
      assert.deepEqual(detail, { by: page === pages[1] ? "this-tab" : "other-tab" });
    }
    await agree(pages);
    assert.deepEqual(visit.ofType("ended"), []);
    await Promise.all(pages.map((page) => hearIn(visit, page, "ended")));
    const ends = visit.ofType("ended").map(({ detail }) => detail);
    assert.ok(ends.every(({ reason }) => reason === "idle-timeout"));
    for (const page of pages) assert.deepEqual(await look(page), ENDED);
    await eventually("the server to be told", () => visit.logouts().length > 0);
    assert.deepEqual(visit.renewals(), []);
  });

  test("activity in one keeps the others", async (t) => {
    const { visit, pages } = await openThree(t, browser, { idle: { timeout: "10m", throttle: 0 } });
    const before = await agree(pages);
    await eventually("a while", () => Date.now() > before - 10 * 60_000 + 2 * ROUNDING_MS);
    let presses = 0;
    await eventually("the others to hear of it", async () => {
      if (presses++ % 10 === 0) await pages[2].keyboard.press("a");
      const deadlines = await Promise.all(pages.map(deadlineOf));
      return deadlines.every((deadline) => deadline > before + ROUNDING_MS);
    });
    assert.deepEqual(visit.ofType("idle-extended"), []);
  });

  test("a tab that is not used asks the others before it warns", async (t) => {
    const { visit, pages } = await openThree(t, browser, { idle: { ...SHORT, timeout: "12s", warning: "4s" } });
    const [first, ...others] = pages;
    await Promise.all(others.map((page) => page.evaluate(() => hide(true))));
    const deadline = await deadlineOf(others[0]);
    let tookMs = 0;
    // Every second, which the others are not told of each time.
    while (Date.now() < deadline - 2000) {
      const started = Date.now();
      await first.keyboard.press("a");
      await eventually("a second", () => Date.now() > started + 1000);
      tookMs = Math.max(tookMs, Date.now() - started);
    }
    if (tookMs > 6000) t.diagnostic(`the machine was too slow to tell: ${tookMs} ms`);
    else assert.deepEqual(visit.ofType("idle-warning"), []);
  });

  test("a page that is shown within the warning gives its time in every tab", async (t) => {
    const { visit, pages } = await openThree(t, browser, { idle: { ...SHORT, timeout: "8s", warning: "7s" } });
    await Promise.all(pages.map((page) => page.evaluate(() => hide(true))));
    await Promise.all(pages.map((page) => hearIn(visit, page, "idle-warning")));
    const shown = await pages[0].evaluate(() => {
      hide(false);
      return session.snapshot().idleEndsAt;
    });
    await eventually("the others to hear of it", async () => {
      const ends = await Promise.all(pages.map((page) => page.evaluate(() => session.snapshot().idleEndsAt)));
      return ends.every((end) => Math.abs(end - shown) < ROUNDING_MS);
    });
    await Promise.all(pages.map((page) => hearIn(visit, page, "ended")));
    for (const { at } of visit.ofType("ended")) assert.ok(at >= shown - ROUNDING_MS, `${shown - at} ms too early`);
  });

  test("a tab that is killed neither holds the session up nor ends it", async (t) => {
    const { visit, pages } = await openThree(t, browser, { idle: SHORT });
    const [first, killed, last] = pages;
    await killed.keyboard.press("a");
    const session = await visit.context.newCDPSession(killed);
    const crashed = killed.waitForEvent("crash");
    session.send("Page.crash").catch(() => {});
    await crashed;
    const others = [first, last];
    await Promise.all(others.map((page) => hearIn(visit, page, "idle-warning")));
    await last.evaluate(() => globalThis.session.extend());
    await Promise.all(others.map((page) => hearIn(visit, page, "idle-extended")));
    await Promise.all(others.map((page) => hearIn(visit, page, "ended")));
  });

  test("without a channel the record is what tabs share", async (t) => {
    const noChannel = () => delete globalThis.BroadcastChannel;
    const visit = await openIdle(t, browser(), { scripts: [noChannel], config: { idle: SHORT } });
    const pages = [visit.page, await visit.add()];
    await Promise.all(pages.map((page) => hearIn(visit, page, "idle-warning")));
    await pages[0].evaluate(() => session.extend());
    await hearIn(visit, pages[0], "idle-extended");
    const [{ detail }] = await hearIn(visit, pages[1], "idle-extended");
    assert.deepEqual(detail, { by: "other-tab" }, "it looks before it ends the session");
    assert.deepEqual(visit.ofType("ended"), []);
  });
}
