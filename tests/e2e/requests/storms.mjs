// Many requests at once that the sample server's API refuses, or that have to wait for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn, newSession, openBare } from "../support/bare-page.mjs";
import { PATIENCE_MS } from "../support/environment.mjs";
import { eventually } from "../support/eventually.mjs";
import { startFirefox } from "../support/firefox.mjs";
import { startServer } from "../support/server.mjs";
import { GOVERNED_MS, noAlarm, openTroubled, printed, RENEWAL, UNANSWERED } from "../support/trouble.mjs";

const STORM = 50;
const CONFIG = { renewal: { minInterval: "1s" } };
/** Long enough that no renewal comes of itself. */
const LIFETIME_S = 600;

/** Until another renewal may be made for a refusal: `minInterval` after the last. */
const mayRenew = (page) =>
  page.evaluate(async () => {
    const begun = performance.now();
    while (performance.now() - begun < 1100) await new Promise((resolve) => setTimeout(resolve, 50));
  });

/** Sends so many requests at once; resolves to how many had which status or failure, and the numbers that are kept. */
const storm = (page, count) =>
  page.evaluate(async (count) => {
    const { fetch: send } = session;
    const calls = Array.from({ length: count }, () => send("/api/me").then(({ status }) => status, ({ code }) => code));
    const outcomes = {};
    for (const outcome of await Promise.all(calls)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    return { outcomes, requests: session.metrics().requests, state: session.state };
  }, count);

/** Another key signs, and the token that the page holds is not taken any more. */
async function rotateKey(page, server) {
  const authorization = `Bearer ${await page.evaluate(() => session.accessToken())}`;
  await server.operate("rotate-key", "--overlap", "0s");
  await eventually("the key to have retired", async () => (await fetch(`${server.address}/api/me`, { headers: { authorization } })).status === 401);
}

export function storms(browser) {
  test("fifty with a token that is not taken any more make one renewal, and all succeed", async (t) => {
    const visit = await openTroubled(t, browser(), { lifetimeS: LIFETIME_S, config: CONFIG, expected: [printed(401)] });
    const { page, server } = visit;
    await rotateKey(page, server);
    assert.deepEqual(await storm(page, STORM), {
      outcomes: { 200: STORM },
      requests: { authorized: STORM, waited: 0, replayed: STORM, refused: 0 },
      state: "active",
    });
    assert.equal((await server.trail("renewal")).length, 1);
    assert.deepEqual(visit.ofType("ended"), []);
    await noAlarm(server);
  });

  test("an API that refuses every token makes a renewal or two, signs nobody out, and every caller hears of it", async (t) => {
    const visit = await openTroubled(t, browser(), { lifetimeS: LIFETIME_S, config: CONFIG, expected: [printed(401)] });
    const { page, server } = visit;
    await mayRenew(page);
    await server.faults({ path: "/api/me", seconds: 600, status: { code: 401 } });
    for (let storms = 1; storms <= 3; storms++) {
      const { outcomes, state } = await storm(page, STORM);
      assert.deepEqual([outcomes, state], [{ 401: STORM }, "active"]);
      await mayRenew(page);
    }
    const renewals = (await server.trail("renewal")).length;
    assert.ok(renewals >= 1 && renewals <= 2, `${renewals}`);
    assert.deepEqual([...visit.ofType("ended"), ...visit.ofType("renewal-failed")], []);
    const sent = visit.traffic.at("/api/me").length;
    assert.ok(sent <= 2 * 3 * STORM, `no request was sent more than twice, there were ${sent}`);
    await server.faults();
    assert.deepEqual((await storm(page, 1)).outcomes, { 200: 1 });
  });

  test("what is not about the token renews nothing, and is returned as it came", async (t) => {
    const visit = await openTroubled(t, browser(), { lifetimeS: LIFETIME_S, config: CONFIG, expected: [printed(401)] });
    const { page, server } = visit;
    await mayRenew(page);
    const answers = await page.evaluate(() =>
      Promise.all(Array.from({ length: 10 }, async () => {
        const response = await session.fetch("/api/payments", {
          method: "POST",
          headers: { "content-type": "application/json", "x-csrf": "1" },
          body: JSON.stringify({ payee: "The Analytical Society", amount_cents: 1250 }),
        });
        return [response.status, (await response.json()).error];
      })));
    assert.deepEqual(answers, Array(10).fill([401, "insufficient_user_authentication"]));
    assert.deepEqual(await server.trail("renewal"), []);
    const told = await visit.hear("step-up-required", 10);
    assert.deepEqual(told[0].detail, { acrValues: ["aal2"], maxAge: 300_000, url: `${server.address}/api/payments` });
  });

  test("with a lapsed token and no server, they wait as long as they may, and go on when it is back", async (t) => {
    const config = { requests: { wait: "2s" }, retry: { max: "3s" } };
    const visit = await openTroubled(t, browser(), { lifetimeS: 5, config, expected: [UNANSWERED] });
    const { page, server } = visit;
    await server.halt();
    await page.waitForFunction(() => Date.now() > session.snapshot().tokenExpiresAt);
    const { outcomes, tookMs, requests } = await page.evaluate(async () => {
      const begun = performance.now();
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => session.fetch("/api/me").then(({ status }) => status, ({ code }) => code)));
      return { outcomes, tookMs: performance.now() - begun, requests: session.metrics().requests };
    });
    assert.deepEqual(outcomes, Array(5).fill("ERR_UNAVAILABLE"));
    assert.ok(tookMs >= 1990, `${tookMs}`);
    assert.deepEqual(requests, { authorized: 0, waited: 5, replayed: 0, refused: 5 });
    assert.deepEqual(visit.traffic.at("/api/me"), [], "nothing left without a token that is good");
    await server.restart();
    // If it was gone for long, there have been as many attempts as there may be in this time.
    await visit.hear("recovered", 1, GOVERNED_MS + PATIENCE_MS);
    assert.deepEqual((await storm(page, 5)).outcomes, { 200: 5 });
    await noAlarm(server);
  });

  test("a session that has ended refuses them, and sends nothing", async (t) => {
    const visit = await openTroubled(t, browser(), { lifetimeS: LIFETIME_S });
    await visit.page.evaluate(() => session.signOut());
    const { outcomes, requests } = await storm(visit.page, 5);
    assert.deepEqual([outcomes, requests.refused], [{ ERR_SIGNED_OUT: 5 }, 5]);
    assert.deepEqual(visit.traffic.at("/api/me"), []);
  });

  test("none is waited for by a renewal of its own", async (t) => {
    const visit = await openTroubled(t, browser(), { lifetimeS: LIFETIME_S });
    const { page } = visit;
    // An application may have every request go through the session.
    const done = await page.evaluate(async () => {
      globalThis.fetch = session.fetch;
      await session.renew();
      const { status } = await fetch("/api/me");
      await session.signOut();
      return status;
    });
    assert.equal(done, 200);
    assert.equal(visit.traffic.at(RENEWAL).length, 1);
    assert.equal(visit.logouts().length, 1);
    for (const { headers } of [...visit.renewals(), ...visit.logouts()]) assert.equal(headers.authorization, undefined);
  });
}

export function stormsInFirefox() {
  test("fifty at once make one renewal in Firefox, too", async (t) => {
    const server = await startServer("--access-lifetime", `${LIFETIME_S}s`);
    t.after(() => server.stop());
    const browser = await startFirefox();
    t.after(() => browser.close());
    const page = await browser.open("about:blank");
    await openBare(page, server.address);
    await newSession(page, CONFIG);
    await logIn(page);
    await page.evaluate(() => session.begin(answer));
    await mayRenew(page);
    await rotateKey(page, server);
    const { outcomes } = await storm(page, STORM);
    assert.deepEqual(outcomes, { 200: STORM });
    assert.equal((await server.trail("renewal")).length, 1);
  });
}
