// <session-inspector> as people use it: by keyboard, by screen reader, in light and dark, on any width, and with a day
// of a hundred thousand entries.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { startFirefox } from "./support/firefox.mjs";
import { inspect, offerInspectorPage, pretendSession } from "./support/inspected.mjs";
import { openStage, startStage } from "./support/stage.mjs";

const { source: axe } = createRequire(new URL("../package.json", import.meta.url))("axe-core");

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A page with an inspector of a session that only pretends to be one. */
async function open(t, { count = 300, context = {} } = {}) {
  const run = await openStage(t, browser, { context });
  const { page, stage } = run;
  offerInspectorPage(stage);
  await page.goto(`${stage.address}/inspected`);
  await page.evaluate(pretendSession, count);
  await page.evaluate(inspect);
  const text = (selector) => page.evaluate((selector) => inspector.shadowRoot.querySelector(selector)?.textContent ?? "", selector);
  await eventually("all rows to be there", async () => (await text(".count")) === `${(count + 1).toLocaleString("en")} rows`);
  return { ...run, text, attribute: (selector, name) => page.locator(`session-inspector ${selector}`).getAttribute(name) };
}

const nextFrames = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

suite("the inspector for people", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing to say in ${colorScheme}`, async (t) => {
      const { page } = await open(t, { context: { colorScheme } });
      await page.evaluate(axe);
      await page.locator("session-inspector summary").click();
      await page.locator("session-inspector .row").first().click();
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        await nextFrames(page);
        const violations = await page.evaluate(async () => {
          document.documentElement.style.colorScheme = "light dark";
          const { violations } = await globalThis.axe.run(document);
          return violations.map(({ id, nodes }) => [id, nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`)]);
        });
        assert.deepEqual(violations, []);
      }
    });
  }

  test("is walked through by keyboard alone", async (t) => {
    const { page, text, attribute } = await open(t, { count: 2000 });
    const focused = () =>
      page.evaluate(() => {
        const active = inspector.shadowRoot.activeElement;
        return active && (active.getAttribute("aria-label") ?? active.textContent);
      });
    await page.locator("h1").click();
    const passed = [];
    for (let step = 0; step < 18; step++) {
      await page.keyboard.press("Tab");
      passed.push(await focused());
    }
    assert.deepEqual(passed.slice(0, 16), [
      "Export", "1 min", "5 min", "15 min", "1 h", "6 h", "24 h", "Earlier", "Later", "Zoom out", "Zoom in",
      "Follow now", "Timeline of the session", "Legend", "Type", "Search the history",
    ]);
    await page.locator("session-inspector .stage").focus();
    const summary = (pattern) => eventually(`the summary ${pattern}`, async () => pattern.test(await text("#summary")));
    const following = (whether) =>
      eventually(`following: ${whether}`, async () => (await attribute("[data-part=follow]", "aria-pressed")) === `${whether}`);
    await summary(/^15 min from \d\d:\d\d: /);
    await page.keyboard.press("-");
    await summary(/^24 min from /);
    await following(true);
    await page.keyboard.press("+");
    await summary(/^15 min from /);
    await page.keyboard.press("ArrowLeft");
    await following(false);
    await page.keyboard.press("Home");
    await summary(/1 start/);
    await page.keyboard.press("End");
    await following(true);
    await summary(/^15 min from (?!.*1 start)/);
    // From entry to entry, told and shown in the history too.
    await page.keyboard.press("ArrowUp");
    const detail = () => text(".told > [aria-live]");
    assert.match(await detail(), /The inspector began to look$/);
    await page.keyboard.press("ArrowUp");
    assert.match(await detail(), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} · #1999 · Renewed/);
    await eventually("it to be marked in the history", async () => /^1999/.test(await text(".row[aria-current=true]")));
    await page.keyboard.press("Escape");
    assert.equal(await detail(), "");
  });

  test("filters by type and text, and says what it has found", async (t) => {
    const { page, text } = await open(t, { count: 5000 });
    await page.locator("session-inspector [data-part=type]").selectOption("renewal-failed");
    await eventually("the count", async () => (await text(".count")) === "100 of 5,001 rows");
    await page.locator("session-inspector [data-part=search]").fill("ATTEMPT 1 FAILED");
    await eventually("it to be said", async () => (await text("[role=status]")) === "100 of 5,001 rows");
    await page.locator("session-inspector [data-part=search]").fill("nothing like it");
    await eventually("none", async () => (await text("[role=status]")) === "0 of 5,001 rows");
    await page.evaluate(() => session.tell("renewal-failed", { cause: "network", attempt: 1, retryAt: null }));
    await nextFrames(page);
    assert.equal(await text("[role=status]"), "0 of 5,001 rows", "what comes by itself is not said");
  });

  test("tells what is pointed at, and what is chosen", async (t) => {
    const { page, text } = await open(t, { count: 1440 });
    const stage = await page.locator("session-inspector .stage").boundingBox();
    // Along the lane of tokens.
    await page.mouse.move(stage.x + stage.width / 2, stage.y + 80);
    await eventually("a tip", async () => /access token.*\d\d:\d\d:\d\d – \d\d:\d\d:\d\d, for .*the token lasts until/.test(await text(".tip")));
    await page.mouse.click(stage.x + stage.width / 2, stage.y + 80);
    assert.match(await text(".told > [aria-live]"), /#\d+ · Renewed/);
    await page.keyboard.press("Escape");
    await page.mouse.move(stage.x + stage.width / 2, stage.y + stage.height + 400);
    await eventually("the tip to go", () => page.evaluate(() => inspector.shadowRoot.querySelector(".tip").hidden));
  });

  test("describes in words what it draws as one, and how much of the time that lasts", async (t) => {
    const { page, text, attribute } = await open(t, { count: 25_000 });
    const described = async () => (await Promise.all((await attribute(".stage", "aria-describedby")).split(" ").map((id) => text(`#${id}`)))).join(" ");
    await page.getByRole("button", { name: "24 h" }).click();
    await eventually("the share to be said", async () => /Drawn together: .*\b(39|40)\d times degraded, for \d+% of that time; .*\b(39|40)\d sleeps, for \d+% of that time/.test(await described()));
    await page.getByRole("button", { name: "1 min", exact: true }).click();
    await eventually("each to be drawn by itself", async () => !/Drawn together/.test(await described()));
  });

  test("is zoomed by a wheel with a modifier, dragged, and leaves the wheel alone otherwise", async (t) => {
    const { page, text, attribute } = await open(t, { count: 1440 });
    const stage = await page.locator("session-inspector .stage").boundingBox();
    await page.mouse.move(stage.x + 400, stage.y + 100);
    await page.mouse.wheel(0, 120);
    await nextFrames(page);
    assert.match(await text("#summary"), /^15 min /);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, 300);
    await page.keyboard.up("Control");
    await eventually("twice as much", async () => /^30 min /.test(await text("#summary")));
    await page.locator("session-inspector .stage").scrollIntoViewIfNeeded();
    const { x, y } = await page.locator("session-inspector .stage").boundingBox();
    await page.mouse.move(x + 300, y + 100);
    await page.mouse.down();
    await page.mouse.move(x + 500, y + 100, { steps: 5 });
    await page.mouse.up();
    await eventually("it to follow no more", async () => (await attribute("[data-part=follow]", "aria-pressed")) === "false");
  });

  test("fits any width, and moves nothing when something comes", async (t) => {
    const { page } = await open(t, { count: 200 });
    for (const width of [320, 360, 560, 768, 1280, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      await nextFrames(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `${overflow} px too wide at ${width} px`);
      const tops = () => page.evaluate(() => [...inspector.shadowRoot.querySelectorAll("section, header, .scroll, .stage, .overview")].map((each) => Math.round(each.getBoundingClientRect().top)));
      const before = await tops();
      await page.evaluate(() => {
        session.tell("renewal-failed", { cause: "rate-limited", attempt: 3, retryAt: Date.now() + 9000 });
        session.tell("some-new-type", { with: "a detail that is a good deal longer than what stands here usually, to see where it goes" });
      });
      await nextFrames(page);
      assert.deepEqual(await tops(), before, `at ${width} px`);
    }
  });

  test("is the same in Firefox", async (t) => {
    const stage = await startStage(t);
    offerInspectorPage(stage);
    const firefox = await startFirefox();
    t.after(() => firefox.close());
    const page = await firefox.open(`${stage.address}/inspected`);
    await page.evaluate(pretendSession, 500);
    await page.evaluate(inspect);
    const shown = () =>
      page.evaluate(() => {
        const { shadowRoot } = globalThis.inspector;
        const picture = shadowRoot.querySelector(".picture");
        const pixels = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height).data;
        const colours = new Set();
        for (let place = 0; place < pixels.length; place += 400) colours.add(pixels.slice(place, place + 3).join());
        const { fontSize, display } = getComputedStyle(shadowRoot.querySelector(".body"));
        return { count: shadowRoot.querySelector(".count").textContent, colours: colours.size, fontSize, display };
      });
    await eventually("all rows, and a picture", async () => {
      const { count, colours } = await shown();
      return count === "501 rows" && colours > 8;
    });
    const { fontSize, display } = await shown();
    assert.deepEqual({ fontSize, display }, { fontSize: "13px", display: "grid" }, "the policy lets it have its style");
  });

  test("draws a day of a hundred thousand entries within bounds", async (t) => {
    const { page, text } = await open(t, { count: 100_000 });
    await page.evaluate(() => {
      globalThis.work = { calls: 0, frames: [] };
      for (const name of ["fill", "stroke", "fillRect", "fillText", "strokeText"]) {
        const original = CanvasRenderingContext2D.prototype[name];
        CanvasRenderingContext2D.prototype[name] = function (...inputs) {
          work.calls++;
          return original.apply(this, inputs);
        };
      }
      const request = globalThis.requestAnimationFrame;
      globalThis.requestAnimationFrame = (draw) =>
        request((at) => {
          const before = work.calls;
          const began = performance.now();
          draw(at);
          work.frames.push({ calls: work.calls - before, ms: performance.now() - began });
        });
      globalThis.longTasks = [];
      new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    });
    const stage = page.locator("session-inspector .stage");
    await stage.focus();
    const { x, y, width } = await stage.boundingBox();
    await page.getByRole("button", { name: "24 h" }).click();
    await page.waitForTimeout(400);
    // To and fro, closer and further, while entries come.
    await page.mouse.move(x + width / 2, y + 100);
    await page.keyboard.down("Control");
    for (let turn = 0; turn < 30; turn++) {
      await page.mouse.wheel(0, turn % 20 < 10 ? -150 : 150);
      await page.evaluate(() => session.tell("renewed", { by: "this-tab", tokenExpiresAt: Date.now() + 600_000, attempts: 1, took: 40 }));
    }
    await page.keyboard.up("Control");
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 100, { steps: 30 });
    await page.mouse.up();
    await page.waitForTimeout(300);
    const { frames, tasks } = await page.evaluate(() => ({ frames: work.frames, tasks: longTasks }));
    const sorted = (name) => frames.map((frame) => frame[name]).sort((one, other) => one - other);
    const [ms, calls] = [sorted("ms"), sorted("calls")];
    const at = (list, share) => list[Math.min(list.length - 1, Math.floor(share * list.length))];
    t.diagnostic(`${frames.length} frames of 100,000 entries at ${Math.round(width)} px: ` +
      `${at(ms, 0.5).toFixed(1)} ms in the middle, ${at(ms, 0.95).toFixed(1)} ms at the 95th percentile, ${ms.at(-1).toFixed(1)} ms at most; ` +
      `${at(calls, 0.5)} strokes, fills and texts in the middle, ${calls.at(-1)} at most; ${tasks.length} long tasks ${tasks.map(Math.round)}`);
    assert.ok(frames.length > 20);
    assert.ok(calls.at(-1) < 4 * width, `${calls.at(-1)} things were drawn at ${width} px`);
    assert.ok(at(ms, 0.5) < 16, `half of the frames took more than ${at(ms, 0.5)} ms`);
    // What is in the document is what is in sight.
    assert.ok((await page.evaluate(() => inspector.shadowRoot.querySelectorAll(".row").length)) < 40);
    assert.match(await text(".count"), /^100,0\d\d rows$/);
  });
});
