// The sample page warns before an idle end, by keyboard and for screen readers, and lets a policy be chosen.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { accessible, beQuiet, focused, idleTimes, keepCountdown, LONG, signOutNow, stay, waitToBeWarned, warning } from "./support/idle-page.mjs";
import { ADA, hook, NO_SESSION, openSample, showsState, signIn, submitForm } from "./support/sample-page.mjs";
import { startServer } from "./support/server.mjs";
import { startVisit } from "./support/visit.mjs";

/** A lifetime of access tokens that every policy allows. */
const FLAGS = ["--access-lifetime", "15m", "--session-lifetime", "90d"];
const SHORT = idleTimes(6, 5);
const BECAUSE = /^You were signed out because nothing happened/;

let browser, server;
before(async () => {
  browser = await startBrowser();
  server = await startServer(...FLAGS);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const visitWith = (t, context = {}, expected = []) => startVisit(t, browser, { expected: [NO_SESSION, ...expected], context });

/** A page on which the warning has just been given. */
async function warned(t, query = LONG, context = {}) {
  const visit = await visitWith(t, context);
  await waitToBeWarned(visit.page, server.address, query);
  return visit;
}

const isGone = (page) => warning(page).waitFor({ state: "detached" });
const clockTime = (page, instant) => page.evaluate((instant) => new Date(instant).toLocaleTimeString("en-GB"), instant);

suite("the idle warning on the sample page", { concurrency: 3, timeout: TEST_LIMIT_MS }, () => {
  test("has a name, a description with the time, and the focus", async (t) => {
    const { page } = await warned(t);
    const endsAt = await page.evaluate(() => session.snapshot().idleEndsAt);
    const { role, name, description, modal } = await accessible(page, hook("idle-warning"));
    assert.deepEqual({ role, name, modal }, { role: "alertdialog", name: "Are you still there?", modal: true });
    assert.match(description, new RegExp(`You will be signed out at ${await clockTime(page, endsAt)},`));
    assert.ok(await page.getByText(description).isVisible());
    assert.equal(await focused(page), "stay");
    assert.match(await page.title(), /^Still there\? /);
  });

  test("counts down to the session's deadline", async (t) => {
    const visit = await visitWith(t);
    await signIn(visit.page, server.address, { query: LONG });
    await keepCountdown(visit.page);
    await warning(visit.page).waitFor();
    const numbers = await eventually("five numbers", async () => {
      const { numbers } = await visit.page.evaluate(() => countdown);
      return numbers.length >= 5 && numbers;
    });
    for (const [shown, left] of numbers) assert.ok(shown >= left - 0.1 && shown < left + 1.1, `${shown} s are shown, ${left} s are left`);
    assert.ok(numbers.every(([shown], place) => place === 0 || shown < numbers[place - 1][0]), JSON.stringify(numbers));
  });

  test("is said aloud at the start and at two marks, and not every second", async (t) => {
    const visit = await visitWith(t);
    await signIn(visit.page, server.address, { query: idleTimes(40, 38) });
    await keepCountdown(visit.page);
    await warning(visit.page).waitFor();
    assert.equal((await accessible(visit.page, "[data-part=idle-said]")).live, "polite");
    assert.equal(await visit.page.getByRole("timer").count(), 1);
    assert.notEqual((await accessible(visit.page, "[role=timer]")).live, "polite");
    await visit.hear("ended", 1, 2 * 38_000);
    const { said, numbers } = await visit.page.evaluate(() => countdown);
    const seconds = said.map((text) => Number(/^(\d+) seconds left\.$/.exec(text)?.[1]));
    assert.equal(seconds.length, 3, said.join());
    assert.ok(seconds[0] <= 38 && seconds[1] <= 30 && seconds[2] <= 10 && seconds[0] > seconds[1] && seconds[1] > seconds[2], said.join());
    assert.ok(numbers.length > 3 * said.length);
  });

  for (const key of ["Enter", "Space", "Escape"]) {
    test(`is answered by ${key}, again and again, and gives the focus back`, async (t) => {
      const visit = await warned(t);
      const { page } = visit;
      for (let times = 1; times <= 3; times++) {
        const before = await page.evaluate(() => session.snapshot().idleEndsAt);
        await page.keyboard.press(key);
        await isGone(page);
        assert.equal(await focused(page), "renew");
        assert.doesNotMatch(await page.title(), /still there/i);
        await page.getByText("You stay signed in.").waitFor({ state: "attached" });
        const extended = await visit.hear("idle-extended", times);
        assert.ok(extended.every(({ detail }) => detail.by === "this-tab"));
        assert.ok((await page.evaluate(() => session.idleDeadline())) > before);
        await warning(page).waitFor();
        assert.equal(await focused(page), "stay");
      }
      await showsState(page, "active");
    });
  }

  test("keeps the focus among its buttons, whatever is typed", async (t) => {
    const { page } = await warned(t);
    const passed = new Set();
    for (const key of ["Tab", "Tab", "Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "a", "ArrowDown", "End"]) {
      await page.keyboard.press(key);
      passed.add(await focused(page));
    }
    passed.delete(""); // the browser's own buttons
    assert.deepEqual([...passed].sort(), ["sign-out-now", "stay"]);
    assert.ok(await warning(page).isVisible(), "movements and keys are no answer");
    assert.ok((await accessible(page, hook("renew"))).ignored, "what is below the dialog is nowhere to be found");
    await page.evaluate((below) => document.querySelector(below).focus(), hook("renew"));
    assert.notEqual(await focused(page), "renew");
  });

  test("signs out at once where the user wants it", async (t) => {
    const visit = await warned(t);
    const { page } = visit;
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "sign-out-now");
    await page.keyboard.press("Enter");
    await showsState(page, "signed-out");
    await isGone(page);
    assert.equal(await page.textContent(hook("end-reason")), "You signed out.");
    assert.deepEqual(visit.ofType("ended").map(({ detail }) => detail.reason), ["signed-out"]);
  });

  test("ends, says why, and offers to sign in, all by keyboard", async (t) => {
    const visit = await warned(t, SHORT, { viewport: { width: 390, height: 700 } });
    const { page } = visit;
    await visit.hear("ended");
    await showsState(page, "signed-out");
    await isGone(page);
    assert.match(await page.textContent(hook("end-reason")), BECAUSE);
    assert.equal(await focused(page), "end-reason");
    const { top, bottom } = await page.locator(hook("end-reason")).evaluate((reason) => reason.getBoundingClientRect().toJSON());
    assert.ok(top >= 0 && bottom <= 700, "the reason is in view");

    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "username");
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type(ADA.name);
    await page.keyboard.press("Tab");
    await page.keyboard.type(ADA.password);
    await page.keyboard.press("Enter");
    await showsState(page, "active");
    assert.equal(await page.isVisible(hook("end-reason")), false);
  });

  test("ends while no page is open, and the next one says why", async (t) => {
    const { page } = await visitWith(t);
    await signIn(page, server.address, { query: SHORT });
    const deadline = await page.evaluate(() => session.idleDeadline());
    await page.goto("about:blank");
    await eventually("the deadline to pass", () => Date.now() > deadline);
    await openSample(page, server.address, SHORT);
    assert.match(await page.textContent(hook("end-reason")), BECAUSE);
    assert.ok(await page.isVisible(hook("sign-in-form")));
  });

  test("is answered in one of two pages, and goes from both", async (t) => {
    const visit = await visitWith(t);
    // Before anybody is idle, for under the warning no link can be followed; and between two warnings there is time to
    // look at both pages, on a busy machine too.
    await openSample(visit.page, server.address, idleTimes(48, 40));
    const [other] = await Promise.all([visit.context.waitForEvent("page"), visit.page.getByRole("link", { name: "open another" }).press("Enter")]);
    await showsState(other, "signed-out");
    await submitForm(visit.page, ADA);
    await showsState(other, "active");
    await beQuiet(other, "call-api");
    const extended = () => visit.heardIn(other).filter(({ type }) => type === "idle-extended").map(({ detail }) => detail.by);
    const earlier = extended().length;
    const pages = [visit.page, other];
    for (const page of pages) await warning(page).waitFor();
    await stay(visit.page).press("Enter");
    for (const page of pages) await isGone(page);
    await other.getByText("Another tab has kept you signed in.").waitFor({ state: "attached" });
    assert.equal(await focused(other), "call-api");
    assert.deepEqual(extended().slice(earlier), ["other-tab"]);

    for (const page of pages) await warning(page).waitFor();
    await signOutNow(other).press("Enter");
    for (const page of pages) {
      await showsState(page, "signed-out");
      await isGone(page);
    }
  });

  for (const [colorScheme, width, height] of [["light", 1280, 800], ["dark", 1280, 800], ["light", 390, 844], ["dark", 320, 480]]) {
    test(`fits, ${colorScheme}, at ${width} pixels`, async (t) => {
      const { page } = await warned(t, LONG, { colorScheme, viewport: { width, height } });
      const box = await warning(page).boundingBox();
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height, JSON.stringify(box));
      assert.equal(await warning(page).evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth), 0);
      const ground = await warning(page).evaluate((dialog) => getComputedStyle(dialog).backgroundColor.match(/\d+/g).map(Number));
      assert.ok(colorScheme === "dark" ? Math.max(...ground) < 64 : Math.min(...ground) > 192, `the ground is ${ground}`);
      for (const button of [stay(page), signOutNow(page)]) assert.ok((await button.boundingBox()).height >= 44);
    });
  }

  for (const reducedMotion of ["reduce", "no-preference"]) {
    test(`runs down ${reducedMotion === "reduce" ? "in steps for whoever wants less motion" : "smoothly"}`, async (t) => {
      const { page } = await visitWith(t, { reducedMotion });
      await signIn(page, server.address, { query: LONG });
      await keepCountdown(page);
      await warning(page).waitFor();
      const { bar } = await eventually("four seconds", async () => {
        const kept = await page.evaluate(() => countdown);
        return kept.numbers.length >= 4 && kept;
      });
      const positionsAt = (second) => new Set(bar.flatMap(([at, position]) => (at === second ? [position] : []))).size;
      const most = Math.max(...bar.map(([second]) => positionsAt(second)));
      assert.ok(reducedMotion === "reduce" ? most === 1 : most > 1, `${most} positions within a second`);
    });
  }
});

