// The package in a blank page: what importing and creating do, and how the module is loaded.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { keepDeeds } from "./support/in-page.mjs";
import { CSP_WITHOUT_WASM, openStage, startStage } from "./support/stage.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

suite("the package in a page", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  for (const entry of ["index.js", "slim.js"]) {
    test(`does nothing when ${entry} is imported`, async (t) => {
      const { page, stage } = await openStage(t, browser, { scripts: [keepDeeds] });
      const seen = stage.requests.length;
      const result = await page.evaluate(async (entry) => {
        deeds.length = 0;
        const globalsBefore = Object.getOwnPropertyNames(globalThis).length;
        const names = Object.keys(await import(`/pkg/${entry}`)).sort();
        return { names, deeds, inForce: inForce(), newGlobals: Object.getOwnPropertyNames(globalThis).length - globalsBefore };
      }, entry);
      assert.deepEqual(result, { names: ["SessionError", "createSession", "init", "isSessionError"], deeds: [], inForce: [], newGlobals: 0 });
      assert.deepEqual(stage.requests.slice(seen).map(({ path }) => path), [`/pkg/${entry}`]);
    });
  }

  test("sends nothing and starts no timer when a session is created", async (t) => {
    const { page, stage } = await openStage(t, browser, { scripts: [keepDeeds] });
    const { createSession } = await page.evaluateHandle(() => import("/pkg/index.js")).then((handle) => handle.getProperties()).then(Object.fromEntries);
    const seen = stage.requests.length;
    const result = await page.evaluate(async (createSession) => {
      deeds.length = 0;
      const session = await createSession({ refresh: "/auth/refresh", logout: "/auth/logout", token: { issuer: "https://issuer.example" } });
      const snapshot = session.snapshot();
      return { deeds, timers: inForce().filter((each) => each.startsWith("set")), state: session.state, snapshot };
    }, createSession);
    assert.deepEqual(stage.requests.slice(seen), []);
    assert.deepEqual(result.timers, []);
    assert.deepEqual(result.deeds.filter((deed) => !/^(WebAssembly|addEventListener|new MessageChannel|queueMicrotask)/.test(deed)), []);
    assert.equal(result.state, "signed-out");
    assert.equal(result.snapshot.reason, null);
    assert.equal(result.snapshot.clock.source, "none");
  });

  test("refuses a wrong configuration and says what to do", async (t) => {
    const { page } = await openStage(t, browser);
    const refusals = await page.evaluate(async () => {
      const { createSession, SessionError, isSessionError } = await import("/pkg/index.js");
      const attempt = (config) => createSession(config).then(
        () => "accepted",
        (error) => ({ isOurs: error instanceof SessionError && isSessionError(error), code: error.code, message: error.message, suggestion: error.suggestion }),
      );
      return Promise.all([
        attempt(undefined),
        attempt({}),
        attempt({ refresh: "/auth/refresh", renewal: { lead: "5 s" } }),
        attempt({ refresh: { url: "/auth/refresh", methud: "POST" } }),
        attempt({ refresh: "/auth/refresh", requests: { allow: ["https://*.example"] } }),
      ]);
    });
    const paths = [/\bconfig\b/, /\bconfig\.refresh\b/, /\bconfig\.renewal\.lead\b/, /\bconfig\.refresh\.methud\b/, /\bconfig\.requests\.allow\[0\]/];
    refusals.forEach(({ isOurs, code, message, suggestion }, index) => {
      assert.ok(isOurs);
      assert.equal(code, "ERR_CONFIG");
      assert.match(message, paths[index]);
      assert.match(suggestion, /^(Set|Remove) .+\.$/);
    });
    assert.match(refusals[3].suggestion, /\bmethod\b/);
  });
});

suite("a session", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  for (const audit of [{}, { recording: true }]) {
    test(`that the browser leaves no chance is not created, and can be later, with ${JSON.stringify(audit)}`, async (t) => {
      const { page } = await openStage(t, browser);
      const result = await page.evaluate(async (audit) => {
        const { createSession } = await import("/pkg/index.js");
        const create = () => createSession({ refresh: "/auth/refresh", audit });
        crypto.getRandomValues = () => {
          throw new Error("no chance");
        };
        const { code, suggestion, cause } = await create().catch((error) => error);
        delete crypto.getRandomValues;
        return { code, suggestion, cause: cause?.message, later: (await create()).state };
      }, audit);
      const suggestion = "Create a new session, and report this.";
      assert.deepEqual(result, { code: "ERR_INTERNAL", suggestion, cause: "no chance", later: "signed-out" });
    });
  }
});

