// The package in a page with a strict Content-Security-Policy and Trusted Types.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { openStage } from "./support/stage.mjs";

/** The blank page has an icon of its own, which has nothing to do with the package. */
const WITHOUT_WASM = "default-src 'self'; img-src data:; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";
const STRICT = WITHOUT_WASM.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'");
const MODULE = "/pkg/sessionkeeper_bg.wasm";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** Loads the entry's module in the page. */
const load = (page, entry) =>
  page.evaluate(async ({ entry, source }) => {
    const { init } = await import(`/pkg/${entry}`);
    return init(source).then(() => "loaded", ({ code, suggestion }) => ({ code, suggestion }));
  }, { entry, source: entry === "slim.js" ? MODULE : undefined });

suite("a page with a strict policy", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  for (const entry of ["index.js", "slim.js"]) {
    test(`has a session by ${entry}, with the second module too`, async (t) => {
      const { page, stage } = await openStage(t, browser, { csp: STRICT });
      assert.equal(await load(page, entry), "loaded");
      const told = await page.evaluate(async (entry) => {
        const { createSession } = await import(`/pkg/${entry}`);
        const config = { refresh: "/auth/refresh", logout: "/auth/logout" };
        const session = await createSession(config);
        await session.begin(await fetch("/auth/login", { method: "POST" }));
        await session.renew();
        const { state } = session;
        await session.signOut();
        const strict = await createSession({ ...config, name: "strict", token: { issuer: "https://issuer.example", audience: "another" } });
        const refusal = await strict.begin(await fetch("/auth/login", { method: "POST" })).catch(({ code }) => code);
        return { state, refusal };
      }, entry);
      assert.deepEqual(told, { state: "active", refusal: "ERR_TOKEN_INVALID" });
      assert.equal(stage.at(MODULE).length, entry === "slim.js" ? 1 : 0);
    });

    test(`is told by ${entry} what to add where it lacks 'wasm-unsafe-eval'`, async (t) => {
      const { page, stage } = await openStage(t, browser, { csp: WITHOUT_WASM, expected: [/wasm-unsafe-eval|violates script-src/] });
      for (let times = 0; times < 2; times++) {
        const { code, suggestion } = await load(page, entry);
        assert.equal(code, "ERR_WASM_LOAD");
        assert.match(suggestion, /'wasm-unsafe-eval'/);
      }
      assert.equal(stage.at(MODULE).length, entry === "slim.js" ? 2 : 0, "it was tried again");
    });
  }

  test("can load the module again after a load that failed", async (t) => {
    const { page, stage } = await openStage(t, browser, { csp: STRICT, expected: [/status of 503/] });
    stage.answers.set(MODULE, () => ({ status: 503 }));
    assert.equal((await load(page, "slim.js")).code, "ERR_WASM_LOAD");
    stage.answers.delete(MODULE);
    assert.equal(await load(page, "slim.js"), "loaded");
  });
});
