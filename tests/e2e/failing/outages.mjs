// A server that is down, or says that it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { call, keysOf, LIFETIME_S, printed, renew, survived, UNANSWERED } from "../support/trouble.mjs";

const OUTAGE_S = 60;
/** `retry.max`, by default. */
const LONGEST_BACKOFF_MS = 30_000;
/** `requests.wait`, by default. */
const PATIENCE_OF_CALLS_MS = 10_000;
/** How long a machine may be busy with other things. */
const SLACK_MS = 2000;

const details = (events) => events.map(({ detail }) => detail);

/** The session has gone through one outage, in which its attempts failed for this cause. */
async function cameThrough(run, cause) {
  const failures = details(run.ofType("renewal-failed"));
  assert.deepEqual(failures.map(({ cause }) => cause), failures.map(() => cause));
  assert.deepEqual(failures.map(({ attempt }) => attempt), failures.map((_, index) => index + 1), "attempts are counted");
  assert.equal(run.ofType("degraded").length, 1);
  assert.equal(run.ofType("recovered").length, 1);
  const [renewed] = details(run.ofType("renewed"));
  assert.equal(renewed.attempts, failures.length + 1);
  // What comes after is another renewal.
  const keys = keysOf(run.renewals().slice(0, renewed.attempts));
  assert.equal(new Set(keys).size, 1, "every attempt carried the same key");
  await survived(run);
  return failures;
}

/** The first attempt has just failed: nobody is disturbed as long as the token lives. */
async function undisturbed({ page }) {
  const { status, tookMs } = await call(page);
  assert.equal(status, 200);
  assert.ok(tookMs < SLACK_MS, `a token that lives was handed out after ${tookMs} ms`);
  const { state, failures, renewsAt, renewing } = await page.evaluate(() => session.snapshot());
  assert.equal(state, "active");
  assert.ok(failures >= 1 && (renewing || renewsAt > 0), `${failures} failures, the next attempt at ${renewsAt}`);
}

export function outages(open) {
  test("a minute of 503 costs the user nothing", async (t) => {
    const run = await open(t, { expected: [printed(503)] });
    await run.server.faults({ seconds: OUTAGE_S, status: { code: 503 } });
    const started = Date.now();
    assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
    await undisturbed(run);
    const [{ at: degradedAt, detail }] = await run.hear("degraded");
    assert.ok(degradedAt - started <= LIFETIME_S * 1000 + SLACK_MS && detail.since <= degradedAt);

    const waiting = await call(run.page);
    assert.equal(waiting.code, "ERR_UNAVAILABLE");
    assert.ok(waiting.tookMs >= PATIENCE_OF_CALLS_MS && waiting.tookMs < PATIENCE_OF_CALLS_MS + SLACK_MS, `${waiting.tookMs} ms`);
    assert.equal(await run.page.evaluate(() => session.state), "degraded", "the session lives on");

    const [{ at, detail: { after } }] = await run.hear("recovered", 1, OUTAGE_S * 1000 + LONGEST_BACKOFF_MS + SLACK_MS);
    assert.ok(at - started >= OUTAGE_S * 1000 - SLACK_MS);
    assert.ok(Math.abs(after - (at - degradedAt)) <= SLACK_MS, `degraded for ${after} ms`);
    const failures = await cameThrough(run, "server-error");
    const struck = await run.server.trail("fault-injected");
    assert.equal(struck.length, failures.length, "the server saw as many attempts as the page told of");
    t.diagnostic(`${failures.length} attempts in ${OUTAGE_S} s; back ${at - started - OUTAGE_S * 1000} ms after the server`);
  });

  test("a minute of 503 brings no more than ten attempts, however impatient the configuration", async (t) => {
    const retry = { base: "100ms", max: "500ms" };
    const run = await open(t, { config: { retry }, expected: [printed(503)] });
    await run.server.faults({ seconds: OUTAGE_S - 5, status: { code: 503 } });
    await renew(run.page);
    const [first] = await run.hear("renewal-failed", 10);
    assert.equal(await renew(run.page), "ERR_UNAVAILABLE", "nor does the application's own wish bring more");
    const [{ at }] = await run.hear("recovered", 1, OUTAGE_S * 1000 + SLACK_MS);
    assert.ok(at - first.at >= OUTAGE_S * 1000 - SLACK_MS, `after ${at - first.at} ms`);
    assert.equal((await cameThrough(run, "server-error")).length, 10);
    assert.equal((await run.server.trail("fault-injected")).length, 10);
  });

  test("a server that is stopped and started again has its users as before", async (t) => {
    const run = await open(t, { expected: [UNANSWERED] });
    await run.server.halt();
    assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
    await run.hear("degraded");
    await run.server.restart();
    await run.hear("recovered", 1, LONGEST_BACKOFF_MS + SLACK_MS);
    await cameThrough(run, "network");
    assert.equal((await run.server.trail("sign-in")).length, 1);
  });

  test("a connection that is lost over the expiry pauses the retries, and nobody is signed out", async (t) => {
    const run = await open(t, { expected: [UNANSWERED] });
    await run.context.setOffline(true);
    assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
    await run.hear("degraded");
    assert.equal(run.renewals().length, 1, "who is offline does not try");
    await run.context.setOffline(false);
    const online = Date.now();
    const [{ at }] = await run.hear("recovered");
    assert.ok(at - online <= 1000 + SLACK_MS, "it does not wait for the backoff then");
    await cameThrough(run, "offline");
  });
}
