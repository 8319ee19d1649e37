// A session that is recorded: the lines, what they cost those who want none, and what is never in them. That they
// can be run again, the stage `replay` shows, with the sessions of all tests.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { offerSessions } from "./support/in-page.mjs";
import { openStage, REFUSED } from "./support/stage.mjs";

const MODULE = "/pkg/recording.js";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const open = (t, options = {}) => openStage(t, browser, { ...options, scripts: [offerSessions] });

suite("a recording", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("is not made, and nothing is loaded for it, unless it is asked for", async (t) => {
    const { page, stage } = await open(t);
    const lines = await page.evaluate(async () => {
      const sessions = [await signedIn(), await newSession("auth", { audit: { recording: false } })];
      return sessions.map((session) => session.recording());
    });
    assert.deepEqual(lines, [[], []]);
    assert.deepEqual(stage.at(MODULE), []);
  });

  test("begins with the session and has every step of it", async (t) => {
    const { page, stage } = await open(t, { expected: [/status of 404 .*\/api\/pay/] });
    const { lines, handed, isFrozen } = await page.evaluate(async () => {
      const handed = [];
      globalThis.session = await signedIn("auth", { audit: { recording: (line) => handed.push(line) } });
      await session.renew();
      await session.fetch("/api/pay?card=1234#top").catch(() => {});
      await session.signOut();
      const lines = session.recording();
      // The last was written in this task.
      await Promise.resolve();
      return { lines, handed, isFrozen: Object.isFrozen(lines) };
    });
    assert.equal(stage.at(MODULE).length, 1);
    assert.deepEqual(handed.slice(0, lines.length), lines);
    assert.ok(isFrozen);
    const [head, ...rest] = lines.map((line) => JSON.parse(line));
    assert.equal(head.format, "sessionkeeper-recording");
    assert.equal(head.version, 1);
    const inputs = rest.flatMap(({ input }) => (input ? [typeof input === "string" ? input : Object.keys(input)[0]] : []));
    for (const expected of ["begin", "renew", "key-drawn", "renewal-settled", "need-token", "sign-out"]) {
      assert.ok(inputs.includes(expected), `${expected} is among ${inputs}`);
    }
  });

  test("has no token, no key, no claim and no query in it", async (t) => {
    const { page, stage, traffic } = await open(t, { expected: [/status of 401 .*\/api\/pay/] });
    const secrets = [];
    stage.answers.set("/api/pay", () => ({ status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token", scope="hush-scope"' } }));
    const { recording, tokens, claims } = await page.evaluate(async () => {
      const session = await signedIn("auth", { audit: { recording: true } });
      const tokens = [await session.accessToken()];
      await session.renew();
      tokens.push(await session.accessToken());
      await session.fetch("/api/pay?card=hush-query#hush-fragment");
      tokens.push(await session.accessToken());
      const { claims } = session.snapshot();
      await session.signOut();
      return { recording: session.recording().join("\n"), tokens, claims };
    });
    for (const token of tokens) secrets.push(token, ...token.split("."));
    secrets.push(...traffic.at("/auth/refresh").map(({ headers }) => headers["idempotency-key"]), "hush");
    for (const name of ["sub", "sid", "jti", "iss", "aud"]) if (claims[name]) secrets.push(String(claims[name]));
    assert.ok(secrets.length > 10);
    for (const secret of secrets) assert.ok(!recording.includes(secret), `${secret} is in the recording`);
    assert.match(recording, /\/api\/pay"/);
  });

  test("goes to the application as long as there is one, and is kept as far as there is room", async (t) => {
    const { page } = await open(t);
    const { kept, last, size, handed } = await page.evaluate(async () => {
      let handed = 0;
      const session = await signedIn("auth", { audit: { recording: () => void handed++ } });
      let size = 0;
      for (let round = 0; round < 80; round++) {
        for (let index = 0; index < 1000; index++) session.touch();
        await Promise.resolve();
      }
      const lines = session.recording();
      for (const line of lines) size += line.length;
      return { kept: lines.length, last: lines.at(-1), size, handed };
    });
    assert.equal(last, '{"full":true}');
    assert.ok(size < (4 << 20) + 20 && size > (4 << 20) - 1000, `${size} characters`);
    assert.ok(handed > kept, `${handed} lines were handed over, ${kept} kept`);
  });

  test("that an application cannot take does no harm to the session", async (t) => {
    const { page } = await open(t, { expected: [/no room/] });
    const state = await page.evaluate(async () => {
      const recording = () => {
        throw new Error("no room");
      };
      const session = await signedIn("auth", { audit: { recording } });
      await session.renew();
      return session.state;
    });
    assert.equal(state, "active");
  });

  test("that cannot be made is no reason to have no session", async (t) => {
    const { page, stage } = await open(t, { expected: [/recording\.js/, /dynamically imported/] });
    stage.answers.set(MODULE, () => ({ status: 404 }));
    const [state, lines] = await page.evaluate(async () => {
      const session = await signedIn("auth", { audit: { recording: true } });
      return [session.state, session.recording()];
    });
    assert.equal(state, "active");
    assert.deepEqual(lines, []);
  });

  test("is made beside the entry without bytes, too", async (t) => {
    const { page } = await open(t, { expected: [REFUSED] });
    const count = await page.evaluate(async () => {
      const { createSession } = await import("/pkg/slim.js");
      const session = await createSession({ refresh: "/auth/refresh", audit: { recording: true } });
      await session.restore();
      return session.recording().length;
    });
    assert.ok(count > 5, `${count} lines`);
  });

  test("has what a second call of it is told that comes in the middle of another", async (t) => {
    const { page } = await open(t);
    const lines = await page.evaluate(async () => {
      const session = await signedIn("auth", { audit: { recording: true } });
      session.on("renewed", () => session.touch());
      await session.renew();
      return session.recording();
    });
    assert.ok(lines.some((line) => line.includes('"more":true')), lines.join("\n"));
  });
});
