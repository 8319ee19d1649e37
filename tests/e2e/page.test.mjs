// The sample page: how it looks, and that it shows what the session does.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { PATIENCE_MS, root, TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { armFault, hook, NO_SESSION, openSample, showsState, signIn } from "./support/sample-page.mjs";
import { startServer } from "./support/server.mjs";
import { startVisit } from "./support/visit.mjs";

const FLAGS = ["--access-lifetime", "30s", "--session-lifetime", "12h"];

let browser, server;
before(async () => {
  browser = await startBrowser();
  server = await startServer(...FLAGS, "--faults");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const visitWith = (t, context = {}) => startVisit(t, browser, { expected: [NO_SESSION], context });

/** A signed-in page of a server of its own: its faults hit nobody else. */
async function signInToMisbehave(t) {
  const own = await startServer(...FLAGS, "--faults");
  const visit = await startVisit(t, browser, { expected: [NO_SESSION, /status of (400|429|503)/] });
  t.after(() => own.stop()); // after the visit's end: a page without its server complains
  await signIn(visit.page, own.address);
  return { visit, own };
}

/** Keeps every text that an element of the page has, in turn; call before what changes it. */
async function keepTexts(page, selector) {
  const name = `texts of ${selector}`;
  await page.evaluate(([name, selector]) => {
    const element = document.querySelector(selector);
    globalThis[name] = [];
    new MutationObserver(() => globalThis[name].push(element.textContent)).observe(element, { childList: true, characterData: true, subtree: true });
  }, [name, selector]);
  return () => page.evaluate((name) => globalThis[name], name);
}

/** By how many pixels the page is wider than its window. */
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The share of the bar that is filled, as it is drawn. */
async function filled(page) {
  const bar = page.locator(hook("token-bar"));
  const [track, fill] = [await bar.boundingBox(), await bar.locator("[data-part=fill]").boundingBox()];
  return (fill.x + fill.width - track.x) / track.width;
}

suite("the sample page", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const [width, height] of [[1280, 800], [390, 844]]) {
      test(`fits, ${colorScheme}, at ${width} pixels`, async (t) => {
        const { page } = await visitWith(t, { colorScheme, viewport: { width, height } });
        await openSample(page, server.address);
        assert.equal(await overflow(page), 0);
        const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
        assert.ok(colorScheme === "dark" ? Math.max(...ground) < 64 : Math.min(...ground) > 192, `the ground is ${ground}`);

        await signIn(page, server.address);
        assert.equal(await overflow(page), 0);
        for (const id of ["renew", "call-api", "sign-out", "seconds-left", "token-bar", "events", "faults"]) {
          await page.locator(hook(id)).waitFor();
        }
      });
    }
  }

  test("shows the token's life: the bar shrinks, and jumps back at a renewal", async (t) => {
    const visit = await visitWith(t);
    const { page } = visit;
    await signIn(page, server.address);
    const full = await eventually("the bar to be full", async () => {
      const share = await filled(page);
      return share > 0.9 && share;
    });
    const low = await eventually("the bar to shrink", async () => {
      const share = await filled(page);
      return share < full - 0.1 && share;
    });
    assert.ok(Number(await page.textContent(hook("seconds-left"))) < 29);

    await page.click(hook("renew"));
    await visit.hear("renewed");
    await eventually("the bar to jump back", async () => (await filled(page)) > low + 0.06);
    assert.equal(await page.textContent(hook("renewals")), "1");
    const meter = page.locator(hook("token-bar"));
    assert.equal(await meter.getAttribute("aria-valuemax"), "30");
    assert.match(await meter.getAttribute("aria-valuenow"), /^(2[5-9]|30)$/);
  });

  test("tells what happened, newest first, and what the session knows", async (t) => {
    const visit = await visitWith(t);
    const { page } = visit;
    await signIn(page, server.address);
    await page.click(hook("renew"));
    await visit.hear("renewed");
    await page.click(hook("sign-out"));
    await showsState(page, "signed-out");
    const types = await page.locator(`${hook("events")} > li b`).allTextContents();
    assert.deepEqual(types.filter((type) => /^(started|renewed|ended)$/.test(type)), ["ended", "renewed", "started"]);
  });

  test("knows the server's clock, and the session's end", async (t) => {
    const { page } = await visitWith(t);
    await signIn(page, server.address);
    await page.click(hook("renew"));
    await page.locator(hook("skew"), { hasText: /±/ }).waitFor();
    assert.notEqual(await page.textContent(hook("ends-at")), "open");
    await page.locator(hook("renews-at"), { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor(); // none is planned while one is under way
    const { skew, uncertainty } = await page.evaluate(() => session.snapshot().clock);
    assert.ok(Math.abs(skew) <= uncertainty, `the clocks are the same, the page says ${skew} ± ${uncertainty} ms`);
    assert.match(await page.textContent(hook("readout")), /document\.cookieempty/);
  });

  test("arms faults, shows the backoff run down, and the session recover", async (t) => {
    const { visit, own } = await signInToMisbehave(t);
    const { page } = visit;
    const sentences = await keepTexts(page, hook("attempt-text"));
    const countdowns = await keepTexts(page, hook("retry-in"));
    const spoken = await keepTexts(page, "[data-part=attempt-said]");
    await armFault(page, "status-503", { length: 2 });
    const armed = page.locator(`${hook("faults-armed")} > li`);
    await eventually("it to be shown", async () => (await armed.allTextContents()).join() === "a renewal: answer 5032 requests left, 0 hits");

    await page.click(hook("renew"));
    const [renewed] = await visit.hear("renewed");
    assert.equal(renewed.detail.attempts, 3);
    await page.locator(hook("attempt-text"), { hasText: "All is well" }).waitFor();
    await armed.waitFor({ state: "detached" });
    assert.equal(await page.isVisible(hook("retry-in")), false);

    const failed = [1, 2].map((attempt) => `Attempt ${attempt} failed: the server answered with an error.`);
    assert.deepEqual((await sentences()).filter((text) => text.startsWith("Attempt")), failed);
    const shown = await countdowns();
    assert.ok(shown.some((text) => /^next attempt in \d+ s$/.test(text)) && shown.includes("trying again"), shown.join());
    assert.deepEqual(await spoken(), [...failed, "The trouble is over."]);
    assert.equal((await own.trail("fault-injected")).length, 2);
    await showsState(page, "active");
  });

  for (const kind of ["retry-after-seconds", "retry-after-date"]) {
    test(`counts down to what the server asks for: ${kind}`, async (t) => {
      const { visit } = await signInToMisbehave(t);
      const { page } = visit;
      const countdowns = await keepTexts(page, hook("retry-in"));
      await armFault(page, kind, { length: 1 });
      await page.click(hook("renew"));
      await visit.hear("renewed");
      const seconds = (await countdowns()).flatMap((text) => /^next attempt in (\d+) s$/.exec(text)?.[1] ?? []).map(Number);
      // The server's dates are whole seconds, and the backoff may be longer than what it asks for.
      assert.ok(seconds[0] >= 4, `it began with ${seconds}`);
      assert.ok(seconds.every((left, index) => index === 0 || left < seconds[index - 1]), `it ran ${seconds}`);
      assert.ok(seconds.length >= 3 && seconds.at(-1) <= 2, `it ran ${seconds}`);
      const { at } = visit.ofType("renewal-failed")[0];
      const wait = visit.ofType("renewed")[0].at - at;
      assert.ok(wait > 3900, `the next attempt came after ${wait} ms`);
    });
  }

  test("clears faults, by keyboard, and keeps the focus in the panel", async (t) => {
    const { visit } = await signInToMisbehave(t);
    const { page } = visit;
    await page.focus(hook("fault-kind"));
    await page.keyboard.type("never");
    for (const keys of ["Tab", "Tab", "6", "0", "Tab", "s", "Tab", "Enter"]) await page.keyboard.press(keys);
    const armed = page.locator(`${hook("faults-armed")} > li`);
    await armed.waitFor();
    assert.match(await armed.textContent(), /^a renewal: never answer(60|5\d) seconds left, 0 hits$/);
    await page.focus(hook("faults-clear"));
    await page.keyboard.press("Enter");
    await armed.waitFor({ state: "detached" });
    assert.ok(await page.evaluate((panel) => document.activeElement.closest(panel) !== null, hook("faults")));
  });

  test("says why the server takes no such order", async (t) => {
    const { visit } = await signInToMisbehave(t);
    const { page } = visit;
    await armFault(page, "same-token", { path: "any" });
    await page.locator(hook("faults-error"), { hasText: "sameToken is a fault of /auth/refresh only" }).waitFor();
    await armFault(page, "same-token");
    await page.locator(hook("faults-armed")).waitFor();
    assert.equal(await page.isVisible(hook("faults-error")), false);
  });

  test("offers no faults, and asks for none, where the server takes no orders", async (t) => {
    const plain = await startServer(...FLAGS);
    const visit = await visitWith(t);
    t.after(() => plain.stop());
    await signIn(visit.page, plain.address);
    assert.equal(await visit.page.isVisible(hook("faults")), false);
    assert.deepEqual(visit.traffic.at("/faults"), []);
    assert.equal((await fetch(`${plain.address}/faults`)).status, 404);
  });

  test("says so when it cannot start", async (t) => {
    const visit = await startVisit(t, browser, { expected: [/ERR_CONFIG|config\.renewal\.lead/] });
    await visit.page.goto(`${server.address}/?lead=soon`);
    await visit.page.locator(hook("page-error")).waitFor();
    assert.match(await visit.page.textContent(hook("page-error")), /config\.renewal\.lead .+ Set config\.renewal\.lead to /);
    await showsState(visit.page, "failed");
  });

  test("is drawn for the documentation", { skip: !process.env.UPDATE_PICTURES }, async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION, /status of 503/], context: { colorScheme: "light", viewport: { width: 1400, height: 1720 } } });
    await signIn(visit.page, server.address, { query: "?lead=10s&jitter=0" });
    await visit.page.click(hook("renew"));
    await armFault(visit.page, "status-503", { length: 3 });
    await visit.page.getByRole("button", { name: "1 min", exact: true }).click();
    await visit.hear("renewed", 2, 2 * PATIENCE_MS);
    await visit.page.evaluate(() => scrollTo(0, 0));
    await eventually("the bar to be full", async () => (await filled(visit.page)) > 0.95);
    await eventually("a third of the token's life", async () => (await filled(visit.page)) < 0.7);
    await visit.page.mouse.move(0, 0); // off the button
    await visit.page.screenshot({ path: `${root}docs/page.png` });
  });
});