/** Milliseconds of a span in words, such as "15 min". */
function inMs(words) {
  const [, number, unit] = /(\d+) (min|h|days)/.exec(words);
  return Number(number) * { min: 60_000, h: 3_600_000, days: 86_400_000 }[unit];
}

suite("the policy on the sample page", { concurrency: 3, timeout: TEST_LIMIT_MS }, () => {
  test("is chosen before the sign-in, and holds as the page says", async (t) => {
    const visit = await visitWith(t);
    const { page } = visit;
    await openSample(page, server.address);
    const names = await page.locator(`${hook("policy")} > option`).allTextContents();
    assert.deepEqual(names, ["none", "consumer", "payments", "admin", "aal1", "aal2", "aal3"]);
    for (const name of names) {
      await page.getByLabel("Session policy").selectOption(name);
      const note = await page.textContent(hook("policy-note"));
      await submitForm(page, ADA);
      await showsState(page, "active");
      const { deadline, endsAt, now } = await page.evaluate(() => ({ deadline: session.idleDeadline(), endsAt: session.snapshot().endsAt, now: Date.now() }));
      // From the sign-in, which was a moment ago.
      const near = (instant, words) => assert.ok(instant <= now + inMs(words) + 2000 && instant > now + inMs(words) - 60_000, `${name}: ${note} ${instant - now} ms`);
      const idle = /Signs out after (\d+ min) without activity/.exec(note);
      if (idle) near(deadline, idle[1]);
      else assert.equal(deadline, null, name);
      assert.equal(await page.textContent(hook("idle-end")) === "off", !idle, name);
      near(endsAt, /Signs out after (\d+ (?:h|days)) in any case/.exec(note)?.[1] ?? "90 days");
      await page.click(hook("sign-out"));
      await showsState(page, "signed-out");
    }
    assert.deepEqual(visit.ofType("policy-violation"), []);
  });

  test("is chosen by keyboard, and stands in the address over reloads, and in no storage", async (t) => {
    const { page } = await visitWith(t);
    await openSample(page, server.address, "?jitter=0");
    await page.getByLabel("Session policy").focus();
    await page.keyboard.type("admin");
    await page.getByLabel("Idle / warning").focus();
    await page.keyboard.type("60");
    const search = "?jitter=0&policy=admin&idle=60s&warning=20s";
    const shows = async () => {
      await eventually(() => `${search} in ${page.url()}`, () => new URL(page.url()).search === search);
      assert.deepEqual(await Promise.all([hook("policy"), hook("idle-times")].map((select) => page.inputValue(select))), ["admin", "60s,20s"]);
      assert.equal(await page.textContent(hook("policy-note")), "Signs out after 60 s without activity, and warns 20 s before. Signs out after 8 h in any case.");
    };
    await shows();
    await page.reload();
    await showsState(page, "signed-out");
    await shows();
    await submitForm(page, ADA);
    await showsState(page, "active");
    await page.reload();
    await showsState(page, "active");
    await shows();
    const left = await page.evaluate(() => session.idleDeadline() - Date.now());
    assert.ok(left > 0 && left <= 60_000, `${left} ms`);
    const stored = await page.evaluate(() => Object.entries({ ...localStorage, ...sessionStorage }).join() + document.cookie);
    assert.doesNotMatch(stored, /admin|60s|20s|60000|20000/);
  });

  test("moves the idle deadline on with what the user does", async (t) => {
    const { page } = await visitWith(t);
    await signIn(page, server.address, { query: "?policy=payments" });
    const before = await page.evaluate(() => session.idleDeadline());
    await eventually("a later deadline", async () => {
      await page.keyboard.press("Shift");
      return (await page.evaluate(() => session.idleDeadline())) > before + 1000;
    });
    await eventually("the deadline as it is", async () =>
      (await page.textContent(hook("idle-end"))) === (await clockTime(page, await page.evaluate(() => session.idleDeadline()))));
  });

  for (const [query, complaint] of [["?policy=lenient", /config\.policy\.extends .+/], ["?idle=30s&warning=5s", /idle\.warning .+WCAG 2\.2\.1/]]) {
    test(`is refused where it is none: ${query}`, async (t) => {
      const { page } = await visitWith(t, {}, [/config\.policy/]);
      await page.goto(`${server.address}/${query}`);
      await page.locator(hook("page-error")).waitFor();
      assert.match(await page.textContent(hook("page-error")), complaint);
      await showsState(page, "failed");
    });
  }

  test("lets the server know how long nobody has done anything, whatever the page does in the background", async (t) => {
    const own = await startServer("--access-lifetime", "4s", "--idle", "8s");
    const visit = await startVisit(t, browser, { expected: [NO_SESSION] });
    t.after(() => own.stop());
    await signIn(visit.page, own.address);
    const [ended] = await visit.hear("ended");
    // By its stream of events, or by the refused renewal, whichever comes first.
    assert.ok(["revoked", "rejected"].includes(ended.detail.reason), ended.detail.reason);
    const idle = (await visit.traffic.complete("/auth/refresh")).slice(1).map(({ headers }) => headers["idle-seconds"]);
    assert.ok(idle.length > 1 && idle.every((seconds) => /^\d+$/.test(seconds)), idle.join());
    assert.ok(idle.every((seconds, place) => place === 0 || Number(seconds) >= Number(idle[place - 1])), idle.join());
    const ends = await own.trail("session-ended");
    assert.deepEqual(ends.map(({ detail, reason }) => reason ?? detail), ["idle-timeout"]);
  });
});
