// The package where pages have it: twice, in an iframe, in a worker, and created by several callers at once.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { packageFolder, TEST_LIMIT_MS } from "./support/environment.mjs";
import { openStage, STRICT_CSP } from "./support/stage.mjs";

const CONFIG = { refresh: "/app/refresh", logout: "/app/logout" };
const WITH_FRAMES = `${STRICT_CSP}; frame-src 'self'; worker-src 'self'`;

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

suite("the package", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("is twice in a page, in copies of its own, with one session", async (t) => {
    const { page, stage } = await openStage(t, browser);
    const [first, second, ends] = await page.evaluate(async (config) => {
      const [one, other] = await Promise.all([import("/pkg/index.js"), import("/pkg/slim.js")]);
      if (one.createSession === other.createSession) throw new Error("these are no copies");
      await other.init("/pkg/sessionkeeper_bg.wasm");
      const [first, second] = await Promise.all([one.createSession(config), other.createSession(config)]);
      const error = await second.accessToken().catch((error) => error);
      if (!one.isSessionError(error)) throw new Error("one copy does not know the errors of the other");
      await first.begin(await fetch("/app/login", { method: "POST" }));
      await second.restore();
      const tokens = [await first.accessToken(), await second.accessToken()];
      await Promise.all([first.renew(), second.renew()]);
      const renewed = [await first.accessToken(), await second.accessToken()];
      const ended = new Promise((done) => first.on("ended", ({ detail }) => done(detail)));
      await second.signOut();
      return [tokens, renewed, [await ended, first.state, second.state]];
    }, CONFIG);
    assert.equal(first[0], first[1], "one token");
    assert.equal(second[0], second[1]);
    assert.notEqual(first[0], second[0]);
    assert.deepEqual(ends, [{ reason: "signed-out", by: "other-tab" }, "signed-out", "signed-out"]);
    assert.equal(stage.at("/app/refresh").length, 1, "one renewal for both");
  });

  test("is created by several callers at once, each with a session of its own", async (t) => {
    const { page, stage } = await openStage(t, browser);
    const { distinct, tokens } = await page.evaluate(async (config) => {
      const { createSession, init } = await import("/pkg/index.js");
      const sessions = await Promise.all([createSession(config), init(), createSession(config), createSession(config)]);
      const made = sessions.filter(Boolean);
      await made[0].begin(await fetch("/app/login", { method: "POST" }));
      await Promise.all(made.map((session) => session.restore()));
      return { distinct: new Set(made).size, tokens: await Promise.all(made.map((session) => session.accessToken())) };
    }, CONFIG);
    assert.equal(distinct, 3);
    assert.equal(new Set(tokens).size, 1);
    assert.deepEqual(stage.at("/app/refresh"), []);
  });

  test("is in an iframe of its origin as in another tab", async (t) => {
    const { page, stage } = await openStage(t, browser, { csp: WITH_FRAMES });
    await page.evaluate(async (config) => {
      const { createSession } = await import("/pkg/index.js");
      globalThis.session = await createSession(config);
      await session.begin(await fetch("/app/login", { method: "POST" }));
      const frame = document.body.appendChild(document.createElement("iframe"));
      frame.src = "/";
      await new Promise((done) => (frame.onload = done));
    }, CONFIG);
    const [, frame] = page.frames();
    const inside = await frame.evaluate(async (config) => {
      const { createSession } = await import("/pkg/index.js");
      globalThis.session = await createSession(config);
      return [await session.restore(), await session.accessToken()];
    }, CONFIG);
    assert.deepEqual(inside, ["active", await page.evaluate(() => session.accessToken())]);
    await frame.evaluate(() => session.signOut());
    await page.waitForFunction(() => session.state === "signed-out");
    assert.deepEqual(stage.at("/app/refresh"), []);
  });

  test("works in a sandboxed iframe, which has neither storage nor the origin's locks", async (t) => {
    const { page, stage } = await openStage(t, browser, { csp: "default-src 'none'; img-src data:; frame-src 'self'; script-src *; connect-src *" });
    const open = { "access-control-allow-origin": "null", "access-control-allow-credentials": "true", "access-control-allow-headers": "x-csrf, idempotency-key" };
    const script = await readFile(`${packageFolder}/index.js`);
    stage.answers.set("/pkg/index.js", () => ({ headers: { ...open, "content-type": "text/javascript" }, body: script }));
    stage.answers.set("/frame", () => ({
      headers: { "content-type": "text/html", "content-security-policy": "sandbox allow-scripts; script-src * 'wasm-unsafe-eval'; connect-src *" },
      body: "<!doctype html><title>frame</title>",
    }));
    stage.answers.set("/other/refresh", ({ method }) => ({ status: method === "OPTIONS" ? 204 : 200, headers: { ...open, "content-type": "application/json" }, body: method === "OPTIONS" ? "" : '{"access_token":"opaque","expires_in":900}' }));
    await page.evaluate(async () => {
      const frame = document.body.appendChild(document.createElement("iframe"));
      frame.src = "/frame";
      await new Promise((done) => (frame.onload = done));
    });
    const [, frame] = page.frames();
    const outcome = await frame.evaluate(async (address) => {
      const { createSession } = await import(`${address}/pkg/index.js`);
      const session = (globalThis.session = await createSession({ refresh: { url: `${address}/other/refresh`, credentials: "include" } }));
      const missing = [];
      session.on("facility-missing", ({ detail }) => missing.push(detail.missing));
      const state = await session.restore();
      return { origin: self.origin, state, token: await session.accessToken().catch(({ code }) => code), missing };
    }, stage.address);
    assert.deepEqual({ ...outcome, missing: outcome.missing.sort() }, { origin: "null", state: "active", token: "opaque", missing: ["locks", "storage"] });
    await frame.evaluate(() => session.renew());
    await frame.evaluate(() => session.signOut());
    assert.equal(stage.at("/other/refresh").filter(({ method }) => method === "POST").length, 2);
  });

  test("does nothing in a worker, where nobody is signed in", async (t) => {
    const { page, stage } = await openStage(t, browser, { csp: WITH_FRAMES });
    stage.answers.set("/worker.js", () => ({
      headers: { "content-type": "text/javascript" },
      body: `import { createSession } from "/pkg/index.js";
        const session = await createSession({ refresh: "/app/refresh" });
        postMessage([session.state, await session.restore(), await session.accessToken().catch(({ code }) => code)]);`,
    }));
    const told = await page.evaluate(() => new Promise((resolve, reject) => {
      const worker = new Worker("/worker.js", { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    }));
    assert.deepEqual(told, ["signed-out", "signed-out", "ERR_SIGNED_OUT"]);
    assert.deepEqual(stage.at("/app/refresh"), []);
  });
});
