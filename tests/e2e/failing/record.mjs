// What a browser remembers of a session: one entry of localStorage, as long as there is something to remember.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { keepWrites } from "../support/in-page.mjs";
import { readStores } from "../support/places.mjs";
import { claimsOf, leaks, partsOf, secretsOf } from "../support/secrets.mjs";
import { keysOf, LOGOUT, printed, renew, startRenewal, survived } from "../support/trouble.mjs";

const LONG_S = 300;
const DELAY_MS = 1000;
/** A text of the length that a storage has room for, and more. */
const MEGABYTES = 10 << 20;

/** What nobody wrote: not numbers, not these numbers, not so many, not of this version. */
const GARBAGE = {
  "an empty text": "",
  "a text": "signed out",
  "JSON": '{"version":1,"ended":true}',
  "no numbers": "NaN NaN NaN",
  "no more than a start": "1 0 1",
  "an end of no kind": "1 0 9 0 0 0 0",
  "an end and more": "1 0 1 0 0 0 0 ",
  "a start before the epoch": "1 -1 1 0 0 0 0",
  "half a key": "1 0 0 0 0 0 0 1 2 3",
  "a key of other numbers": "1 0 0 0 0 0 0 1 2 3 1e300",
  "an attempt of another age": "1 0 1 1e300 0 0 0",
  "neither answered nor not": "1 0 1 0 0 0 2",
  "another version": "2 0 1 0 0 0 0",
  "a million numbers": "1 ".repeat(1 << 20),
  "one long number": "1".repeat(4 << 20),
};

const entries = (page) => page.evaluate(() => ({ ...localStorage }));
const signOut = (page) => page.evaluate(() => session.signOut());

/** A page whose storage is denied, as browsers do it for some users and frames. */
const denyStorage = () =>
  Object.defineProperty(globalThis, "localStorage", {
    get() {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    },
  });

/** Leaves no room in the storage. Runs in the page. */
function fill(length) {
  for (let size = length, count = 0; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) localStorage.setItem(`fill-${size}-${count++}`, "x".repeat(size));
    } catch {}
  }
}

/** The missing facility was said so many times, and as what it is. */
function missed(run, count) {
  const told = run.ofType("facility-missing").map(({ detail }) => detail);
  assert.equal(told.length, count, JSON.stringify(told));
  for (const { missing, effect } of told) {
    assert.equal(missing, "storage");
    assert.match(effect, /^A reload forgets that the session has ended, when it was used, and a renewal that was on its way\.$/);
  }
}

export function record(open) {
  test("the record is one entry, has what it must have at each moment, and no token or claim", async (t) => {
    const run = await open(t, { isSignedIn: false, scripts: [keepWrites], expected: [printed(401), printed(503)] });
    const { page, server, context } = run;
    const name = `sessionkeeper:${server.address}/auth/refresh`;
    const stores = [];
    const holds = async (what, expected) => {
      stores.push(await page.evaluate(readStores));
      const found = await entries(page);
      assert.deepEqual(Object.keys(found), expected ? [name] : [], what);
      if (expected) assert.match(found[name], expected, what);
      return found[name]?.split(" ").map(Number);
    };

    assert.equal(await run.restore(), "signed-out");
    await holds("nothing of a visitor", null);

    const began = Date.now();
    await run.signIn();
    const [, started] = await holds("the sign-in", /^1 \d{13} 0 0 0 0 0$/);
    assert.ok(started >= began && started <= Date.now(), `${started}`);

    await server.faults({ requests: 1, delay: { ms: DELAY_MS, when: "after" } });
    startRenewal(page);
    await run.struck();
    const pending = await holds("a renewal on its way", new RegExp(`^1 ${started} 0 (\\d{13}) \\1 0 0( \\d{1,10}){4}$`));
    const key = pending.slice(7).map((word) => word.toString(16).padStart(8, "0")).join("");
    assert.equal(key, keysOf(run.renewals()).at(-1), "its key");
    await run.hear("renewed");
    const settled = new RegExp(`^1 ${started} 0 \\d{13} 0 0 0$`);
    await holds("its answer", settled);

    await page.reload();
    assert.equal(await run.restore(), "active");
    await holds("a reload", settled);

    await server.faults({ path: LOGOUT, seconds: LONG_S, status: { code: 503 } });
    await signOut(page);
    await holds("a sign-out that the server does not know of", /^1 0 1 0 0 0 0$/);
    await server.faults();
    await eventually("the server to be told", async () => !Object.keys(await entries(page)).length);
    await holds("nothing, once it knows", null);

    const { accessTokens, refreshTokens } = secretsOf(await run.traffic.complete());
    assert.ok(accessTokens.length >= 3 && refreshTokens.length >= 3);
    const secrets = [...partsOf(accessTokens), ...refreshTokens, ...claimsOf(accessTokens)];
    for (const places of stores) assert.deepEqual(leaks(places, secrets), []);
    assert.deepEqual((await context.storageState()).origins, [], "and no other storage");
  });

  test("where storage is denied the session works, and says once what is lost", async (t) => {
    const run = await open(t, { scripts: [denyStorage], expected: [printed(503), printed(401)] });
    const { page, server } = run;
    assert.equal(await renew(page), "done");
    missed(run, 1);
    await page.reload();
    assert.equal(await run.restore(), "active");
    missed(run, 2);

    await server.faults({ path: LOGOUT, requests: 2, status: { code: 503 } });
    await survived(run);
    await signOut(page);
    // An end is remembered as long as the page lives.
    await eventually("the server to be told", async () => (await server.trail("sign-out")).length === 1);
    await eventually("three sign-outs", () => run.logouts().length === 3);
    missed(run, 2);
    await page.reload();
    assert.equal(await run.restore(), "signed-out");
  });

  test("where storage is full the session works, and an end of before does not come back", async (t) => {
    const run = await open(t, { expected: [printed(503)] });
    const { page, server } = run;
    await server.faults({ path: LOGOUT, seconds: LONG_S, status: { code: 503 } });
    await signOut(page);
    await page.evaluate(fill, MEGABYTES);
    const name = `sessionkeeper:${server.address}/auth/refresh`;
    assert.equal((await entries(page))[name], "1 0 1 0 0 0 0");
    assert.deepEqual(run.ofType("facility-missing"), []);

    await run.signIn();
    assert.equal(await renew(page), "done");
    missed(run, 1);
    const logouts = run.logouts().length;
    await page.reload();
    assert.equal(await run.restore(), "active");
    assert.equal(run.logouts().length, logouts, "nobody ends the new session");
    await survived({ ...run, ofType: (type) => (type === "ended" ? [] : run.ofType(type)) });
  });

  test("what nobody wrote changes nothing", async (t) => {
    const run = await open(t);
    const { page, server } = run;
    const name = `sessionkeeper:${server.address}/auth/refresh`;
    for (const [what, text] of Object.entries(GARBAGE)) {
      await page.evaluate(([name, text]) => {
        session.dispose();
        localStorage.setItem(name, text);
      }, [name, text]);
      assert.equal(await run.restore(), "active", what);
      assert.match((await entries(page))[name], /^1 \d{13} 0 \d{13} 0 0 0$/, what);
    }
    assert.deepEqual(run.logouts(), []);
    assert.equal(new Set(keysOf(run.renewals())).size, Object.keys(GARBAGE).length);
    missed(run, 0);
    await survived(run);
  });
}
