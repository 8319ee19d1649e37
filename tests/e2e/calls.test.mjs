// The calls of a session, with answers that come when the test says so.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { offerSessions } from "./support/in-page.mjs";
import { came, openStage, REFUSED } from "./support/stage.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A stage whose page offers `newSession`, `signedIn` and `settled`. */
const open = (t, options = {}) => openStage(t, browser, { ...options, scripts: [offerSessions, ...(options.scripts ?? [])] });

suite("without a session", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("restoring leads to signed-out, for no reason and with no end", async (t) => {
    const { page, stage } = await open(t, { expected: [REFUSED] });
    const result = await page.evaluate(async () => {
      const session = await newSession();
      const heard = [];
      for (const type of ["started", "ended", "renewal-failed", "degraded"]) session.on(type, () => heard.push(type));
      return { restored: await session.restore(), state: session.state, reason: session.snapshot().reason, heard };
    });
    assert.deepEqual(result, { restored: "signed-out", state: "signed-out", reason: null, heard: [] });
    assert.equal(stage.at("/auth/refresh").length, 1);
    assert.equal(stage.at("/auth/logout").length, 0);
  });

  test("calls for a token are refused, and nothing is sent", async (t) => {
    const { page, stage } = await open(t);
    const results = await page.evaluate(async () => {
      const session = await newSession();
      return settled([session.accessToken(), session.renew(), session.signOut()]);
    });
    assert.deepEqual(results, ["ERR_SIGNED_OUT", "ERR_SIGNED_OUT", "done"]);
    assert.deepEqual(stage.requests.filter(({ method }) => method === "POST"), []);
  });

  test("an answer that grants nothing starts none", async (t) => {
    const { page } = await open(t, { expected: [/status of 401/] });
    const results = await page.evaluate(async () => {
      const session = await newSession();
      const refused = await fetch("/auth/refresh", { method: "POST" });
      const read = await fetch("/auth/login", { method: "POST" });
      await read.text();
      const codes = await settled([session.begin(read), session.begin(refused), session.begin({}), session.begin({ access_token: "a b", expires_in: 60 })]);
      return [...codes, session.state];
    });
    assert.deepEqual(results, ["ERR_BAD_ANSWER", "ERR_BAD_ANSWER", "ERR_BAD_ANSWER", "ERR_BAD_ANSWER", "signed-out"]);
  });
});

suite("a call", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("of fetch without an address is refused as by the platform's, and sends nothing", async (t) => {
    const { page, stage } = await open(t);
    const [own, platform] = await page.evaluate(async () => {
      const session = await signedIn();
      return Promise.all([session.fetch(), fetch()].map((call) => call.catch(({ name, message }) => ({ name, message }))));
    });
    assert.equal(own.name, "TypeError");
    assert.match(own.message, /1 argument required/);
    assert.equal(platform.name, "TypeError");
    assert.deepEqual(stage.at("/undefined"), []);
  });
});

