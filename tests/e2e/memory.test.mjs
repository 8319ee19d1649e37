// What is left of tokens in the memory of the package's modules, byte for byte.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { keepMemories, offerSessions } from "./support/in-page.mjs";
import { AUDIENCE, ISSUER } from "./support/json-web-token.mjs";
import { findInMemories } from "./support/places.mjs";
import { claimsOf, partsOf, secretsOf } from "./support/secrets.mjs";
import { openStage } from "./support/stage.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A stage whose page, and any that it opens, keeps its modules' memories. */
const open = (t) => openStage(t, browser, { scripts: [keepMemories, offerSessions] });

/** Signs the page in, with the second module too. */
const signIn = (page, config = {}) =>
  page.evaluate(async ([config, token]) => {
    globalThis.session = await signedIn("auth", { ...config, token });
    return memories.length;
  }, [config, { issuer: ISSUER, audience: AUDIENCE, leeway: "0s" }]);

const tokensOf = async ({ traffic }) => secretsOf(await traffic.complete()).accessTokens;

/** A token in whole and in its parts, and what is unique of what it says. */
const tracesOf = (tokens) => [...tokens, ...partsOf(tokens), ...tokens.flatMap((token) => claimsOf([token])[2])];

suite("the modules' memory", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("holds the token while it is used, nothing of the one before, and nothing after the sign-out", async (t) => {
    const visit = await open(t);
    const { page } = visit;
    assert.equal(await signIn(page), 2, "both modules");
    await page.evaluate(async () => {
      for (let renewals = 0; renewals < 3; renewals++) await session.renew();
      await session.fetch("/");
      await session.accessToken();
    });
    const tokens = await tokensOf(visit);
    assert.equal(tokens.length, 4);
    const held = tokens.at(-1);
    assert.deepEqual(await page.evaluate(findInMemories, [held]), [held], "while it is held");
    assert.deepEqual(await page.evaluate(findInMemories, tracesOf(tokens.slice(0, -1))), [], "after they were replaced");
    await page.evaluate(() => session.signOut());
    assert.deepEqual(await page.evaluate(findInMemories, [...tracesOf(tokens), ...claimsOf(tokens)]), [], "after the sign-out");
  });

  test("stays one page of the main module, however often its token is renewed", async (t) => {
    const { page } = await open(t);
    const pages = await page.evaluate(async () => {
      globalThis.session = await signedIn("auth", { idle: {} });
      for (let renewals = 0; renewals < 200; renewals++) await session.renew();
      return memories.map(({ buffer }) => buffer.byteLength / 65_536);
    });
    assert.deepEqual(pages, [1]);
  });

  test("holds nothing of a token that came from another tab, after an end that came from there too", async (t) => {
    const visit = await open(t);
    const { page, stage } = visit;
    await signIn(page);
    const other = await visit.context.newPage();
    await other.goto(stage.address);
    await other.evaluate(async () => {
      globalThis.session = await newSession();
      await session.restore();
    });
    const [token] = await tokensOf(visit);
    assert.deepEqual(await other.evaluate(findInMemories, [token]), [token]);
    await page.evaluate(() => session.signOut());
    await other.waitForFunction(() => session.state === "signed-out");
    for (const each of [page, other]) assert.deepEqual(await each.evaluate(findInMemories, [...tracesOf([token]), ...claimsOf([token])]), []);
  });

  test("holds nothing of a token that was refused", async (t) => {
    const visit = await open(t);
    await visit.page.evaluate(async () => {
      const session = await newSession("auth", { token: { issuer: "https://another.example" } });
      await settled([session.begin(await fetch("/auth/login", { method: "POST" }))]);
    });
    const tokens = await tokensOf(visit);
    assert.equal(tokens.length, 1);
    assert.deepEqual(await visit.page.evaluate(findInMemories, [...tracesOf(tokens), ...claimsOf(tokens)]), []);
  });

  test("holds nothing of the session of an object that is disposed of", async (t) => {
    const visit = await open(t);
    await signIn(visit.page);
    const tokens = await tokensOf(visit);
    await visit.page.evaluate(() => session.dispose());
    assert.deepEqual(await visit.page.evaluate(findInMemories, [...tracesOf(tokens), ...claimsOf(tokens)]), []);
  });
});
