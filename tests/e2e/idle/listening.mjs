// What counts as activity, and what listens to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { deadlineOf, openIdle } from "../support/idle-pages.mjs";
import { keepDeeds } from "../support/in-page.mjs";

const idle = { timeout: "10m", throttle: 0 };
const TYPES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

/** Does something that does not move the deadline; resolves to whether it did all the same. */
async function moves(page, act) {
  const before = await deadlineOf(page);
  // So that it would be seen to move.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)));
  await act();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  return (await deadlineOf(page)) > before + 15;
}

/** Does something until it has moved the deadline: browsers tell of some things a little later. */
async function moved(page, what, act) {
  const before = await deadlineOf(page);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)));
  await act();
  await eventually(`${what} to count`, async () => (await deadlineOf(page)) > before + 15);
}

export function listening(browser) {
  test("keys, pointers, wheels and touches are activity", async (t) => {
    const { page } = await openIdle(t, browser(), { config: { idle }, context: { hasTouch: true } });
    for (const [what, act] of Object.entries({
      "a key": () => page.keyboard.press("Shift"),
      "a movement": () => page.mouse.move(3, Math.random() * 100),
      "a click": () => page.mouse.down(),
      "a wheel": () => page.mouse.wheel(0, 10),
      "a touch": () => page.touchscreen.tap(5, 5),
      "touch()": () => page.evaluate(() => session.touch()),
      "extend()": () => page.evaluate(() => session.extend()),
      // A page's scripts may call touch() as well.
      "an event of a script": () => page.evaluate(() => document.body.dispatchEvent(new Event("keydown"))),
    })) {
      await moved(page, what, act);
    }
  });

  test("even where the page keeps them to itself", async (t) => {
    const { page } = await openIdle(t, browser(), { config: { idle } });
    await page.evaluate((types) => {
      for (const type of types) document.addEventListener(type, (event) => event.stopImmediatePropagation(), true);
    }, TYPES);
    await moved(page, "a key", () => page.keyboard.press("a"));
  });

  test("renewals, requests, scrolling by script and a page that is shown are none", async (t) => {
    const { page } = await openIdle(t, browser(), { config: { idle } });
    for (const [what, act] of Object.entries({
      "a renewal": () => page.evaluate(() => session.renew()),
      "a request": () => page.evaluate(async () => void (await fetch("/", { headers: { authorization: `Bearer ${await session.accessToken()}` } }))),
      "scrolling": () => page.evaluate(() => {
        document.body.style.height = "5000px";
        scrollTo(0, 1000);
      }),
      "a page that is shown": () => page.evaluate(() => {
        hide(true);
        hide(false);
      }),
      "the focus": () => page.evaluate(() => dispatchEvent(new Event("focus"))),
    })) {
      assert.equal(await moves(page, act), false, what);
    }
  });

  test("only the events that are named count, and no more often than the throttle says", async (t) => {
    const { page } = await openIdle(t, browser(), { config: { idle: { ...idle, events: ["app-activity"], throttle: "10s" } } });
    assert.equal(await moves(page, () => page.keyboard.press("a")), false);
    await moved(page, "the event", () => page.evaluate(() => void document.dispatchEvent(new Event("app-activity", { bubbles: true }))));
    assert.equal(await moves(page, () => page.evaluate(() => void document.dispatchEvent(new Event("app-activity", { bubbles: true })))), false);
  });

  test("listeners are passive, and there only while a session is", async (t) => {
    const { page } = await openIdle(t, browser(), { scripts: [keepDeeds], isSignedIn: false });
    const listeners = await page.evaluate(async (types) => {
      const passive = [];
      const { addEventListener } = globalThis;
      globalThis.addEventListener = function (type, listener, options) {
        if (types.includes(type)) passive.push(options?.passive && options?.capture);
        return addEventListener.call(this ?? globalThis, type, listener, options);
      };
      const listening = () => inForce().filter((each) => types.some((type) => each === `listener ${type}`)).length;
      const counts = [];
      const off = await newSession("other");
      await off.begin(await fetch("/other/login", { method: "POST" }));
      counts.push(listening());
      const session = await newSession("auth", { idle: { timeout: "10m" } });
      counts.push(listening());
      for (let times = 0; times < 2; times++) {
        await session.begin(await fetch("/auth/login", { method: "POST" }));
        counts.push(listening());
        await session.renew();
        counts.push(listening());
        await session.signOut();
        counts.push(listening());
      }
      await session.begin(await fetch("/auth/login", { method: "POST" }));
      session.dispose();
      counts.push(listening());
      return { counts, isPassive: passive.length === 15 && passive.every(Boolean) };
    }, TYPES);
    assert.deepEqual(listeners, { counts: [0, 0, 5, 5, 0, 5, 5, 0, 0], isPassive: true });
  });

  test("an activity moves no deadline's timer, and sets one for the throttle at most", async (t) => {
    const { page } = await openIdle(t, browser(), { scripts: [keepDeeds], isSignedIn: false });
    const found = await page.evaluate(async () => {
      const session = await newSession("auth", { idle: { timeout: "2h", throttle: "1h" } });
      await session.begin(await fetch("/auth/login", { method: "POST" }));
      const before = deeds.length;
      for (let times = 0; times < 1000; times++) dispatchEvent(new Event("pointermove"));
      session.touch();
      const set = deeds.slice(before).filter((deed) => /Timeout|Interval|Channel/.test(deed));
      session.dispose();
      return { set, left: inForce().filter((each) => each.startsWith("set")) };
    });
    assert.deepEqual(found, { set: ["setTimeout"], left: [] });
  });
}