suite("calls at the same time", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("twenty renewals are one request", async (t) => {
    const { page, stage } = await open(t);
    const results = await page.evaluate(async () => {
      const session = await signedIn();
      const renewed = [];
      session.on("renewed", ({ detail }) => renewed.push(detail.attempts));
      return [await settled(Array.from({ length: 20 }, () => session.renew())), renewed];
    });
    assert.deepEqual(results, [Array(20).fill("done"), [1]]);
    assert.equal(stage.at("/auth/refresh").length, 1);
  });

  test("twenty calls for a token get the old one during a renewal, and the new one after it", async (t) => {
    const { page, stage } = await open(t);
    const release = stage.hold("/auth/refresh");
    const during = page.evaluate(async () => {
      const session = (globalThis.session = await signedIn());
      globalThis.first = await session.accessToken();
      globalThis.renewal = session.renew();
      return new Set(await Promise.all(Array.from({ length: 20 }, () => session.accessToken()))).size;
    });
    assert.equal(await during, 1);
    await came(stage, "/auth/refresh");
    release();
    const after = await page.evaluate(async () => {
      await renewal;
      const tokens = new Set(await Promise.all(Array.from({ length: 20 }, () => session.accessToken())));
      return { count: tokens.size, isAnother: !tokens.has(first) };
    });
    assert.deepEqual(after, { count: 1, isAnother: true });
    assert.equal(stage.at("/auth/refresh").length, 1);
  });

  test("twenty calls for a token wait for the renewal when the old one has lapsed", async (t) => {
    const { page, stage } = await open(t, { lifetimeS: 2 });
    const release = stage.hold("/auth/refresh");
    await page.evaluate(async () => {
      const session = (globalThis.session = await signedIn());
      globalThis.first = await session.accessToken();
    });
    await came(stage, "/auth/refresh");
    await page.waitForFunction(() => Date.now() > session.snapshot().tokenExpiresAt);
    await page.evaluate(() => {
      globalThis.waiting = Promise.all(Array.from({ length: 20 }, () => session.accessToken()));
    });
    release();
    const [count, isAnother] = await page.evaluate(async () => {
      const tokens = new Set(await waiting);
      return [tokens.size, !tokens.has(first)];
    });
    assert.deepEqual([count, isAnother], [1, true]);
  });

  test("a caller who gives up gets its own reason, and nobody else does", async (t) => {
    const { page, stage } = await open(t, { lifetimeS: 2 });
    const release = stage.hold("/auth/refresh");
    await page.evaluate(async () => {
      globalThis.session = await signedIn();
    });
    await came(stage, "/auth/refresh");
    await page.waitForFunction(() => Date.now() > session.snapshot().tokenExpiresAt);
    const gaveUp = await page.evaluate(async () => {
      globalThis.patient = session.accessToken();
      const controller = new AbortController();
      const impatient = session.accessToken({ signal: controller.signal });
      controller.abort(new Error("enough"));
      return impatient.catch(({ message }) => message);
    });
    assert.equal(gaveUp, "enough");
    release();
    assert.equal(await page.evaluate(async () => typeof (await patient)), "string");
  });
});

suite("a sign-out", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("options may be null", async (t) => {
    const { page, stage } = await open(t);
    const results = await page.evaluate(async () => {
      const session = await signedIn();
      const calls = await settled([session.restore(null), session.accessToken(null)]);
      return [...calls, ...(await settled([session.signOut(null)])), session.state];
    });
    assert.equal(results.at(-1), "signed-out", String(results));
    assert.equal(stage.at("/auth/logout").length, 1);
  });

  test("is not undone by a renewal that was under way", async (t) => {
    const { page, stage } = await open(t);
    const release = stage.hold("/auth/refresh");
    await page.evaluate(async () => {
      const session = (globalThis.session = await signedIn());
      globalThis.events = [];
      for (const type of ["started", "renewed", "ended"]) session.on(type, () => events.push(type));
      globalThis.renewal = settled([session.renew()]);
    });
    await came(stage, "/auth/refresh");
    const left = await page.evaluate(async () => {
      const waiting = settled([session.accessToken({ minValidity: "450s" })]);
      await session.signOut();
      return { state: session.state, renewal: await renewal, waiting: await waiting };
    });
    assert.equal(left.state, "signed-out");
    assert.deepEqual(left.renewal, ["ERR_SIGNED_OUT"]);
    assert.match(left.waiting[0], /^(done|ERR_SIGNED_OUT)$/);

    const answered = page.waitForResponse((response) => response.url().endsWith("/auth/refresh"));
    release();
    await (await answered).finished();
    const later = await page.evaluate(async () => {
      // The answer that came before this one has been read when this one has.
      await (await fetch("/")).text();
      return [session.state, session.snapshot().reason, events, ...(await settled([session.accessToken()]))];
    });
    assert.deepEqual(later, ["signed-out", "signed-out", ["ended"], "ERR_SIGNED_OUT"]);
  });

  test("wipes first: it stands although the server cannot be told", async (t) => {
    const { page, stage } = await open(t, { expected: [/status of 503/] });
    stage.answers.set("/auth/logout", () => ({ status: 503 }));
    const release = stage.hold("/auth/logout");
    const atOnce = await page.evaluate(async () => {
      globalThis.session = await signedIn();
      globalThis.leaving = session.signOut();
      return [session.state, ...(await settled([session.accessToken()]))];
    });
    assert.deepEqual(atOnce, ["signed-out", "ERR_SIGNED_OUT"]);
    await came(stage, "/auth/logout");
    release();
    assert.deepEqual(await page.evaluate(() => settled([leaving])), ["done"]);
  });

  test("can be kept from the server", async (t) => {
    const { page, stage } = await open(t);
    await page.evaluate(async () => (await signedIn()).signOut({ logout: false }));
    assert.equal(stage.at("/auth/logout").length, 0);
  });
});
