import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { startServer } from "./support/server.mjs";
import { startVisit } from "./support/visit.mjs";

let browser, folder, server, token;

const post = (path, { body, cookie, origin } = {}) =>
  fetch(`${server.address}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrf": "1", ...(cookie && { cookie }), ...(origin && { origin }) },
    body: body && JSON.stringify(body),
  });
const cookieOf = (answer) => /^refresh=[^;]+/.exec(answer.headers.getSetCookie()[0])[0];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sessionkeeper-operator-"));
  const file = join(folder, "token");
  [browser, server] = await Promise.all([startBrowser(), startServer("--operator-token-file", file, "--access-lifetime", "1s")]);
  token = (await readFile(file, "utf8")).trim();
  await somethingToSee();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Every part of the page has something to say: a reuse alarm, a new device, refusals, ends, and entries of a page. */
async function somethingToSee() {
  const credentials = { username: "ada", password: "correct horse battery" };
  const first = cookieOf(await post("/auth/login", { body: credentials }));
  await post("/auth/login", { body: credentials });
  await post("/auth/login", { body: { ...credentials, password: "guess" } });
  const entry = (sequence, type, detail) => ({ sequence, at: Date.now(), type, detail });
  const entries = [
    entry(1, "renewal-failed", { cause: "network" }),
    entry(3, "ended", { reason: "revoked" }),
    entry(4, "token-rejected", { reason: "expired" }),
    entry(5, "clock-skew", { skew: -90_000 }),
  ];
  const told = await post("/audit", { body: { tab: "a-tab", entries }, cookie: first, origin: server.address });
  assert.equal(told.status, 204, await told.text());
  const second = cookieOf(await post("/auth/refresh", { cookie: first }));
  await post("/auth/refresh", { cookie: second });
  assert.equal((await post("/auth/refresh", { cookie: first })).status, 401);
  await fetch(`${server.address}/api/me`, { headers: { authorization: "Bearer nonsense" } });
}

const visit = (t, context) =>
  startVisit(t, browser, { context: { httpCredentials: { username: "operator", password: token }, ...context } });

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    test(`the page is accessible and fits, ${colorScheme}, ${width} wide`, { timeout: TEST_LIMIT_MS }, async (t) => {
      const { page } = await visit(t, { colorScheme, viewport: { width, height: 800 } });
      // The server looks at the rates every five seconds.
      await eventually("the alert is shown", async () => {
        await page.goto(`${server.address}/operator`);
        return (await page.title()) === "(1) Operator";
      });
      for (const name of ["Alerts", "Renewals", "Access tokens refused", "Refresh tokens presented again", "Sign-ins", "Lifetimes as used", "What pages told"]) {
        assert.ok(await page.getByRole("region", { name, exact: true }).isVisible(), name);
      }
      await assertAccessible(page, `${colorScheme}, ${width} wide`);
      const [scrolls, shows] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(scrolls <= shows, `${scrolls} of ${shows} pixels`);
    });
  }
}

test("another window is a click away", { timeout: TEST_LIMIT_MS }, async (t) => {
  const { page } = await visit(t);
  await page.goto(`${server.address}/operator`);
  assert.equal(await page.locator("[aria-current]").textContent(), "1 d");
  await page.getByRole("link", { name: "7 d" }).click();
  await page.waitForURL("**/operator?window=7d");
  assert.equal(await page.locator("[aria-current]").textContent(), "7 d");
  const asJson = await page.getByRole("link", { name: "As JSON" }).getAttribute("href");
  const report = await (await page.request.get(`${server.address}${asJson}`)).json();
  assert.equal(report.reuse_alarms.total, 1);
});

test("a browser without the token is shown nothing", { timeout: TEST_LIMIT_MS }, async (t) => {
  const { page } = await startVisit(t, browser, { expected: [/status of 401/] });
  const answer = await page.request.get(`${server.address}/operator`);
  assert.equal(answer.status(), 401);
  await page.goto(`${server.address}/operator`).catch(() => {});
  assert.equal(await page.getByRole("region").count(), 0);
});
