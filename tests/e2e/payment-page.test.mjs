// A payment on the sample page: refused, confirmed with a second factor, and paid.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { startFirefox } from "./support/firefox.mjs";
import { accessible, focused } from "./support/idle-page.mjs";
import { ADA, callApi, hook, NO_SESSION, showsState, signIn } from "./support/sample-page.mjs";
import { startServer } from "./support/server.mjs";
import { confirm, currentCode, dialog, isGone, level, outcome, payUntilAsked, REFUSED, STEPPED_UP } from "./support/step-up.mjs";
import { startVisit } from "./support/visit.mjs";

const PAID = "€ 12.50 paid to The Analytical Society, with aal2.";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A signed-in page of a server of its own: a code is good once for all who sign in. */
async function visitWith(t, { flags = ["--demonstration"], query = "", context = {}, expected = [] } = {}) {
  const server = await startServer(...flags);
  const visit = await startVisit(t, browser, { expected: [NO_SESSION, REFUSED, ...expected], context });
  t.after(() => server.stop()); // after the visit's end: a page without its server complains
  await signIn(visit.page, server.address, { query });
  return { ...visit, server };
}

const trailOf = async (server, ...kinds) =>
  (await server.trail()).filter(({ kind }) => kinds.includes(kind)).map(({ kind, detail }) => (detail ? `${kind} ${detail}` : kind));

/** The whole session as the page knows it, without what runs on. */
const held = (page) =>
  page.evaluate(() => {
    const { state, claims, tokenExpiresAt, endsAt } = session.snapshot();
    return { state, claims, tokenExpiresAt, endsAt };
  });

const renew = (page) => page.evaluate(() => session.renew());
const isNear = (one, other) => Math.abs(one - other) <= 2000; // instants of the server are whole seconds

