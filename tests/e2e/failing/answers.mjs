// Answers that are lost, late, none, or no.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { keysOf, noAlarm, printed, RENEWAL, renew, startRenewal, survived, UNANSWERED } from "../support/trouble.mjs";

const TIMEOUT_MS = 2000;
const LATE_MS = 3 * TIMEOUT_MS;
/** So long that what comes late is not renewed at once. */
const LONG_S = 10 * LATE_MS / 1000;
/** Failures that follow each other soon. */
const SOON = { base: "100ms", max: "500ms" };
const MOMENTS = ["before", "after"];
const CONTENTS = ["html", "empty", "truncatedJson", "wrongTypes", "tenMegabytes"];

const causes = (run) => run.ofType("renewal-failed").map(({ detail }) => detail.cause);
const tokenOf = (exchange) => JSON.parse(exchange.answer).access_token;
const held = (page) => page.evaluate(() => session.accessToken());
const kinds = async (server, pattern) => (await server.trail()).map(({ kind }) => kind).filter((kind) => pattern.test(kind));

/** Every attempt of the page's one renewal carried the same key. */
const sameKey = (run) => assert.equal(new Set(keysOf(run.renewals())).size, 1, "every attempt carried the same key");

export function answers(open) {
  for (const requests of [1, 4]) {
    test(`${requests === 1 ? "an answer" : "answers"} lost after the rotation was committed: the next attempt is answered again`, async (t) => {
      const run = await open(t, { config: { retry: SOON }, expected: [UNANSWERED] });
      const before = await run.cookie("refresh");
      await run.server.faults({ requests, drop: { when: "after" } });
      startRenewal(run.page);
      const [{ detail }] = await run.hear("renewed");
      sameKey(run);
      // A browser repeats a request by itself whose connection was closed.
      assert.deepEqual(causes(run), Array(detail.attempts - 1).fill("network"));
      assert.equal((await run.server.trail("fault-injected")).length, requests);
      assert.deepEqual(await kinds(run.server, /^renewal/), ["renewal", ...Array(requests).fill("renewal-repeated")]);
      assert.notEqual((await run.cookie("refresh")).value, before.value);
      assert.equal(await renew(run.page), "done");
      await survived(run);
    });
  }

  for (const when of MOMENTS) {
    test(`answers later than the time limit, delayed ${when} the work: they are not aborted, and the first is adopted`, async (t) => {
      const run = await open(t, { lifetimeS: LONG_S, config: { refresh: { timeout: TIMEOUT_MS }, retry: SOON } });
      await run.server.faults({ requests: 2, delay: { ms: LATE_MS, when } });
      assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
      const [{ detail: renewed }] = await run.hear("renewed");
      assert.deepEqual(causes(run), ["timeout", "timeout"]);
      assert.equal(renewed.attempts, 2);
      assert.ok(renewed.took >= LATE_MS, `${renewed.took} ms`);
      sameKey(run);
      const exchanges = await run.traffic.complete(RENEWAL);
      assert.deepEqual(exchanges.map(({ status }) => status), [200, 200], "both were answered");
      assert.equal(await held(run.page), tokenOf(exchanges[0]));
      assert.equal(run.ofType("renewed").length, 1);
      assert.equal(await renew(run.page), "done");
      await survived(run);
    });
  }

  test("an answer that comes after a newer one changes nothing", async (t) => {
    const run = await open(t, { lifetimeS: LONG_S, config: { refresh: { timeout: TIMEOUT_MS }, retry: SOON } });
    await run.server.faults({ requests: 1, delay: { ms: LATE_MS, when: "after" } });
    assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
    const [{ detail: renewed }] = await run.hear("renewed");
    assert.equal(renewed.attempts, 2);
    assert.ok(renewed.took < LATE_MS, `${renewed.took} ms`);
    const [, second] = await eventually("the late answer", async () => (await run.traffic.complete(RENEWAL)).length >= 2 && run.renewals());
    assert.equal(await held(run.page), tokenOf(second));
    sameKey({ renewals: () => run.renewals().slice(0, 2) });
    assert.equal(await renew(run.page), "done");
    await survived(run);
  });

  test("hanging requests: two of them wait, and no third is sent", async (t) => {
    const run = await open(t, { config: { refresh: { timeout: TIMEOUT_MS }, retry: SOON }, expected: [UNANSWERED] });
    await run.server.faults({ requests: 100, hang: { when: "after" } });
    assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
    await run.hear("degraded");
    assert.deepEqual(causes(run), ["timeout", "timeout"]);
    assert.equal(run.renewals().length, 2);
    assert.equal(await renew(run.page), "ERR_UNAVAILABLE", "nor does a wish send one");
    assert.equal(run.renewals().length, 2);
    await run.server.faults();
    await run.hear("recovered");
    sameKey(run);
    await survived(run);
  });

  for (const when of MOMENTS) {
    test(`garbage in place of answers, ${when} the work, is passing`, async (t) => {
      const run = await open(t, { lifetimeS: LONG_S, config: { retry: SOON } });
      await run.server.faults(...CONTENTS.map((content) => ({ requests: 1, body: { content, when } })));
      assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
      const [{ detail }] = await run.hear("renewed");
      assert.deepEqual(causes(run), CONTENTS.map(() => "malformed-answer"));
      assert.equal(detail.attempts, CONTENTS.length + 1);
      sameKey(run);
      assert.deepEqual(run.ofType("degraded"), [], "nobody was disturbed");
      assert.equal(await renew(run.page), "done");
      await survived(run);
    });
  }

  for (const when of MOMENTS) {
    test(`answers whose bodies never end, ${when} the work, are given up in their time, and hold nobody up`, async (t) => {
      const run = await open(t, { lifetimeS: LONG_S, config: { refresh: { timeout: TIMEOUT_MS }, retry: SOON } });
      const times = 3;
      await run.server.faults({ requests: times, body: { content: "unending", when } });
      assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
      const [{ detail }] = await run.hear("renewed");
      assert.equal(detail.attempts, times + 1);
      for (const cause of causes(run)) assert.match(cause, /^(timeout|malformed-answer)$/);
      sameKey(run);
      assert.deepEqual(run.ofType("degraded"), [], "nobody was disturbed");
      assert.equal(await renew(run.page), "done");
      await survived(run);
    });
  }

  test("a redirect is a refusal, after which the page looks a second time", async (t) => {
    const run = await open(t);
    await run.server.faults({ requests: 1, redirect: {} });
    assert.equal(await renew(run.page), "done");
    const [{ detail }] = await run.hear("renewed");
    assert.equal(detail.attempts, 2);
    assert.deepEqual(causes(run), ["rejected"]);
    assert.equal(new Set(keysOf(run.renewals())).size, 2, "the second look is another renewal");
    await survived(run);
  });

  test("a session that the server has ended ends once, rejected", async (t) => {
    const run = await open(t, { expected: [printed(401)] });
    const { page } = run;
    const { status } = await page.evaluate(async () => {
      const authorization = `Bearer ${await session.accessToken()}`;
      return fetch(`/api/sessions/${session.snapshot().claims.sid}`, { method: "DELETE", headers: { authorization } })
        .then(({ status }) => ({ status }));
    });
    assert.equal(status, 204);
    assert.equal(await renew(page), "ERR_SIGNED_OUT");
    await run.hear("ended");
    assert.deepEqual(run.ofType("ended").map(({ detail }) => detail), [{ reason: "rejected", by: "server" }]);
    assert.deepEqual(causes(run), ["rejected", "rejected"]);
    const { state, reason } = await page.evaluate(() => session.snapshot());
    assert.deepEqual({ state, reason }, { state: "signed-out", reason: "rejected" });
    assert.equal(await page.evaluate(() => session.accessToken().catch(({ code }) => code)), "ERR_SIGNED_OUT");
    assert.deepEqual(run.renewals().map(({ status }) => status), [401, 401]);
    assert.deepEqual(run.logouts(), [], "the server knows");
    assert.equal(await page.evaluate(() => localStorage.length), 0);
    await page.reload();
    assert.equal(await run.restore(), "signed-out");
    assert.equal(run.ofType("ended").length, 1);
    await noAlarm(run.server);
  });
}
