// Where the tokens are, and where they are not.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { keepFetches, keepMemories, keepWrites } from "./support/in-page.mjs";
import { findInMemories, readPage, readStores } from "./support/places.mjs";
import { callApi, GRACE, hook, NO_SESSION, openSample, showsState, signIn } from "./support/sample-page.mjs";
import { claimsOf, leaks, partsOf, secretsOf } from "./support/secrets.mjs";
import { startServer } from "./support/server.mjs";
import { startVisit } from "./support/visit.mjs";

let browser, server, shortServer;
before(async () => {
  browser = await startBrowser();
  server = await startServer();
  shortServer = await startServer("--access-lifetime", "6s");
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await shortServer?.stop();
});

const UNGUESSABLE = /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** All that a request carries but what the server knows a browser again by. */
const cookiesThatGrant = ({ cookie }) => cookie.split("; ").filter((pair) => !pair.startsWith("browser="));

suite("the tokens", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("are in no place that a script can read", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION], scripts: [keepWrites] });
    const { page } = visit;
    const stores = [];
    const pages = [];
    const look = async () => {
      stores.push(await page.evaluate(readStores));
      pages.push(await page.evaluate(readPage));
    };

    await signIn(page, shortServer.address);
    await look();
    for (let renewals = 1; renewals <= 2; renewals++) {
      await visit.hear("renewed", renewals);
      await callApi(page);
      await look();
    }
    await page.reload();
    await showsState(page, "active");
    await look();
    await page.click(hook("sign-out"));
    await showsState(page, "signed-out");
    await look();
    await page.reload();
    await showsState(page, "signed-out");
    await look();

    const { accessTokens, refreshTokens } = secretsOf(await visit.traffic.complete());
    assert.ok(accessTokens.length >= 4, "a sign-in, two renewals and a reload brought access tokens");
    assert.equal(new Set(refreshTokens).size, accessTokens.length, "each came with a refresh token of its own");
    const secrets = [...partsOf(accessTokens), ...refreshTokens];
    const told = { console: visit.printed.join("\n"), events: JSON.stringify(visit.heard) };
    for (const places of [...stores, ...pages, told]) assert.deepEqual(leaks(places, secrets), []);
    for (const places of [...stores, told]) assert.deepEqual(leaks(places, claimsOf(accessTokens)), []);
    const trail = { trail: JSON.stringify(await shortServer.trail()) };
    assert.deepEqual(leaks(trail, secrets), []);
  });

  test("would be found if they were in such a place", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION], scripts: [keepWrites] });
    await openSample(visit.page, server.address);
    const { page } = visit;
    await page.evaluate(async () => {
      document.cookie = "a=planted-1";
      localStorage.a = "planted-2";
      sessionStorage.a = "planted-3";
      await new Promise((resolve, reject) => {
        const opening = indexedDB.open("a");
        opening.onupgradeneeded = () => opening.result.createObjectStore("a").put({ token: "planted-4" }, 1);
        opening.onsuccess = () => resolve(opening.result.close());
        opening.onerror = reject;
      });
      await (await caches.open("a")).put("/a", new Response("planted-5"));
      history.replaceState({ token: "planted-6" }, "", "#planted-7");
      window.name = "planted-8";
      localStorage.setItem("b", "planted-9");
      localStorage.removeItem("b");
      document.title = "planted-10";
      globalThis.a = "planted-11";
    });
    const places = { ...(await page.evaluate(readStores)), ...(await page.evaluate(readPage)) };
    const found = Object.entries(places).filter(([, text]) => text.includes("planted-")).map(([place]) => place);
    assert.deepEqual(found.sort(), [
      "IndexedDB", "caches", "document", "document.cookie", "globals", "history.state", "localStorage",
      "location", "sessionStorage", "window.name", "written",
    ]);
  });

  test("travel as they should: the refresh token in its cookie, the request as nobody else can send it", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION], scripts: [keepFetches] });
    const { page } = visit;
    await signIn(page, server.address, { user: GRACE });
    const cookies = [await visit.cookie("refresh")];
    for (let renewals = 1; renewals <= 3; renewals++) {
      await page.click(hook("renew"));
      await visit.hear("renewed", renewals);
      cookies.push(await visit.cookie("refresh"));
    }
    const fetched = await page.evaluate(() => globalThis.fetched);
    await page.click(hook("sign-out"));
    await showsState(page, "signed-out");

    for (const { httpOnly, sameSite, path, domain } of cookies) {
      assert.deepEqual({ httpOnly, sameSite, path, domain }, { httpOnly: true, sameSite: "Strict", path: "/", domain: "localhost" });
    }
    assert.equal(new Set(cookies.map(({ value }) => value)).size, cookies.length, "each renewal replaced the cookie");

    const renewals = (await visit.traffic.complete("/auth/refresh")).slice(1);
    assert.equal(renewals.length, 3);
    renewals.forEach(({ method, url, headers, answerHeaders }, index) => {
      assert.equal(method, "POST");
      assert.equal(url, `${server.address}/auth/refresh`);
      assert.equal(headers["x-csrf"], "1");
      assert.match(headers["idempotency-key"], UNGUESSABLE);
      assert.equal(headers.authorization, undefined);
      assert.deepEqual(cookiesThatGrant(headers), [`refresh=${cookies[index].value}`]);
      assert.match(headers["cache-control"], /no-cache/);
      assert.equal(answerHeaders["cache-control"], "no-store");
    });
    assert.equal(new Set(renewals.map(({ headers }) => headers["idempotency-key"])).size, 3, "each renewal had a key of its own");
    const calls = fetched.filter(({ path }) => path === "/auth/refresh");
    assert.equal(calls.length, 4);
    for (const { method, credentials, cache, redirect, keepalive } of calls) {
      assert.deepEqual(
        { method, credentials, cache, redirect, keepalive },
        { method: "POST", credentials: "same-origin", cache: "no-store", redirect: "manual", keepalive: true },
      );
    }
    const [logout] = await visit.traffic.complete("/auth/logout");
    assert.equal(logout.method, "POST");
    assert.equal(logout.headers["x-csrf"], "1");
    assert.equal(logout.headers.authorization, undefined);
    assert.deepEqual(cookiesThatGrant(logout.headers), [`refresh=${cookies.at(-1).value}`]);
  });

  test("are wiped from the module's memory when they are replaced or the session ends", async (t) => {
    const visit = await startVisit(t, browser, { expected: [NO_SESSION], scripts: [keepMemories] });
    const { page } = visit;
    await signIn(page, server.address);
    await page.click(hook("renew"));
    await visit.hear("renewed");
    await callApi(page);
    const { accessTokens, refreshTokens } = secretsOf(await visit.traffic.complete());
    assert.equal(accessTokens.length, 2);
    const [replaced, held] = accessTokens;
    const signature = (token) => token.split(".")[2];
    assert.deepEqual(await page.evaluate(findInMemories, [held]), [held], "the token is in the module's memory while it is held");
    assert.deepEqual(await page.evaluate(findInMemories, [...partsOf([replaced]), ...refreshTokens]), []);

    await page.click(hook("sign-out"));
    await showsState(page, "signed-out");
    assert.deepEqual(await page.evaluate(findInMemories, accessTokens.map(signature)), []);
    assert.deepEqual(await page.evaluate(findInMemories, partsOf(accessTokens)), []);
  });
});