suite("the module", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  const isOut = (page, source) =>
    page.evaluate(async ({ source }) => {
      const { createSession, init } = await import("/pkg/slim.js");
      const address = "/pkg/sessionkeeper_bg.wasm";
      const sources = {
        text: () => address,
        URL: () => new URL(address, location.href),
        Request: () => new Request(address),
        Response: () => fetch(address),
        bytes: async () => (await fetch(address)).arrayBuffer(),
        module: async () => WebAssembly.compileStreaming(fetch(address)),
      };
      const made = sources[source]();
      await init(source === "Response" ? made : await made);
      return (await createSession({ refresh: "/auth/refresh" })).state;
    }, { source });

  test("of the slim entry comes from wherever its caller says", async (t) => {
    const { page, stage } = await openStage(t, browser);
    for (const source of ["text", "URL", "Request", "Response", "bytes", "module"]) {
      await page.goto(stage.address);
      assert.equal(await isOut(page, source), "signed-out", source);
    }
    assert.equal(stage.at("/pkg/sessionkeeper_bg.wasm").length, 6);
  });

  test("of the slim entry is asked for by a sentence when nobody says", async (t) => {
    const { page } = await openStage(t, browser);
    const error = await page.evaluate(async () => {
      const { createSession } = await import("/pkg/slim.js");
      return createSession({ refresh: "/auth/refresh" }).catch(({ code, suggestion }) => ({ code, suggestion }));
    });
    assert.equal(error.code, "ERR_WASM_LOAD");
    assert.match(error.suggestion, /\binit\(/);
  });

  test("is loaded once, by however many callers", async (t) => {
    const { page, stage } = await openStage(t, browser);
    await page.evaluate(async () => {
      const { createSession, init } = await import("/pkg/slim.js");
      const address = "/pkg/sessionkeeper_bg.wasm";
      await Promise.all([init(address), init(address), ...Array.from({ length: 5 }, () => createSession({ refresh: "/auth/refresh" }))]);
      await init();
    });
    assert.equal(stage.at("/pkg/sessionkeeper_bg.wasm").length, 1);
  });

  for (const entry of ["index.js", "slim.js"]) {
    test(`of ${entry} does not load where the page's policy forbids it, and the error says so`, async (t) => {
      const { page } = await openStage(t, browser, { csp: CSP_WITHOUT_WASM, expected: [/wasm-unsafe-eval|violates script-src/] });
      const errors = await page.evaluate(async (entry) => {
        const { createSession, init } = await import(`/pkg/${entry}`);
        const source = entry === "slim.js" ? "/pkg/sessionkeeper_bg.wasm" : undefined;
        const shown = ({ code, message, suggestion, cause }) => ({ code, message, suggestion, cause: cause?.name });
        const first = await init(source).catch(shown);
        const second = await (source ? init(source) : createSession({ refresh: "/auth/refresh" })).catch(shown);
        return [first, second];
      }, entry);
      for (const { code, suggestion, cause } of errors) {
        assert.equal(code, "ERR_WASM_LOAD");
        assert.match(suggestion, /'wasm-unsafe-eval'/);
        assert.equal(cause, "CompileError");
      }
    });
  }

  test("can be loaded again after a load that failed", async (t) => {
    const { page, stage } = await openStage(t, browser, { expected: [/status of 503/, /MIME type/] });
    const path = "/pkg/sessionkeeper_bg.wasm";
    stage.answers.set(path, () => ({ status: 503 }));
    const load = () => page.evaluate(async (path) => {
      const { createSession, init } = await import("/pkg/slim.js");
      await init(path);
      return (await createSession({ refresh: "/auth/refresh" })).state;
    }, path);
    const code = await load().then(() => "loaded", (error) => error.message);
    assert.match(code, /SessionError|module did not load/);
    stage.answers.delete(path);
    assert.equal(await load(), "signed-out");
  });
});
