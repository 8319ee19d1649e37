// A stolen refresh cookie: whoever presents it again ends the session, for the thief and for the user.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { GRACE, hook, NO_SESSION, showsState, signIn } from "./support/sample-page.mjs";
import { secretsOf } from "./support/secrets.mjs";
import { startServer } from "./support/server.mjs";
import { startVisit } from "./support/visit.mjs";

let browser, server, shortServer;
before(async () => {
  browser = await startBrowser();
  server = await startServer();
  shortServer = await startServer("--faults", "--access-lifetime", "6s");
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await shortServer?.stop();
});

/** A renewal from elsewhere, with a key of its own. */
const present = (address, value) =>
  fetch(`${address}/auth/refresh`, {
    method: "POST",
    headers: { "cookie": `refresh=${value}`, "x-csrf": "1", "idempotency-key": randomUUID() },
  });

const sidOf = (page) => page.evaluate(() => session.snapshot().claims.sid);

/** How the page hears of the end, and what it asks of the server for it. */
const HEARD = {
  revoked: { says: "The server ended the session.", refusals: [] },
  // It looks a second time, and no more.
  rejected: { says: "The server refused to renew the session.", refusals: [401, 401] },
};

async function assertEnded(from, visit, sid, reason, detail) {
  const { page, traffic } = visit;
  await showsState(page, "signed-out");
  assert.deepEqual((await visit.hear("ended")).map((event) => event.detail), [{ reason, by: "server" }]);
  assert.equal(await page.textContent(hook("end-reason")), HEARD[reason].says);
  assert.equal(await page.evaluate(() => session.snapshot().reason), reason);
  assert.equal(await page.evaluate(() => session.accessToken().catch((error) => error.code)), "ERR_SIGNED_OUT");

  // The first asked for a session before the sign-in.
  const [, ...renewals] = (await traffic.complete("/auth/refresh")).map(({ status }) => status);
  const { refusals } = HEARD[reason];
  assert.deepEqual(renewals.filter((status) => status !== 200), refusals);
  assert.deepEqual(renewals.slice(renewals.length - refusals.length), refusals);
  const rows = (await from.trail()).filter((row) => row.sid === sid);
  assert.deepEqual(rows.filter(({ kind }) => kind === "reuse-detected").map((row) => row.detail), [detail]);
  assert.deepEqual(rows.filter(({ kind }) => kind === "session-ended").map((row) => row.detail), ["reuse"]);
}

async function assertUseless(from, accessToken) {
  const answer = await fetch(`${from.address}/api/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  assert.equal(answer.status, 401);
  assert.match(answer.headers.get("www-authenticate"), /error="invalid_token"/);
}

suite("a refresh cookie that is presented again", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("by a thief, before the user's next renewal, ends the session", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION] });
    await signIn(visit.page, server.address);
    const sid = await sidOf(visit.page);
    const stolen = await visit.cookie("refresh");
    await visit.page.click(hook("renew"));
    await visit.hear("renewed");
    const exchanges = await visit.traffic.complete();

    const answer = await present(server.address, stolen.value);
    assert.equal(answer.status, 401);
    assert.equal((await answer.json()).error, "invalid_grant");
    assert.equal(answer.headers.get("set-cookie"), null);
    await assertUseless(server, secretsOf(exchanges).accessTokens.at(-1));
    await assertEnded(server, visit, sid, "revoked", "other-idempotency-key");
    await visit.page.reload();
    await showsState(visit.page, "signed-out");
  });

  test("after the user's next renewal ends the session, and the page finds out by itself where it is not told", async (t) => {
    await shortServer.faults({ path: "/auth/events", seconds: 600, status: { code: 503 } });
    const visit = await startVisit(t, browser, { expected: [NO_SESSION, /status of 503 /] });
    await signIn(visit.page, shortServer.address, { user: GRACE });
    const sid = await sidOf(visit.page);
    const stolen = await visit.cookie("refresh");
    await visit.hear("renewed", 2);
    const exchanges = await visit.traffic.complete();

    assert.equal((await present(shortServer.address, stolen.value)).status, 401);
    await assertUseless(shortServer, secretsOf(exchanges).accessTokens.at(-1));
    await assertEnded(shortServer, visit, sid, "rejected", "successor-presented");
  });
});
