// Sign-outs that the server cannot be told of at once, or that a renewal on its way overtakes.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { logIn, newSession, openBare } from "../support/bare-page.mjs";
import { packageFolder } from "../support/environment.mjs";
import { eventually } from "../support/eventually.mjs";
import { LOGOUT, noAlarm, printed, QUIET_S, startRenewal, survived, UNANSWERED } from "../support/trouble.mjs";

const DELAY_MS = 2000;
/** Longer than any test. */
const LONG_S = 300;

const signOut = (page) => page.evaluate(async () => {
  await session.signOut();
  return session.state;
});
const sidOf = (page) => page.evaluate(() => session.snapshot().claims.sid);
const stored = (page) => page.evaluate(() => Object.values(localStorage));
const forgotten = (page) => eventually("the record to be removed", async () => !(await stored(page)).length);
const told = (run, count) => eventually(`${count} sign-outs that the server has heard of`, async () =>
  (await run.server.trail("sign-out")).length >= count);

/** Nothing can be done any more with what the browser held and holds. */
async function worthless(run, ...cookies) {
  for (const cookie of [...cookies, await run.cookie("refresh")]) {
    if (!cookie) continue;
    const headers = { "cookie": `refresh=${cookie.value}`, "x-csrf": "1", "idempotency-key": randomUUID() };
    const { status } = await fetch(`${run.server.address}/auth/refresh`, { method: "POST", headers });
    assert.equal(status, 401);
  }
  await noAlarm(run.server);
}

/** Lets the page be loaded where the server cannot be reached. */
async function servePageOffline({ context, server }) {
  const files = new Map();
  const scripts = (await readdir(packageFolder)).filter((name) => name.endsWith(".js"));
  for (const path of ["/favicon.svg", ...scripts.map((name) => `/pkg/${name}`)]) {
    const answer = await fetch(server.address + path);
    const headers = { "content-type": answer.headers.get("content-type") };
    files.set(path, { headers, body: Buffer.from(await answer.arrayBuffer()) });
  }
  const pathOf = (url) => new URL(url).pathname;
  await context.route((url) => files.has(url.pathname), (route) => route.fulfill(files.get(pathOf(route.request().url()))));
}

/** The connection is lost. The server is stopped too: requests that outlive a page are not held offline with it. */
async function disconnect({ context, server }) {
  await context.setOffline(true);
  await server.halt();
}

async function reconnect({ context, server }) {
  await server.restart();
  await context.setOffline(false);
}

