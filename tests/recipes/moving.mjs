// Moving over from other packages: what was there before, and what is there after.

import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { root, TEST_LIMIT_MS } from "../e2e/support/environment.mjs";
import { eventually } from "../e2e/support/eventually.mjs";
import { ADA, NO_SESSION } from "../e2e/support/sample-page.mjs";
import { startVisit } from "../e2e/support/visit.mjs";
import { filesOf, replaced } from "./support/documents.mjs";
import { startProgram } from "./support/program.mjs";
import { installRecipes } from "./support/project.mjs";
import { startExpress } from "./support/servers.mjs";

const own = (path) => readFile(`${root}tests/recipes/${path}`, "utf8");

export function moving(browser) {
  suite("moving over from oidc-client-ts", { timeout: TEST_LIMIT_MS }, () => {
    /** The Express server with the recipe's sign-in, and an issuer whose client it is. */
    async function start(t) {
      const packages = await installRecipes();
      const secret = { CLIENT_SECRET: "a secret of the server's" };
      await copyFile(`${root}tests/recipes/issuer.mjs`, `${packages}/issuer.mjs`);
      const issuer = await startProgram(t, process.execPath, ["issuer.mjs"], { cwd: packages, env: secret });
      const recipe = await filesOf("from-oidc-client-ts");
      const { "server.mjs": server } = await filesOf("express");
      const mounted = replaced(server, 'app.use("/auth", auth);', 'app.use("/auth", signIn);\napp.use("/auth", auth);');
      const files = {
        ...recipe,
        "server.mjs": `import { signIn } from "./sign-in.mjs";\n${mounted}`,
        "page-before.js": await own("pages/oidc-before.js"),
        "index.js": await own("pages/oidc-after.js"),
      };
      const entries = ["index.js", ["page-before.js", "before"]];
      return { issuer, ...(await startExpress(t, { files, entries, env: { ISSUER: issuer, CLIENT_ID: "app", ...secret } })) };
    }
    const stateOf = (page) => eventually("the page to have its session", () => page.evaluate(() => globalThis.session?.state));

    test("removes the tokens of before, signs in by redirect, and keeps the session", async (t) => {
      const server = await start(t);
      const visit = await startVisit(t, browser(), { expected: [NO_SESSION, /status of 401/] });
      const { page, traffic } = visit;
      await page.goto(`${server.address}/before.html`);
      const authorization = await page.evaluate(async () => {
        await users.storeUser(new User({ access_token: "an-old-token", refresh_token: "an-old-refresh-token", token_type: "Bearer", profile: { sub: "ada" }, expires_at: Date.now() / 1000 + 3600 }));
        await call("/api/me");
        return JSON.stringify({ ...sessionStorage });
      });
      assert.match(authorization, /oidc\.user:.*an-old-refresh-token/);
      assert.equal((await traffic.complete("/api/me"))[0].headers.authorization, "Bearer an-old-token");

      await page.goto(server.address);
      assert.equal(await stateOf(page), "signed-out");
      assert.equal(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage })), "{}");

      await page.evaluate(() => signIn());
      await page.waitForFunction(() => globalThis.session?.state === "active");
      assert.equal(page.url(), `${server.address}/`);
      assert.deepEqual(server.at("/auth/callback").map(({ status }) => status), [302]);
      const me = await page.evaluate(async () => (await call("/api/me")).json());
      assert.equal(me.sub, "ada-of-the-issuer");
      assert.equal(await page.evaluate(() => session.snapshot().claims.sub), me.sub);
      assert.equal(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), "{}");
      assert.equal(await visit.cookie("__Host-sign-in"), undefined);

      await page.reload();
      assert.equal(await stateOf(page), "active");
      await page.evaluate(() => signOut());
      assert.equal(await stateOf(page), "signed-out");
      await page.reload();
      assert.equal(await stateOf(page), "signed-out");
      await page.evaluate(() => signIn());
      await page.waitForFunction(() => globalThis.session?.state === "active");
    });

    test("signs nobody in by a callback that nobody asked for", async (t) => {
      const server = await start(t);
      for (const headers of [{}, { cookie: "__Host-sign-in=x" }, { cookie: `__Host-sign-in=${encodeURIComponent(JSON.stringify({ verifier: "v", state: "s", nonce: "n" }))}` }]) {
        const answer = await fetch(`${server.address}/auth/callback?code=stolen&state=s`, { redirect: "manual", headers });
        assert.equal(answer.status, 302);
        assert.equal(answer.headers.get("location"), "/?because=sign-in-failed");
        assert.ok(answer.headers.getSetCookie().every((field) => !field.startsWith("__Host-refresh")));
      }
    });
  });

  suite("moving over from react-idle-timer", { timeout: TEST_LIMIT_MS }, () => {
    test("asks and ends as before, and the session ends with it", async (t) => {
      const recipe = await filesOf("from-react-idle-timer");
      const hurried = (code, ...changes) => changes.reduce((code, [before, now]) => replaced(code, before, now), code);
      const server = await startExpress(t, {
        files: {
          "before.jsx": hurried(recipe["before.jsx"], ["15 * 60_000", "4_000"], ["promptBeforeIdle: 60_000", "promptBeforeIdle: 3_000"]),
          "after.jsx": recipe["after.jsx"],
          "session.js": hurried(recipe["session.js"], ['"15m"', '"4s"'], ['"1m"', '"3s", essential: true']),
          "page-before.jsx": await own("pages/idle-before.jsx"),
          "page-after.jsx": await own("pages/idle-after.jsx"),
        },
        entries: [["page-before.jsx", "before"], ["page-after.jsx", "after"]],
      });
      const visit = await startVisit(t, browser());
      const { page } = visit;
      const dialog = page.locator("dialog");
      const asksAndStays = async () => {
        await dialog.waitFor();
        await page.mouse.move(10, 10);
        await page.mouse.move(20, 20);
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        assert.ok(await dialog.isVisible(), "a stray movement is no answer");
        await page.click("text=Stay");
        await dialog.waitFor({ state: "hidden" });
        await dialog.waitFor();
        await dialog.waitFor({ state: "hidden" });
      };

      await page.goto(`${server.address}/before.html`);
      await asksAndStays();
      assert.equal(await page.evaluate(() => signOuts), 1);

      await page.goto(`${server.address}/after.html`);
      await page.waitForFunction(() => globalThis.session);
      await page.evaluate(async ({ name, password }) => {
        const body = JSON.stringify({ username: name, password });
        await session.begin(await fetch("/auth/login", { method: "POST", headers: { "content-type": "application/json", "x-csrf": "1" }, body }));
      }, ADA);
      await asksAndStays();
      await visit.hear("ended");
      assert.equal(await page.evaluate(() => session.snapshot().reason), "idle-timeout");
      await eventually("the server to be told", () => server.at("/auth/logout").length === 1);
      assert.equal(visit.ofType("idle-extended").length, 1);
    });
  });
}
