// A server of another origin than the page, with the fields that docs/server.md shows.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { root, TEST_LIMIT_MS } from "./support/environment.mjs";
import { accessToken } from "./support/json-web-token.mjs";
import { openStage, startStage } from "./support/stage.mjs";

const ANY_SERVER = "default-src 'none'; img-src data:; connect-src *; script-src 'self' 'wasm-unsafe-eval'";
const AHEAD_MS = 3_600_000;
const PATIENCE_S = 4;

let browser, documented;
before(async () => {
  browser = await startBrowser();
  const [, table] = (await readFile(`${root}docs/server.md`, "utf8")).split("## Across origins");
  const [part] = table.split("\n## ");
  const rows = [...part.matchAll(/^\| `([\w-]+)` \| (?:`([^`]+)`)?/gm)];
  documented = Object.fromEntries(rows.map(([, name, value]) => [name.toLowerCase(), value]));
});
after(() => browser?.close());

/** A page, and a server of another origin whose clock is an hour ahead; `fields` are those of all its answers. */
async function openPage(t, fields) {
  const now = () => Date.now() + AHEAD_MS;
  const server = await startStage(t, { now });
  const visit = await openStage(t, browser, { csp: ANY_SERVER, expected: [/status of 429/] });
  const cors = { ...fields, "access-control-allow-origin": visit.stage.address };
  const grant = () => ({
    headers: { ...cors, "content-type": "application/json", "set-cookie": "refresh=1; HttpOnly; SameSite=Strict; Path=/" },
    body: JSON.stringify({ access_token: accessToken(900, {}, now()), token_type: "Bearer", expires_in: 900 }),
  });
  const answers = [];
  for (const path of ["/auth/refresh", "/auth/logout"]) {
    server.answers.set(path, ({ method }) => {
      if (method === "OPTIONS") return { status: 204, headers: cors };
      return path === "/auth/logout" ? { status: 204, headers: cors } : (answers.shift()?.() ?? grant());
    });
  }
  await visit.page.evaluate(async (address) => {
    const { createSession } = await import("/pkg/index.js");
    const credentials = "include";
    globalThis.session = await createSession({ refresh: { url: `${address}/auth/refresh`, credentials }, logout: { url: `${address}/auth/logout`, credentials } });
    await session.restore();
  }, server.address);
  const sent = (path) => server.at(path).filter(({ method }) => method === "POST");
  return { ...visit, cors, answers, sent };
}

suite("a server of another origin", { timeout: TEST_LIMIT_MS }, () => {
  test("tells the time, and for how long to wait, with the fields that are documented", async (t) => {
    assert.equal(Object.keys(documented).length, 5);
    const { "access-control-allow-origin": _, ...fields } = documented;
    const { page, cors, answers, sent, hear, heard } = await openPage(t, fields);
    const { state, clock } = await page.evaluate(() => session.snapshot());
    assert.equal(state, "active");
    assert.equal(clock.source, "date");
    assert.ok(Math.abs(clock.skew - AHEAD_MS) <= clock.uncertainty + 1000, JSON.stringify(clock));

    answers.push(() => ({ status: 429, headers: { ...cors, "retry-after": `${PATIENCE_S}` } }));
    assert.equal(await page.evaluate(() => session.renew().catch(({ code }) => code)), "ERR_UNAVAILABLE");
    await hear("renewed");
    const failedAt = heard.find(({ type }) => type === "renewal-failed").at;
    const renewed = heard.find(({ type }) => type === "renewed");
    assert.ok(renewed.at - failedAt >= PATIENCE_S * 1000 - 50, `${renewed.at - failedAt} ms`);
    assert.equal(renewed.detail.attempts, 2);
    const renewals = sent("/auth/refresh");
    assert.equal(renewals[1].headers["idempotency-key"], renewals[2].headers["idempotency-key"]);
    assert.match(renewals[1].headers.cookie, /refresh=1/);

    await page.evaluate(() => session.signOut());
    assert.equal(sent("/auth/logout").length, 1);
  });

  test("is believed to be ahead, and no more, where it does not expose its time", async (t) => {
    const { "access-control-allow-origin": _, "access-control-expose-headers": __, ...fields } = documented;
    const { page } = await openPage(t, fields);
    const { state, clock } = await page.evaluate(() => session.snapshot());
    assert.equal(state, "active");
    assert.notEqual(clock.source, "date");
  });
});
