// The server's word that a session is over, heard at once in every tab over one connection.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { logIn } from "./support/bare-page.mjs";
import { startBrowser } from "./support/browser.mjs";
import { startChromium } from "./support/chromium.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { startEventStreams } from "./support/event-streams.mjs";
import { eventually } from "./support/eventually.mjs";
import { startFirefox } from "./support/firefox.mjs";
import { offerSessions } from "./support/in-page.mjs";
import { agree, comeBack, crash, goAway, openTabs } from "./support/many-tabs.mjs";
import { ADA } from "./support/sample-page.mjs";
import { openStage, startStage } from "./support/stage.mjs";
import { noAlarm, printed } from "./support/trouble.mjs";

const EVENTS = "/auth/events";
const config = { revocation: { eventsUrl: EVENTS } };
const CSP = "default-src 'none'; img-src data:; connect-src *; script-src 'self' 'wasm-unsafe-eval'";
const REVOKED = { reason: "revoked", by: "server" };
/** That of the stage's tokens. */
const SID = "session-1";

let chromium;
before(async () => {
  chromium = await startBrowser({ hasCache: true });
});
after(() => chromium?.close());

const ends = (run, page) => run.heardIn(page).filter(({ type }) => type === "ended").map(({ detail }) => detail);

/** Every one of the pages is told once that the session was revoked, and has nothing left of it. */
async function allRevoked(run, pages = run.pages) {
  for (const page of pages) {
    await eventually("the end", () => ends(run, page).length);
    assert.deepEqual(ends(run, page), [REVOKED]);
    const found = await page.evaluate(async () => {
      const { state, reason, claims } = session.snapshot();
      return { state, reason, claims, call: await session.accessToken().catch(({ code }) => code) };
    });
    assert.deepEqual(found, { state: "signed-out", reason: "revoked", claims: null, call: "ERR_SIGNED_OUT" });
  }
}

async function signInAgain(page) {
  await logIn(page);
  await page.evaluate(() => session.begin(answer));
}

/** A stage with so many signed-in pages that listen to streams of another origin. */
async function openListening(t, { count = 1, scripts = [], answers = {}, ...options } = {}) {
  const streams = await startEventStreams(t);
  const visit = await openStage(t, chromium, { csp: CSP, scripts: [offerSessions, ...scripts], ...options });
  for (const [path, answer] of Object.entries(answers)) visit.stage.answers.set(path, answer);
  const config = { revocation: { eventsUrl: streams.url, credentials: "include" } };
  const run = {
    ...visit,
    streams,
    pages: [visit.page],

    /** One more page, which takes the session up. */
    async add() {
      const page = await visit.context.newPage();
      await page.goto(visit.stage.address);
      const state = await page.evaluate(async (config) => {
        globalThis.session = await newSession("auth", config);
        return session.restore();
      }, config);
      assert.equal(state, "active");
      run.pages.push(page);
      return page;
    },

    /** Resolves when so many streams are open. */
    listening: (streamCount = 1) => eventually(() => `${streamCount} streams, there are ${streams.open.size}`, () => streams.open.size === streamCount),
  };
  await visit.page.evaluate(async (config) => {
    globalThis.session = await signedIn("auth", config);
  }, config);
  while (run.pages.length < count) await run.add();
  await run.listening();
  return run;
}

/** Which of the pages holds the lock of those who listen. */
async function holder(pages) {
  const held = await Promise.all(pages.map((page) => page.evaluate(async () => {
    const { held } = await navigator.locks.query();
    const { clientId } = held.find(({ name }) => name.endsWith("/listening"));
    const own = await navigator.locks.request(`own ${Math.random()}`, async ({ name }) =>
      (await navigator.locks.query()).held.find((lock) => lock.name === name).clientId);
    return clientId === own;
  })));
  return pages[held.indexOf(true)];
}

