// The sample page: how it looks, and that it shows what the session does.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { root, TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { hook, NO_SESSION, openSample, showsState, signIn } from "./support/sample-page.mjs";
import { startServer } from "./support/server.mjs";
import { startVisit } from "./support/visit.mjs";

let browser, server;
before(async () => {
  browser = await startBrowser();
  server = await startServer("--access-lifetime", "30s", "--session-lifetime", "12h");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const visitWith = (t, context = {}) => startVisit(t, browser, { expected: [NO_SESSION], context });

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
        for (const id of ["renew", "call-api", "sign-out", "seconds-left", "token-bar", "events"]) {
          assert.ok(await page.isVisible(hook(id)), id);
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
    assert.notEqual(await page.textContent(hook("renews-at")), "none planned");
    const { skew, uncertainty } = await page.evaluate(() => session.snapshot().clock);
    assert.ok(Math.abs(skew) <= uncertainty, `the clocks are the same, the page says ${skew} ± ${uncertainty} ms`);
    assert.match(await page.textContent(hook("readout")), /document\.cookieempty/);
  });

  test("says so when it cannot start", async (t) => {
    const visit = await startVisit(t, browser, { expected: [/ERR_CONFIG|config\.renewal\.lead/] });
    await visit.page.goto(`${server.address}/?lead=soon`);
    await visit.page.locator(hook("page-error")).waitFor();
    assert.match(await visit.page.textContent(hook("page-error")), /config\.renewal\.lead .+ Set config\.renewal\.lead to /);
    await showsState(visit.page, "failed");
  });

  test("is drawn for the documentation", { skip: !process.env.UPDATE_PICTURES }, async (t) => {
    const visit = await visitWith(t, { colorScheme: "light", viewport: { width: 1280, height: 800 } });
    await signIn(visit.page, server.address, { query: "?lead=10s&jitter=0" });
    await visit.page.click(hook("renew"));
    await visit.hear("renewed", 2);
    await eventually("the bar to be full", async () => (await filled(visit.page)) > 0.95);
    await eventually("a third of the token's life", async () => (await filled(visit.page)) < 0.7);
    await visit.page.mouse.move(0, 0); // off the button
    await visit.page.screenshot({ path: `${root}docs/page.png` });
  });
});