suite("a payment on the sample page", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("is refused, confirmed by keyboard, and sent again", async (t) => {
    const { page, server, traffic, ofType } = await visitWith(t);
    const before = await held(page);
    assert.deepEqual(await level(page), ["aal1", false]);

    await page.focus(hook("payee"));
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("Charles Babbage");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "amount");
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("1000,5");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor();
    const { role, name, description, modal } = await accessible(page, hook("step-up"));
    assert.deepEqual({ role, name, modal }, { role: "dialog", name: "Confirm that it is you", modal: true });
    assert.match(description, /^Type the code .+ The level aal2 is wanted, not longer than 5 min ago\.$/);
    assert.equal(await focused(page), "code");
    assert.equal((await accessible(page, hook("code"))).name, "One-time code");
    assert.deepEqual(ofType("step-up-required").map(({ detail }) => detail), [
      { acrValues: ["aal2"], maxAge: 300_000, url: `${server.address}/api/payments` },
    ]);
    assert.deepEqual(await held(page), before, "nothing has changed yet");

    const passed = new Set();
    for (const key of ["Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab"]) {
      await page.keyboard.press(key);
      passed.add(await focused(page));
    }
    passed.delete(""); // the browser's own buttons
    assert.deepEqual([...passed].sort(), ["cancel", "code", "confirm", "fill-in-code", "remember"]);

    await page.focus(hook("fill-in-code"));
    await page.keyboard.press("Enter");
    await eventually("the code", async () => /^\d{6}$/.test(await page.inputValue(hook("code"))));
    await eventually("the focus at the code", async () => (await focused(page)) === "code");
    await page.keyboard.press("Enter");
    await isGone(page);
    assert.equal(await outcome(page), "€ 1000.50 paid to Charles Babbage, with aal2.");
    assert.equal(await focused(page), "amount");

    const payments = await traffic.complete("/api/payments");
    assert.deepEqual(payments.map(({ status }) => status), [401, 201]);
    assert.deepEqual(await trailOf(server, "step-up", "payment", "renewal"), ["step-up code", "payment"]);
    assert.deepEqual(await level(page), ["aal2", true]);
    assert.equal(await page.textContent(hook("acr")), "aal2");
    const after = await held(page);
    assert.ok(isNear(after.endsAt, before.endsAt), `the session ended at ${before.endsAt}, and now at ${after.endsAt}`);
    assert.deepEqual([after.claims.sub, after.claims.sid], [before.claims.sub, before.claims.sid]);
    assert.ok(after.tokenExpiresAt < before.tokenExpiresAt, "it is a short-lived token");
    assert.equal(ofType("started").length, 1);

    // The session goes on with it for everything, and the next renewal takes it back.
    assert.equal((await callApi(page)).status(), 200);
    assert.equal(await page.evaluate(async () => (await session.fetch("/auth/sessions")).status), 200);
    await renew(page);
    assert.deepEqual(await level(page), ["aal1", false]);
    await page.locator(hook("acr"), { hasText: "aal1" }).waitFor();
    assert.ok(isNear((await held(page)).endsAt, before.endsAt));
    assert.deepEqual([ofType("started").length, ofType("ended").length], [1, 0]);
  });

  for (const [way, cancel] of [
    ["Escape", (page) => page.keyboard.press("Escape")],
    ["its button", (page) => page.getByRole("button", { name: "Cancel" }).press("Enter")],
  ]) {
    test(`is cancelled by ${way}, which leaves everything as it was`, async (t) => {
      const { page, server, traffic, ofType } = await visitWith(t, { flags: [] });
      const before = await held(page);
      for (let times = 1; times <= 2; times++) {
        await payUntilAsked(page);
        assert.equal(await page.inputValue(hook("code")), "");
        assert.equal(await page.isVisible(hook("demonstration")), false, "this server shows no codes");
        await page.fill(hook("code"), "123456");
        await cancel(page);
        await isGone(page);
        assert.equal(await outcome(page), "Nothing was paid: it was not confirmed.");
        assert.equal(await focused(page), "pay");
        assert.equal(ofType("step-up-required").length, times);
      }
      assert.deepEqual(await held(page), before);
      assert.deepEqual(await level(page), ["aal1", false]);
      assert.deepEqual(ofType("renewed"), []);
      assert.deepEqual(await traffic.complete("/auth/step-up"), []);
      assert.deepEqual(await trailOf(server, "step-up", "step-up-failed", "payment"), []);
    });
  }

  test("wants the right code, which is good once", async (t) => {
    const { page, server } = await visitWith(t);
    await payUntilAsked(page);
    const right = await currentCode(page);
    const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, "0");
    await page.keyboard.type(wrong);
    await page.keyboard.press("Enter");
    const error = page.locator(hook("step-up-error"));
    await error.filter({ hasText: "The code is wrong, or was used already." }).waitFor();
    assert.equal(await focused(page), "code");
    assert.equal(await page.getAttribute(hook("code"), "aria-invalid"), "true");
    assert.deepEqual(await level(page), ["aal1", false]);

    // What is wrong is selected, so that typing replaces it.
    await page.keyboard.type(`${right.slice(0, 3)} ${right.slice(3)}`);
    await page.keyboard.press("Enter");
    assert.equal(await outcome(page), PAID);

    await renew(page);
    await payUntilAsked(page);
    assert.equal(await error.isVisible(), false);
    await page.keyboard.type(right);
    await page.keyboard.press("Enter");
    await error.waitFor();
    assert.deepEqual(await trailOf(server, "step-up", "step-up-failed", "payment"), [
      "step-up-failed wrong-code", "step-up code", "payment", "step-up-failed used-code",
    ]);
  });

  test("says so when there were too many wrong codes", async (t) => {
    const { page, server } = await visitWith(t);
    await payUntilAsked(page);
    const right = await currentCode(page);
    const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, "0");
    for (let attempts = 1; attempts <= 5; attempts++) {
      await page.fill(hook("code"), wrong);
      await page.keyboard.press("Enter");
      await eventually(`${attempts} refused codes`, async () => (await server.trail("step-up-failed")).length === attempts);
      await page.locator(`${hook("confirm")}[aria-disabled=false]`).waitFor();
    }
    await page.fill(hook("code"), right);
    await page.keyboard.press("Enter");
    await page.locator(hook("step-up-error"), { hasText: /^Too many attempts\. Wait \d+ (min|s).*, then try again\.$/ }).waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await outcome(page), "Nothing was paid: it was not confirmed.");
    assert.deepEqual(await trailOf(server, "step-up", "payment"), []);
  });

  test("asks a remembered device for no code, until it is forgotten", async (t) => {
    const { page, server, cookie, ofType } = await visitWith(t);
    await payUntilAsked(page);
    await page.keyboard.type(await currentCode(page));
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "remember");
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    assert.equal(await outcome(page), PAID);
    assert.equal((await cookie("device")).httpOnly, true);
    await page.locator(hook("sessions"), { hasText: "remembered until" }).waitFor();

    await renew(page);
    assert.deepEqual(await level(page), ["aal1", false]);
    await page.focus(hook("pay"));
    await page.keyboard.press("Enter");
    await eventually("the second payment", async () => (await server.trail("payment")).length === 2);
    assert.equal(await outcome(page), PAID);
    assert.equal(await focused(page), "pay");
    assert.equal(await dialog(page).count(), 0);
    assert.deepEqual(await level(page), ["aal2", true]);
    assert.deepEqual(await page.evaluate(() => session.snapshot().claims.amr), ["pwd", "device", "mfa"]);
    assert.equal(ofType("step-up-required").length, 2);
    assert.deepEqual(await trailOf(server, "step-up"), ["step-up code", "step-up remembered-device"]);

    await page.getByRole("button", { name: "Forget remembered devices" }).press("Enter");
    await page.getByText("No device is remembered any longer.").waitFor();
    await renew(page);
    await payUntilAsked(page);
    assert.equal(await page.isChecked(hook("remember")), false);
  });

  test("gives its level back when the token lapses", async (t) => {
    const { page } = await visitWith(t, { flags: ["--demonstration", "--access-lifetime", "10s"] });
    await page.evaluate((wanted) => {
      globalThis.levels = [];
      session.on("renewed", () => levels.push(`${session.snapshot().claims.acr} ${session.satisfies(wanted)}`));
      // The page may ask by itself, too.
      session.requireStepUp(wanted);
    }, STEPPED_UP);
    await dialog(page).waitFor();
    await confirm(page);
    const taken = () => page.evaluate(() => levels);
    await eventually("the level to be given back", async () => {
      const levels = await taken();
      return levels.includes("aal2 true") && levels.at(-1) === "aal1 false";
    });
    const levels = await taken();
    assert.equal(levels.filter((each) => each === "aal2 true").length, 1, levels.join());
    assert.ok(levels.every((each) => each === "aal2 true" || each === "aal1 false"), levels.join());
    await showsState(page, "active");
  });

  test("breaks no policy", async (t) => {
    const { page, ofType } = await visitWith(t, { query: "?policy=payments" });
    await payUntilAsked(page);
    await confirm(page);
    assert.equal(await outcome(page), PAID);
    assert.deepEqual(ofType("policy-violation"), []);
  });

  test("asks no longer where the session has ended", async (t) => {
    const { page, context, server } = await visitWith(t);
    const other = await context.newPage();
    await other.goto(server.address);
    await showsState(other, "active");
    await payUntilAsked(page);
    await other.click(hook("sign-out"));
    await showsState(page, "signed-out");
    await isGone(page);
    assert.equal(await focused(page), "end-reason");
    assert.equal(await page.isVisible(hook("payment-said")), false);
  });

  test("wants an amount", async (t) => {
    const { page, traffic } = await visitWith(t);
    for (const amount of ["0", "-1", "1e3", "12.345", "10000.01", "all of it"]) {
      await page.fill(hook("amount"), amount);
      await page.keyboard.press("Enter");
      await page.getByText("The amount is a number such as 12.50, up to 10000.").waitFor();
      assert.equal(await focused(page), "amount");
    }
    assert.deepEqual(traffic.at("/api/payments"), []);
  });

  for (const [colorScheme, width, height] of [["light", 1280, 800], ["dark", 390, 844], ["dark", 320, 568]]) {
    test(`fits, ${colorScheme}, at ${width} pixels`, async (t) => {
      const { page } = await visitWith(t, { context: { colorScheme, viewport: { width, height } } });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
      await payUntilAsked(page);
      const box = await dialog(page).boundingBox();
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height, JSON.stringify(box));
      assert.equal(await dialog(page).evaluate((each) => each.scrollWidth - each.clientWidth), 0);
      for (const id of ["confirm", "cancel", "code"]) assert.ok((await page.locator(hook(id)).boundingBox()).height >= 44, id);
    });
  }

  test("is confirmed by keyboard in Firefox, too", async (t) => {
    const firefox = await startFirefox();
    t.after(() => firefox.close());
    const server = await startServer("--demonstration");
    t.after(() => server.stop());
    const page = await firefox.open(server.address);
    const holds = (what, test, input) => eventually(what, () => page.evaluate(test, input));
    const shows = (id, text) => holds(`${id}: ${text}`, ([id, text]) => document.querySelector(id).textContent.includes(text), [hook(id), text]);
    const isOpen = (open) => holds(`the dialog to be ${open ? "there" : "gone"}`, ([id, open]) => document.querySelector(id).open === open, [hook("step-up"), open]);
    const hasFocus = (id) => holds(`the focus at ${id}`, (id) => document.activeElement.dataset.testid === id, id);
    const focusOn = (id) => page.evaluate((id) => document.querySelector(id).focus(), hook(id));

    await shows("state", "signed-out");
    await focusOn("username");
    await page.press(...ADA.name, "Tab", ...ADA.password, "Enter");
    await shows("state", "active");
    await focusOn("pay");
    await page.press("Enter");
    await isOpen(true);
    await hasFocus("code");
    await page.press("Escape");
    await isOpen(false);
    await shows("payment-said", "Nothing was paid");
    await hasFocus("pay");

    await page.press("Enter");
    await isOpen(true);
    await hasFocus("code");
    await page.press(...(await currentCode(page)), "Enter");
    await shows("payment-said", PAID);
    await isOpen(false);
    await hasFocus("pay");
    assert.deepEqual(await level(page), ["aal2", true]);
    assert.deepEqual(await trailOf(server, "step-up", "payment"), ["step-up code", "payment"]);
  });
});