suite("revocation", { concurrency: 3, timeout: TEST_LIMIT_MS }, () => {
  test("an operator's command ends the session in every tab, and nothing is asked of the server for it", async (t) => {
    const run = await openTabs(t, chromium, { count: 3, lifetimeS: 60, config });
    const [{ claims }] = await Promise.all(run.pages.map((page) => page.evaluate(() => session.snapshot())));
    await agree(run);
    await eventually("the stream", () => run.traffic.at(EVENTS)[0]?.status === 200);
    await run.server.operate("end", `--session=${claims.sid}`);
    await allRevoked(run);
    assert.equal(run.traffic.at(EVENTS).length, 1, "one connection for three tabs");
    assert.deepEqual([run.renewals(), run.logouts()], [[], []]);
    assert.equal(await run.page.evaluate(() => Object.keys(localStorage).length), 0, "nothing is left to remember");
    await noAlarm(run.server);
  });

  test("a user who ends the session elsewhere ends it here, and their other sessions stand", async (t) => {
    const run = await openTabs(t, chromium, { count: 2, lifetimeS: 60, config });
    await eventually("the stream", () => run.traffic.at(EVENTS)[0]?.status === 200);
    const { sid } = await run.page.evaluate(() => session.snapshot().claims);
    const headers = { "content-type": "application/json", "x-csrf": "1" };
    const body = JSON.stringify({ username: ADA.name, password: ADA.password });
    const elsewhere = await (await fetch(`${run.server.address}/auth/login`, { method: "POST", headers, body })).json();
    const authorization = `Bearer ${elsewhere.access_token}`;
    const ended = await fetch(`${run.server.address}/auth/sessions/${sid}`, { method: "DELETE", headers: { ...headers, authorization } });
    assert.equal(ended.status, 204);
    await allRevoked(run);
    assert.equal((await fetch(`${run.server.address}/api/me`, { headers: { authorization } })).status, 200);

    // Whoever signs in again is listened for again.
    await signInAgain(run.page);
    await eventually("another stream", () => run.traffic.at(EVENTS).filter(({ status }) => status === 200).length === 2);
    await run.server.operate("end", "--user", ADA.name);
    for (const page of run.pages) await eventually("the end", () => ends(run, page).length === 2);
  });

  test("another sign-in in the same browser is not ended by the end of the one before", async (t) => {
    const run = await openTabs(t, chromium, { count: 2, lifetimeS: 60, config });
    await eventually("the stream", () => run.traffic.at(EVENTS)[0]?.status === 200);
    const before = await run.page.evaluate(() => session.snapshot().claims.sid);
    await signInAgain(run.page);
    await agree(run);
    const sids = () => Promise.all(run.pages.map((page) => page.evaluate(() => session.snapshot().claims?.sid)));
    const [sid, other] = await sids();
    assert.ok(sid !== before && sid === other, `${before}, ${sid}, ${other}`);
    await run.server.operate("end", `--session=${sid}`);
    for (const page of run.pages) await eventually("the end", () => page.evaluate(() => session.snapshot().reason === "revoked"));
  });

  test("one tab listens for all, and another takes over when that one closes, crashes, or leaves", async (t) => {
    const run = await openListening(t, { count: 4 });
    assert.equal(run.streams.asked.length, 1);
    let asked = 1;
    for (const go of [(page) => page.close(), (page) => crash(run, page), (page) => page.goto(`${run.stage.address}/?away`)]) {
      const page = await holder(run.pages);
      run.pages.splice(run.pages.indexOf(page), 1);
      const [before] = run.streams.open;
      await go(page);
      await eventually("another stream", () => run.streams.open.size === 1 && !run.streams.open.has(before));
      assert.equal(run.streams.asked.length, ++asked);
    }
    run.streams.say(SID);
    await allRevoked(run);
    await run.listening(0);
  });

  test("an event for another session changes nothing, and one for nobody ends the one whose stream it is", async (t) => {
    const run = await openListening(t, { count: 2 });
    for (const foreign of ["session-2", "SESSION-1", '{"sid":"session-2"}', "7"]) run.streams.say(foreign);
    run.streams.say(SID, "another");
    run.streams.say(SID, "message");
    await run.page.evaluate(() => session.renew());
    assert.deepEqual(run.ofType("ended"), []);
    run.streams.say(`{"sid":"${SID}"}`);
    await allRevoked(run);

    const second = await openListening(t);
    second.streams.say("");
    await allRevoked(second);
    const body = '{"access_token":"opaque","expires_in":300}';
    const opaque = await openListening(t, { answers: { "/auth/login": () => ({ headers: { "content-type": "application/json" }, body }) } });
    opaque.streams.say("whichever");
    await allRevoked(opaque);
  });

  test("nothing is asked while nobody is signed in, nor after the session object is given up", async (t) => {
    const run = await openListening(t, { expected: [printed(401)] });
    await run.page.evaluate(() => session.signOut());
    await run.listening(0);
    await run.page.evaluate(async () => session.begin(await fetch("/auth/login", { method: "POST" })));
    await run.listening();
    await run.page.evaluate(() => session.dispose());
    await run.listening(0);
    assert.equal(run.streams.asked.length, 2);
    await run.page.evaluate(async (eventsUrl) => {
      globalThis.session = await newSession("other", { revocation: { eventsUrl } });
      await session.restore();
    }, run.streams.url);
    assert.equal(run.streams.asked.length, 2);
  });

  test("a stream that is dropped comes back as soon as it said, and a refused one takes nothing from the session", async (t) => {
    const run = await openListening(t, { expected: [printed(401), printed(503), /ERR_/] });
    run.streams.answers.push("retry: 1200\n\n", "retry: 1200\n\n");
    run.streams.drop();
    await eventually("the next", () => run.streams.asked.length === 2);
    await run.listening();
    const dropped = performance.now();
    run.streams.answers[0] = 401;
    await run.page.evaluate(() => dispatchEvent(new Event("online")));
    assert.equal(run.streams.asked.length, 2, "one that is open stays");
    run.streams.drop();
    await eventually("the refusal", () => run.streams.asked.length === 3);
    assert.ok(run.streams.asked[2].at - dropped >= 1200, `${run.streams.asked[2].at - dropped}`);
    assert.equal(await run.page.evaluate(() => session.renew().then(() => session.state)), "active");
    await run.page.evaluate(() => dispatchEvent(new Event("online")));
    await run.listening();
    run.streams.say(SID);
    await allRevoked(run);
  });

  test("without locks each tab listens for itself, and without EventSource the session says what is lost", async (t) => {
    const withoutLocks = () => Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
    const run = await openListening(t, { scripts: [withoutLocks] });
    await run.add();
    await run.listening(2);
    run.streams.say(SID);
    await allRevoked(run);

    const bare = await openStage(t, chromium, { scripts: [offerSessions, () => delete globalThis.EventSource] });
    await bare.page.evaluate(async () => {
      globalThis.session = await signedIn("auth", { revocation: { eventsUrl: "/events" } });
    });
    const [{ detail }] = await bare.hear("facility-missing");
    assert.equal(detail.missing, "event-source");
    assert.match(detail.effect, /^[A-Z].{20,}\.$/);
    await bare.page.evaluate(() => session.renew());
    assert.equal(bare.ofType("facility-missing").length, 1);
  });

  test("a tab that comes back from the cache after the end finds the server's word, of a sibling", async (t) => {
    const run = await openTabs(t, chromium, { count: 2, lifetimeS: 60, config });
    await eventually("the stream", () => run.traffic.at(EVENTS)[0]?.status === 200);
    const [cached, other] = run.pages;
    await goAway(cached);
    await eventually("it to be gone", () => other.evaluate(() => session.snapshot().tabs === 1));
    await eventually("the other to listen", () => run.traffic.at(EVENTS).filter(({ status }) => status === 200).length === 2);
    await run.server.operate("end", "--user", ADA.name);
    await allRevoked(run, [other]);
    await comeBack(cached);
    await allRevoked(run, [cached]);
    assert.deepEqual([run.renewals(), run.logouts()], [[], []]);
  });

  for (const start of [startFirefox, startChromium]) {
    test(`two tabs of an ordinary browser, ${start.name.slice(5)}, hear of it over one connection`, async (t) => {
      const browser = await start();
      t.after(() => browser.close());
      const streams = await startEventStreams(t);
      const stage = await startStage(t, { csp: CSP });
      const pages = [];
      for (const use of ["begin", "restore"]) {
        const page = await browser.open(stage.address);
        await page.evaluate(async ({ use, eventsUrl }) => {
          const { createSession } = await import("/pkg/index.js");
          globalThis.ends = [];
          globalThis.session = await createSession({ refresh: "/auth/refresh", revocation: { eventsUrl, credentials: "include" } });
          session.on("ended", ({ detail }) => ends.push(detail));
          await (use === "begin" ? session.begin(await fetch("/auth/login", { method: "POST" })) : session.restore());
        }, { use, eventsUrl: streams.url });
        pages.push(page);
        await eventually("a stream", () => streams.open.size === 1);
      }
      await eventually("the tabs to see each other", () => pages[0].evaluate(() => session.snapshot().tabs === 2));
      assert.equal(streams.asked.length, 1);
      const [first, second] = pages;
      await first.close();
      await eventually("the other to listen", () => streams.asked.length === 2 && streams.open.size === 1);
      streams.say(SID);
      await eventually("the end", () => second.evaluate(() => ends.length));
      assert.deepEqual(await second.evaluate(() => [session.state, ...ends]), ["signed-out", REVOKED]);
      await eventually("the stream to be closed", () => streams.open.size === 0);
    });
  }
});
