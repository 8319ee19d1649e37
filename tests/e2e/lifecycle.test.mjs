// What happens to a page: the back/forward cache, freezing, hiding, the network; and how often it wakes at rest.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startOrdinaryBrowser } from "./support/browser.mjs";
import { stopTime } from "./support/device-clock.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { offerSessions } from "./support/in-page.mjs";
import { came, openStage } from "./support/stage.mjs";

const HOUR_MS = 3_600_000;
const SHORT_S = 8;
/** So long that nothing is renewed again while a test looks. */
const LONG_S = 900;
const OFFLINE = /net::ERR_INTERNET_DISCONNECTED/;
const PAGE = { headers: { "content-type": "text/html", "cache-control": "no-cache" }, body: "<!doctype html><title>page</title><link rel=icon href=data:,>" };

/** A browser, a stage and a page: hidden, if the test wants so, and then with a session on it. */
async function open(t, { config = {}, path = "/", hidden = false, ...options } = {}) {
  const browser = await startOrdinaryBrowser();
  t.after(() => browser.close());
  const visit = await openStage(t, browser, { lifetimeS: SHORT_S, ...options, scripts: [offerSessions, ...(options.scripts ?? [])] });
  // A page whose answer may not be stored does not enter the back/forward cache.
  for (const path of ["/kept", "/away"]) visit.stage.answers.set(path, () => PAGE);
  await visit.page.goto(visit.stage.address + path);
  if (hidden) await hide(visit);
  await visit.page.evaluate(async (config) => {
    globalThis.session = await signedIn("auth", config);
  }, config);
  return { ...visit, renewals: () => visit.stage.at("/auth/refresh").length };
}

/** Lays another tab over the page, as a user does. */
async function hide({ context, page }) {
  const front = await context.newPage();
  await front.bringToFront();
  await eventually("the page to be hidden", () => page.evaluate(() => document.hidden));
}

/** Resolves to the instant at which the page's token lapses. */
const lapse = (page) => page.evaluate(() => session.snapshot().tokenExpiresAt);
const passed = (instant) => eventually("the token's lapse", () => Date.now() > instant);
const state = (page) => page.evaluate(() => session.state);

/** Nothing was lost, and one request has brought a new token since there were so many. */
async function renewedOnce({ page, ofType, renewals }, before) {
  assert.equal(await state(page), "active");
  assert.equal(typeof (await page.evaluate(() => session.accessToken())), "string");
  assert.equal(renewals() - before, 1);
  for (const type of ["ended", "degraded", "renewal-failed"]) assert.deepEqual(ofType(type), []);
}