export function signingOut(open) {
  for (const when of ["before", "after"]) {
    test(`a sign-out in the middle of a renewal, ${when} its commit, is told again once that has settled`, async (t) => {
      const run = await open(t, { lifetimeS: QUIET_S, expected: [printed(401)] });
      const { page, server } = run;
      const held = await run.cookie("refresh");
      await server.faults({ requests: 1, delay: { ms: DELAY_MS, when } });
      startRenewal(page);
      await run.struck();
      assert.equal(await signOut(page), "signed-out");
      assert.equal(run.logouts().length, 1);
      assert.deepEqual(await stored(page), ["1 0 1 0 0 0 0"], "a cookie may still come");
      await forgotten(page);
      const [{ status }] = await run.traffic.complete("/auth/refresh");
      // Where the server has heard of the sign-out first, it refuses the renewal, and no cookie comes.
      assert.equal(run.logouts().length, status === 401 ? 1 : 2);
      assert.equal(await run.cookie("refresh"), undefined);
      assert.deepEqual(run.ofType("ended").map(({ detail }) => detail), [{ reason: "signed-out", by: "this-tab" }]);
      assert.deepEqual(run.ofType("renewed"), []);
      await worthless(run, held);
    });

    test(`a sign-out in the middle of a renewal, ${when} its commit, and a reload: signed out`, async (t) => {
      const run = await open(t, { lifetimeS: QUIET_S, expected: [printed(401), printed(503)] });
      const { page, server } = run;
      const held = await run.cookie("refresh");
      await server.faults({ requests: 1, delay: { ms: DELAY_MS, when } }, { path: LOGOUT, requests: 2, status: { code: 503 } });
      startRenewal(page);
      await eventually("the renewal to arrive", async () => (await server.trail("fault-injected")).length === 1);
      assert.equal(await signOut(page), "signed-out");
      await page.reload();
      assert.equal(await run.restore(), "signed-out");
      assert.equal(await page.evaluate(() => session.snapshot().reason), null);
      await forgotten(page);
      await told(run, 1);
      assert.equal(run.renewals().length, 1, "nothing is renewed");
      // The page may not live to see each answer: the server is asked.
      assert.equal((await server.trail("fault-injected")).length, 3, "the server was told until it knew");
      await eventually("the renewal to be dealt with", async () =>
        (await server.trail()).some(({ kind }) => /^renewal/.test(kind)));
      await worthless(run, held);
      await page.reload();
      assert.equal(await run.restore(), "signed-out");
    });
  }

  test("a sign-out while offline is told as soon as the browser is online", async (t) => {
    const run = await open(t, { lifetimeS: QUIET_S, expected: [UNANSWERED] });
    const { page } = run;
    const held = await run.cookie("refresh");
    await disconnect(run);
    assert.equal(await signOut(page), "signed-out");
    assert.deepEqual(await stored(page), ["1 0 1 0 0 0 0"]);
    await reconnect(run);
    await forgotten(page);
    await told(run, 1);
    await worthless(run, held);
    assert.deepEqual(run.renewals(), []);
  });

  test("a sign-out while offline, and the page is closed: the next page is signed out, and tells the server", async (t) => {
    const run = await open(t, { lifetimeS: QUIET_S, expected: [UNANSWERED] });
    const held = await run.cookie("refresh");
    await disconnect(run);
    await signOut(run.page);
    await run.page.close();
    await reconnect(run);
    const page = await run.context.newPage();
    await openBare(page, run.server.address);
    assert.equal((await run.cookie("refresh")).value, held.value, "the cookie still stands for a session");
    assert.equal(await run.restore(page), "signed-out");
    await forgotten(page);
    await told(run, 1);
    assert.deepEqual(run.renewals(), []);
    assert.equal(run.ofType("started").length, 1);
    await worthless(run, held);
  });

  test("a sign-out while offline, and reloads before the browser is online: it tells the server until that knows", async (t) => {
    const run = await open(t, { lifetimeS: QUIET_S, expected: [UNANSWERED, printed(401)] });
    const { page } = run;
    const held = await run.cookie("refresh");
    await servePageOffline(run);
    await disconnect(run);
    await signOut(page);
    for (let reloads = 1; reloads <= 2; reloads++) {
      const before = run.logouts().length;
      await page.reload();
      assert.equal(await run.restore(), "signed-out");
      assert.deepEqual(await stored(page), ["1 0 1 0 0 0 0"]);
      await eventually("it to be tried again and again", () => run.logouts().length >= before + 2);
    }
    assert.deepEqual(await run.server.trail("sign-out"), []);
    await reconnect(run);
    await forgotten(page);
    await told(run, 1);
    assert.deepEqual(run.renewals(), []);
    await worthless(run, held);
    assert.equal(await run.restore(), "signed-out", "the server is asked again, and says so");
    assert.deepEqual(run.renewals().map(({ status }) => status), [401]);
  });

  /** Signed out, the server does not hear of it, and the page was reloaded. */
  async function signedOutUntold(t) {
    const run = await open(t, { expected: [printed(503)] });
    const sid = await sidOf(run.page);
    await run.server.faults({ path: LOGOUT, seconds: LONG_S, status: { code: 503 } });
    await signOut(run.page);
    await run.page.reload();
    assert.equal(await run.restore(), "signed-out");
    await eventually("it to be tried again", () => run.logouts().length >= 2);
    return { ...run, sid };
  }

  /** The session is another, and nothing of the end before it disturbs it. */
  async function isNew(run) {
    const { page, sid } = run;
    assert.equal(await page.evaluate(() => session.state), "active");
    assert.notEqual(await sidOf(page), sid);
    const logouts = run.logouts().length;
    // By itself: by then the end would have been told again more than once.
    await run.hear("renewed");
    assert.equal(run.logouts().length, logouts);
    assert.match((await stored(page)).join(), /^1 \d{13} 0 \d{13} 0 0 0$/);
    await page.reload();
    assert.equal(await run.restore(), "active");
    await survived({ ...run, ofType: (type) => run.ofType(type).filter(({ detail }) => type !== "ended" || detail.reason !== "signed-out") });
    assert.equal(run.ofType("ended").length, 1);
    assert.equal(run.logouts().length, logouts);
  }

  test("a sign-in after a sign-out that the server has not heard of is a new beginning", async (t) => {
    const run = await signedOutUntold(t);
    await logIn(run.page);
    await run.page.evaluate(() => session.begin(answer));
    await isNew(run);
  });

  test("so is a sign-in by a redirect, which the page knows of and says so", async (t) => {
    const run = await signedOutUntold(t);
    await logIn(run.page);
    await run.page.reload();
    await newSession(run.page);
    assert.equal(await run.page.evaluate(() => session.restore({ fresh: true })), "active");
    await isNew(run);
  });

  test("a sign-out that is kept from the server stays in this browser", async (t) => {
    const run = await open(t, { lifetimeS: QUIET_S });
    const { page } = run;
    await page.evaluate(() => session.signOut({ logout: false }));
    assert.deepEqual(await stored(page), ["1 0 2 0 0 0 0"]);
    await page.reload();
    assert.equal(await run.restore(), "signed-out");
    assert.deepEqual([run.renewals(), run.logouts()], [[], []]);
    assert.equal(await page.evaluate(() => session.restore({ fresh: true })), "active");
  });
}
