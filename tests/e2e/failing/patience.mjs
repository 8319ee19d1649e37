// A server that asks for patience, and one that says what nobody expects.

import assert from "node:assert/strict";
import { test } from "node:test";
import { logIn } from "../support/bare-page.mjs";
import { keysOf, printed, QUIET_S, renew, survived } from "../support/trouble.mjs";

const HOUR_MS = 3_600_000;
const YEAR_S = 365 * 86_400;

/** By so many seconds the server's clock is off in each case. */
const OFFSETS = { "0s": 0, "-3h": -3 * 3600, "+2h": 2 * 3600 };
const PATIENCE_S = 7;
/** By so much the server's clock may be unknown: it tells whole seconds. */
const UNKNOWN_MS = 1000;
/** How long a machine may be busy with other things. */
const SLACK_MS = 2000;

/** Two attempts of a renewal: the first was answered with 429, and the second came after it was allowed. */
async function waitedFor(run, allowedAt) {
  const [{ detail }] = await run.hear("renewal-failed");
  assert.equal(detail.cause, "rate-limited");
  // Neither a wish of the application nor a look at the page makes it come sooner.
  await run.page.evaluate(() => dispatchEvent(new Event("focus")));
  await renew(run.page);
  const [{ detail: renewed }] = await run.hear("renewed");
  assert.equal(renewed.attempts, 2);
  assert.equal(new Set(keysOf(run.renewals().slice(0, 2))).size, 1, "both carried the same key");

  const [struck] = await run.server.trail("fault-injected");
  const [row] = await run.server.trail("renewal");
  const [refused] = await run.traffic.complete("/auth/refresh");
  const waitedMs = Date.parse(row.at) - Date.parse(struck.at);
  const earlyMs = allowedAt(refused, struck) - Date.parse(row.at);
  assert.ok(earlyMs <= 0, `the server was asked ${earlyMs} ms too early`);
  assert.ok(waitedMs <= PATIENCE_S * 1000 + UNKNOWN_MS + SLACK_MS, `the server was asked only after ${waitedMs} ms`);
  await survived(run);
}

export function patience(open) {
  test("a 429 with Retry-After in seconds is obeyed", async (t) => {
    const run = await open(t, { lifetimeS: QUIET_S, expected: [printed(429)] });
    await run.server.faults({ requests: 1, status: { code: 429, retryAfter: { seconds: PATIENCE_S } } });
    assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
    await waitedFor(run, (refused, struck) => {
      assert.equal(refused.answerHeaders["retry-after"], `${PATIENCE_S}`);
      return Date.parse(struck.at) + PATIENCE_S * 1000;
    });
  });

  for (const [offset, offsetS] of Object.entries(OFFSETS)) {
    test(`a 429 with Retry-After as a date of a server whose clock is off by ${offset} is obeyed`, async (t) => {
      const run = await open(t, { lifetimeS: QUIET_S, flags: [`--clock-offset=${offset}`], expected: [printed(429)] });
      await run.server.faults({ requests: 1, status: { code: 429, retryAfter: { dateInSeconds: PATIENCE_S } } });
      assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
      await waitedFor(run, (refused, struck) => {
        const offMs = Date.parse(struck.at) - refused.at;
        assert.ok(Math.abs(offMs - offsetS * 1000) < SLACK_MS, `the server's clock is off by ${offMs} ms`);
        return Date.parse(refused.answerHeaders["retry-after"]);
      });
    });
  }

  test("a Retry-After of a year is not obeyed, and that is said once", async (t) => {
    const run = await open(t, { lifetimeS: QUIET_S, config: { retry: { base: "100ms" } }, expected: [printed(503), /^sessionkeeper: .*Retry-After/] });
    const refusedWithin = [];
    const refused = async () => {
      const from = Date.now();
      assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
      refusedWithin.push([from, Date.now()]);
    };
    await run.server.faults({ requests: 1, status: { code: 503, retryAfter: { seconds: YEAR_S } } });
    await refused();
    // Another sign-in: the hour of the first is not waited for.
    await logIn(run.page);
    await run.page.evaluate(() => session.begin(answer));
    await run.server.faults({ requests: 1, status: { code: 503, retryAfter: { dateInSeconds: YEAR_S } } });
    await refused();
    const failures = await run.hear("renewal-failed", 2);
    for (const [place, { detail: { cause, retryAt } }] of failures.entries()) {
      assert.equal(cause, "server-error");
      const [earliest, latest] = refusedWithin[place].map((at) => at + HOUR_MS);
      assert.ok(retryAt > earliest - UNKNOWN_MS && retryAt < latest + UNKNOWN_MS, `the next attempt comes at ${retryAt}, between ${earliest} and ${latest}`);
    }
    const said = run.printed.filter((text) => text.startsWith("sessionkeeper: "));
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(said[0], /Retry-After of more than an hour, which is not obeyed/);
  });

  test("an unexpected status is passing, and is said once", async (t) => {
    const statuses = [418, 404, 418];
    const run = await open(t, { lifetimeS: QUIET_S, config: { retry: { base: "100ms", max: "200ms" } }, expected: [printed(418), printed(404), /^sessionkeeper: .*unexpected status/] });
    await run.server.faults(...statuses.map((code) => ({ requests: 1, status: { code } })));
    assert.equal(await renew(run.page), "ERR_UNAVAILABLE");
    const [{ detail }] = await run.hear("renewed");
    assert.equal(detail.attempts, statuses.length + 1);
    assert.deepEqual(run.ofType("renewal-failed").map(({ detail }) => detail.cause), statuses.map(() => "server-error"));
    const said = run.printed.filter((text) => text.startsWith("sessionkeeper: "));
    assert.deepEqual(said, ["sessionkeeper: the refresh endpoint answered with the unexpected status 418"]);
    await survived(run);
  });
}