suite("a page", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("that comes out of the back/forward cache renews what has lapsed there, once", async (t) => {
    const visit = await open(t, { path: "/kept" });
    const { page, stage, renewals } = visit;
    await page.evaluate(() => addEventListener("pageshow", ({ persisted }) => (globalThis.persisted = persisted)));
    const lapsesAt = await lapse(page);
    await page.goto(`${stage.address}/away`);
    const before = renewals();
    await passed(lapsesAt);
    assert.equal(renewals(), before, "a page in the cache sends nothing");
    stage.lifetimeS = LONG_S;

    await page.evaluate(() => history.back());
    await came(stage, "/auth/refresh", before + 1);
    await eventually("the session of the page", () => page.evaluate(() => globalThis.session?.snapshot().renewing === false && session.state));
    assert.equal(await page.evaluate(() => globalThis.persisted), true, "the page was in the cache");
    await renewedOnce(visit, before);
  });

  test("that was frozen renews what has lapsed meanwhile, once", async (t) => {
    const visit = await open(t, { hidden: true });
    const { page, stage, renewals, context, hear, ofType } = visit;
    const devtools = await context.newCDPSession(page);
    const frozen = (state) => devtools.send("Page.setWebLifecycleState", { state });
    await page.evaluate(() => {
      globalThis.froze = [];
      for (const type of ["freeze", "resume"]) document.addEventListener(type, () => globalThis.froze.push(type));
    });
    const lapsesAt = await lapse(page);
    await frozen("frozen");
    const before = renewals();
    const heard = ofType("renewed").length;
    await passed(lapsesAt);
    assert.equal(renewals(), before, "a frozen page sends nothing");
    stage.lifetimeS = LONG_S;
    await frozen("active");
    await hear("renewed", heard + 1);
    assert.deepEqual(await page.evaluate(() => globalThis.froze), ["freeze", "resume"]);
    await renewedOnce(visit, before);
  });

  test("that is offline when its token lapses recovers, and nobody is signed out", async (t) => {
    const { page, stage, context, hear, ofType, renewals } = await open(t, { expected: [OFFLINE] });
    await context.setOffline(true);
    const before = renewals();
    await hear("degraded");
    assert.equal(await state(page), "degraded");
    assert.equal(await page.evaluate(() => session.snapshot().online), false);
    assert.ok(ofType("renewal-failed").length >= 1);
    for (const { detail } of ofType("renewal-failed")) assert.equal(detail.cause, "offline");
    assert.equal(renewals(), before);
    const waiting = page.evaluate(() => session.accessToken());

    stage.lifetimeS = LONG_S;
    await context.setOffline(false);
    await hear("recovered");
    assert.equal(typeof (await waiting), "string", "a call that waited meanwhile has its token");
    assert.equal(await state(page), "active");
    assert.equal(await page.evaluate(() => session.snapshot().online), true);
    assert.equal(renewals() - before, 1);
    assert.deepEqual(ofType("ended"), []);
  });

  test("that is hidden puts its renewal off until it is shown, where it is told to", async (t) => {
    const visit = await open(t, { config: { renewal: { hidden: "defer" } }, hidden: true });
    const { page, stage, renewals, hear } = visit;
    const before = renewals();
    await passed(await lapse(page));
    assert.equal(await state(page), "active", "a lapse without a failure");
    assert.equal(renewals(), before);
    stage.lifetimeS = LONG_S;
    await page.bringToFront();
    await hear("renewed");
    await renewedOnce(visit, before);
  });

  test("that is hidden renews for a call, and otherwise as ever", async (t) => {
    const deferring = await open(t, { config: { renewal: { hidden: "defer" } }, hidden: true });
    await passed(await lapse(deferring.page));
    deferring.stage.lifetimeS = LONG_S;
    await renewedOnce(deferring, 0);

    const usual = await open(t, { hidden: true });
    await usual.hear("renewed");
  });
});

/**
 * Lets an hour pass on a page whose token lives for one, at once; resolves to how often the page woke.
 */
async function restForAnHour(t, { hidden }) {
  const clock = { now: Date.now() };
  const visit = await open(t, { lifetimeS: HOUR_MS / 1000, now: () => clock.now, scripts: [stopTime] });
  const { page } = visit;
  if (hidden) await hide(visit);
  const idle = () => page.evaluate(() => time.armed() > 0 && !session.snapshot().renewing);
  for (let left = HOUR_MS; ; ) {
    await eventually("the page to be idle", idle);
    const next = await page.evaluate(() => time.next());
    if (next > left) break;
    left -= next;
    clock.now += next;
    await page.evaluate(() => time.runNext());
  }
  assert.equal(visit.renewals(), 1);
  assert.equal(await state(page), "active");
  return page.evaluate(() => time.fired);
}

suite("a page at rest", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("wakes once a minute while it is visible", async (t) => {
    const wakeUps = await restForAnHour(t, { hidden: false });
    t.diagnostic(`${wakeUps} wake-ups in an hour, visible`);
    assert.ok(wakeUps >= 1 && wakeUps <= 62, `${wakeUps} wake-ups`);
  });

  test("wakes for its deadlines alone while it is hidden", async (t) => {
    const wakeUps = await restForAnHour(t, { hidden: true });
    t.diagnostic(`${wakeUps} wake-ups in an hour, hidden`);
    // The renewal is the one deadline of that hour.
    assert.ok(wakeUps >= 1 && wakeUps <= 2, `${wakeUps} wake-ups`);
  });
});
