// The sample page with the sample server: a session from its start to its end.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { ADA, callApi, GRACE, hasAnswer, hook, NO_SESSION, openSample, showsState, signIn, submitForm } from "./support/sample-page.mjs";
import { startServer } from "./support/server.mjs";
import { startVisit } from "./support/visit.mjs";

const SHORT_LIFETIME_S = 6;

let browser, server, shortServer;
before(async () => {
  browser = await startBrowser();
  server = await startServer();
  shortServer = await startServer("--access-lifetime", `${SHORT_LIFETIME_S}s`);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await shortServer?.stop();
});

/** The audit trail of one user's sessions, since tests share a server. */
const trailOf = async (from, user, kind) => (await from.trail(kind)).filter((row) => row.sub === `user-${user.name}`);
const bearerOf = (exchange) => exchange.headers.authorization;

suite("a session in the sample page", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("renews itself again and again, and not too often", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION] });
    await signIn(visit.page, shortServer.address);
    const signedInAt = performance.now();
    await visit.hear("renewed", 3);

    // The server is asked first: the page may renew again before it answers.
    const renewals = (await trailOf(shortServer, ADA, "renewal")).length;
    const lifetimes = (performance.now() - signedInAt) / 1000 / SHORT_LIFETIME_S;
    assert.ok(renewals >= 3, `the server saw ${renewals} renewals`);
    assert.ok(renewals <= 2 + 2 * lifetimes, `${renewals} renewals in ${lifetimes.toFixed(2)} lifetimes`);
    for (const { detail } of visit.ofType("renewed")) {
      assert.equal(detail.by, "this-tab");
      assert.equal(detail.attempts, 1);
    }
    assert.deepEqual(await shortServer.trail("renewal-repeated"), []);
    assert.deepEqual(await shortServer.trail("reuse-detected"), []);
    assert.deepEqual(visit.ofType("renewal-failed"), []);
    await showsState(visit.page, "active");
  });

  test("calls the API with the token of the time", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION] });
    await signIn(visit.page, shortServer.address, { user: GRACE });
    for (let renewals = 1; renewals <= 2; renewals++) {
      await visit.hear("renewed", renewals);
      assert.equal((await callApi(visit.page)).status(), 200);
    }
    const calls = await visit.traffic.complete("/api/me");
    assert.equal(calls.length, 3);
    assert.equal(new Set(calls.map(bearerOf)).size, 3, "each call carried another token");
    for (const call of calls) assert.match(bearerOf(call), /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test("is taken up again after a reload, with one renewal", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION] });
    await signIn(visit.page, server.address);
    const sidBefore = (await visit.page.evaluate(() => session.snapshot())).claims.sid;
    const before = visit.traffic.at("/auth/refresh").length;

    await visit.page.reload();
    await showsState(visit.page, "active");
    await hasAnswer(visit.page);
    assert.equal(visit.traffic.at("/auth/refresh").length - before, 1);
    assert.equal(visit.traffic.at("/auth/login").length, 1);
    assert.deepEqual(visit.ofType("started").map(({ detail }) => detail.restored), [false, true]);
    assert.equal((await visit.page.evaluate(() => session.snapshot())).claims.sid, sidBefore);
  });

  test("is over after a sign-out, also for a reload", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION] });
    await signIn(visit.page, server.address, { user: GRACE });
    const { sid } = (await visit.page.evaluate(() => session.snapshot())).claims;
    const loggedOut = visit.page.waitForResponse((response) => response.url().endsWith("/auth/logout"));
    await visit.page.click(hook("sign-out"));
    await showsState(visit.page, "signed-out");
    assert.equal((await loggedOut).status(), 204);
    assert.equal(await visit.page.textContent(hook("end-reason")), "You signed out.");
    assert.deepEqual((await visit.hear("ended"))[0].detail, { reason: "signed-out", by: "this-tab" });
    assert.equal(await visit.cookie("refresh"), undefined);
    const rows = (await server.trail()).filter((row) => row.sid === sid).map(({ kind, detail }) => [kind, detail]);
    assert.deepEqual(rows.slice(-2).map(([kind]) => kind), ["sign-out", "session-ended"]);

    await visit.page.reload();
    await showsState(visit.page, "signed-out");
    assert.ok(await visit.page.isVisible(hook("sign-in-form")));
    assert.ok(await visit.page.isHidden(hook("app")));
    assert.equal(visit.ofType("started").length, 1);
  });

  test("does not start with a wrong password", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION, /status of 401 \(Unauthorized\) \(\S+\/auth\/login\)$/] });
    await openSample(visit.page, server.address);
    await submitForm(visit.page, { ...ADA, password: "incorrect horse" });
    await visit.page.locator(hook("sign-in-error")).waitFor();
    assert.equal(await visit.page.textContent(hook("sign-in-error")), "That user name and password do not match.");
    assert.deepEqual(visit.heard, []);
    assert.equal(await visit.cookie("refresh"), undefined);
    assert.equal((await server.trail("sign-in-failed")).at(-1).detail, "wrong-password");

    await submitForm(visit.page, ADA);
    await showsState(visit.page, "active");
    assert.ok(await visit.page.isHidden(hook("sign-in-error")));
  });

  test("of an administrator lives shorter", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION] });
    await openSample(visit.page, server.address);
    await visit.page.click(hook("use-sample-administrator"));
    await visit.page.click(hook("sign-in"));
    await showsState(visit.page, "active");
    await hasAnswer(visit.page);
    assert.equal(await visit.page.textContent(hook("user-name")), "Grace Hopper");
    const { claims, endsAt } = await visit.page.evaluate(() => session.snapshot());
    assert.equal(claims.role, "administrator");
    assert.equal(claims.exp - claims.iat, 5 * 60);
    const hoursLeft = (endsAt - Date.now()) / 3_600_000;
    assert.ok(hoursLeft > 3.9 && hoursLeft <= 4.01, `the session ends in ${hoursLeft} h`);
  });
});