suite("a storm of refused requests", { timeout: TEST_LIMIT_MS }, () => {
  test("makes one renewal, when the signing key was replaced without an overlap", async (t) => {
    const STORM = 50;
    const { page, server } = await visitWith(t, { expected: [/status of 401 \(Unauthorized\) \(\S+\/api\/me\)$/] });
    const kids = async () => (await (await fetch(`${server.address}/.well-known/jwks.json`)).json()).keys.map(({ kid }) => kid);
    const [old] = await kids();
    await server.operate("rotate-key", "--overlap", "0s");
    await eventually("the server to know", async () => !(await kids()).includes(old));

    // A token is not renewed in its first five seconds, whoever refuses it.
    await eventually("the token to be older", () => page.evaluate(() => Date.now() / 1000 - session.snapshot().claims.iat > 6));
    const counted = () => page.evaluate(() => session.metrics());
    const before = await counted();
    const statuses = await page.evaluate(async (storm) => {
      const answers = await Promise.all(Array.from({ length: storm }, () => session.fetch("/api/me")));
      return answers.map(({ status }) => status);
    }, STORM);
    assert.deepEqual(statuses, Array(STORM).fill(200));
    const { requests, renewals } = await counted();
    assert.equal(renewals.succeeded - before.renewals.succeeded, 1);
    assert.equal(requests.authorized - before.requests.authorized, STORM);
    assert.equal(requests.replayed - before.requests.replayed, STORM);
    assert.equal((await server.trail("renewal")).length, 1);
    await page.locator(`[data-part=requests-note]`, { hasText: `${STORM} sent again` }).waitFor();
  });
});
