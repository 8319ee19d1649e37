// The sample page for everybody: by keyboard, for axe, on any screen, and without anything that jumps.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { focused, idleTimes, warning } from "./support/idle-page.mjs";
import { ADA, hasAnswer, hook, NO_SESSION, openSample, showsState, signIn, submitForm } from "./support/sample-page.mjs";
import { draw, FAST, outcomeOf, says, startScene } from "./support/scenes.mjs";
import { startServer } from "./support/server.mjs";
import { payUntilAsked, REFUSED } from "./support/step-up.mjs";
import { startVisit } from "./support/visit.mjs";

const SCREENS = [["light", 1280, 900], ["dark", 1280, 900], ["light", 390, 844], ["dark", 320, 568], ["light", 820, 1180]];

let browser, server;
before(async () => {
  browser = await startBrowser();
  server = await startServer("--access-lifetime", "30s", "--faults");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const visitWith = (t, context = {}, expected = []) => startVisit(t, browser, { expected: [NO_SESSION, REFUSED, ...expected], context });

/** By how many pixels the page is wider than its window. */
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Presses Tab until the element has the focus; a page that cannot be walked through to it fails. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 120; presses++) {
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not lead to ${selector}`);
}

suite("the sample page, for everybody", { concurrency: 2, timeout: 4 * TEST_LIMIT_MS }, () => {
  for (const [colorScheme, width, height] of SCREENS) {
    const screen = `${colorScheme}-${width}`;

    test(`has nothing that axe complains of, ${colorScheme}, at ${width} pixels`, async (t) => {
      const { page } = await visitWith(t, { colorScheme, viewport: { width, height }, reducedMotion: "reduce" }, [/status of 401 .+\/auth\/login\)$/]);
      const look = async (state) => {
        assert.equal(await overflow(page), 0, state);
        await draw(page, `${state}-${screen}`, { fullPage: /signed/.test(state) });
        await assertAccessible(page, state);
      };
      await openSample(page, server.address);
      await page.locator(hook("faults")).waitFor();
      await look("signed-out");
      await submitForm(page, { ...ADA, password: "wrong" });
      await page.locator(hook("sign-in-error"), { hasText: /./ }).waitFor();
      await assertAccessible(page, "a refused sign-in");
      await submitForm(page, ADA);
      await showsState(page, "active");
      await hasAnswer(page);
      await look("signed-in");
      await payUntilAsked(page);
      await look("step-up");
      await page.keyboard.press("Escape");
      await page.selectOption(hook("clock-shift"), "7200000");
      await page.selectOption(hook("network-speed"), "offline");
      await assertAccessible(page, "clock and network simulated");
      await page.click(hook("device-reset"));
      await startScene(page, "tabs");
      await says(page, "They took the token over");
      await look("scene");
      await page.click(hook("scene-stop"));
      assert.equal((await outcomeOf(page)).outcome, "stopped");
      await look("scene-stopped");
    });

    test(`has nothing that axe complains of in its warning, ${colorScheme}, at ${width} pixels`, async (t) => {
      const { page } = await visitWith(t, { colorScheme, viewport: { width, height } });
      await signIn(page, server.address, { query: idleTimes(42, 40) });
      await page.focus(hook("renew"));
      await warning(page).waitFor();
      await draw(page, `warning-${screen}`);
      await assertAccessible(page, "the warning");
    });

    test(`moves nothing at a sign-in or a sign-out, ${colorScheme}, at ${width} pixels`, async (t) => {
      const { page } = await visitWith(t, { colorScheme, viewport: { width, height } });
      await openSample(page, server.address);
      await page.locator(hook("faults")).waitFor();
      // Shifts soon after an input count here, too: nothing is excused.
      await page.evaluate(() => {
        globalThis.shifts = [];
        new PerformanceObserver((list) => {
          for (const { value, sources } of list.getEntries()) shifts.push({ value, what: sources.map(({ node }) => node?.className ?? node?.nodeName).join() });
        }).observe({ type: "layout-shift", buffered: false });
      });
      await submitForm(page, ADA);
      await showsState(page, "active");
      await hasAnswer(page);
      await page.locator(`${hook("sessions")} > li`).first().waitFor();
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      const shifts = await page.evaluate(() => shifts);
      assert.ok(shifts.reduce((sum, { value }) => sum + value, 0) < 0.01, JSON.stringify(shifts));
      await page.click(hook("sign-out"));
      await showsState(page, "signed-out");
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      const all = await page.evaluate(() => shifts);
      assert.ok(all.reduce((sum, { value }) => sum + value, 0) < 0.01, JSON.stringify(all));
    });
  }

  test("plays and stops a scene by keyboard alone, and gives the focus back", async (t) => {
    const { page } = await visitWith(t);
    await openSample(page, server.address);
    await tabTo(page, "[data-scene=elsewhere]");
    await page.keyboard.press("Enter");
    await eventually("the focus in the scene", async () => (await focused(page)) === "scene-title");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "scene-stop");
    await page.keyboard.press("Enter");
    assert.equal((await outcomeOf(page)).outcome, "stopped");
    await page.keyboard.press("Escape");
    await page.locator(hook("scene")).waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.dataset.scene), "elsewhere");
  });

  test("can stop a scene from within a dialog", async (t) => {
    const { page } = await visitWith(t);
    await openSample(page, server.address);
    await startScene(page, "payment");
    await says(page, "step-up-required");
    await page.click(hook("scene-stop"));
    assert.equal((await outcomeOf(page)).outcome, "stopped");
    await page.click(hook("cancel"));
    await eventually("the scene's verdict outside of the dialog", () => page.evaluate((scene) => document.querySelector(scene).parentElement === document.body, hook("scene")));
    assert.ok(await page.isVisible(hook("scene-verdict")));
  });

  test("goes from one scene to another", async (t) => {
    const { page } = await visitWith(t);
    await openSample(page, server.address);
    await startScene(page, "tabs");
    await says(page, "They took the token over");
    await page.evaluate(() => document.querySelector("[data-scene=elsewhere]").click());
    await says(page, "It has signed out");
    assert.equal((await outcomeOf(page)).outcome, "kept");
    assert.equal(await page.evaluate(() => frames.length), 0);
  });

  test("says so where a scene cannot be played", async (t) => {
    const plain = await startServer();
    const { page } = await visitWith(t);
    t.after(() => plain.stop());
    await openSample(page, plain.address, FAST);
    for (const [scene, words] of [["outage", "--faults"], ["theft", "--demonstration"], ["sleep", "--access-lifetime 10s"]]) {
      await startScene(page, scene);
      const { outcome, verdict } = await outcomeOf(page);
      assert.equal(outcome, "impossible");
      assert.ok(verdict.includes(words), verdict);
    }
  });

  test("sets the clock wrong and the network away, says so, and puts it right", async (t) => {
    const { page, traffic, hear } = await visitWith(t);
    await signIn(page, server.address);
    await page.selectOption(hook("clock-shift"), String(2 * 3_600_000));
    await page.locator(hook("simulation"), { hasText: "Its clock is set 2 h ahead." }).waitFor();
    await page.click(hook("call-api"));
    await page.locator(hook("skew"), { hasText: /−[12] h/ }).waitFor();
    await showsState(page, "active");
    await page.selectOption(hook("network-speed"), "offline");
    await page.locator(hook("attempt-text"), { hasText: "This device is offline." }).waitFor();
    const before = traffic.at().length;
    assert.equal(await page.evaluate(() => fetch("/favicon.svg").then(() => "answered", ({ name }) => name)), "TypeError");
    assert.equal(traffic.at().length, before);
    await page.click(hook("device-reset"));
    assert.equal(await focused(page), "clock-shift");
    await page.locator(hook("simulation"), { hasText: "nothing is simulated" }).waitFor();
    await page.selectOption(hook("network-speed"), "3000");
    const tookMs = await page.evaluate(async () => {
      const began = performance.now();
      await fetch("/favicon.svg");
      return performance.now() - began;
    });
    assert.ok(tookMs >= 3000, `${tookMs} ms`);
    await page.selectOption(hook("network-speed"), "0");
    await page.click(hook("renew"));
    await hear("renewed");
  });
});
