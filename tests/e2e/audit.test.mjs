// What happened, as it is kept in the page and sent to a server.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { offerSessions } from "./support/in-page.mjs";
import { openStage } from "./support/stage.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A stage that is signed in, and writes down what `/audit` is sent. */
async function open(t, audit, options = {}) {
  const run = await openStage(t, browser, { ...options, scripts: [offerSessions] });
  const { page, stage } = run;
  stage.answers.set("/audit", () => ({ status: 204 }));
  await page.evaluate(async (audit) => {
    globalThis.session = await signedIn("auth", { audit });
  }, audit);
  const batches = () => stage.at("/audit").map(({ body }) => JSON.parse(body || "{}"));
  const entries = () => batches().flatMap(({ entries = [] }) => entries);
  return { ...run, batches, types: () => entries().map(({ type }) => type), entries };
}

suite("the audit trail", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("a life leaves its entries and numbers", async (t) => {
    const { page } = await open(t, { capacity: 5 });
    const { history, metrics } = await page.evaluate(async () => {
      await session.renew();
      await session.renew();
      await session.fetch("/");
      await session.signOut();
      return { history: session.history(), metrics: session.metrics() };
    });
    assert.deepEqual(history.map(({ type, sequence }) => [type, sequence]), [["started", 0], ["renewed", 1], ["renewed", 2], ["ended", 3]]);
    assert.deepEqual(history[3].detail, { reason: "signed-out", by: "this-tab" });
    assert.equal(metrics.renewals.succeeded, 2);
    assert.ok(metrics.renewalTime.p50 > 0 && metrics.renewalTime.max < 60_000);
    assert.equal(metrics.requests.authorized, 1);
  });

  test("entries are sent, what a renewed page adds too, and no token is among them", async (t) => {
    const { page, stage, batches, types, entries } = await open(t, { url: "/audit" });
    await page.evaluate(() => session.renew());
    await eventually("both entries to come", () => types().length === 2);
    assert.deepEqual(types(), ["started", "renewed"]);
    assert.match(batches()[0].tab, /^[\da-f-]{36}$/);
    const [{ headers }] = stage.at("/audit");
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers.authorization, undefined);
    const token = await page.evaluate(() => session.accessToken());
    for (const part of token.split(".")) assert.ok(!JSON.stringify(entries()).includes(part));
    await page.evaluate(() => session.signOut());
    await eventually("the end to come", () => types().at(-1) === "ended");
    assert.deepEqual(entries().map(({ sequence }) => sequence), [0, 1, 2]);
  });

  test("an application that has every request go through the session loses no entry of its end", async (t) => {
    const { page, stage, types } = await open(t, { url: "/audit" });
    await page.evaluate(async () => {
      globalThis.fetch = session.fetch;
      await session.renew();
      await session.signOut();
    });
    await eventually("the end to come", () => types().at(-1) === "ended");
    assert.deepEqual(types(), ["started", "renewed", "ended"]);
    for (const { headers } of stage.at("/audit")) assert.equal(headers.authorization, undefined);
  });

  test("what is left goes with the page", async (t) => {
    const { page, types } = await open(t, { url: "/audit" });
    await eventually("the first entries to come", () => types().includes("started"));
    await page.evaluate(() => session.renew());
    await page.close();
    await eventually("the rest to come", () => types().includes("renewed"));
  });

  test("a server that fails loses nothing", async (t) => {
    const { page, stage, types } = await open(t, { url: "/audit" }, { expected: [/status of 503/] });
    let failures = 0;
    stage.answers.set("/audit", () => ({ status: failures++ < 2 ? 503 : 204 }));
    await page.evaluate(() => session.renew());
    await eventually("it to be sent again", () => failures >= 3);
    assert.deepEqual(types().slice(-2), ["started", "renewed"]);
  });
});
