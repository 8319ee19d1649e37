// <session-inspector> with real sessions: what it shows of faults, clocks, sleep, hidden pages and other tabs, what it
// exports, and that it does nothing when nobody sees it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { setDeviceClock } from "./support/device-clock.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { keepDeeds, offerSessions } from "./support/in-page.mjs";
import { inspect, offerInspectorPage } from "./support/inspected.mjs";
import { openStage } from "./support/stage.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A page with a session of the stage that is signed in, and its inspector. */
async function open(t, { config = {}, scripts = [], ...options } = {}) {
  const run = await openStage(t, browser, { ...options, scripts: [offerSessions, ...scripts] });
  const { page, stage } = run;
  offerInspectorPage(stage);
  stage.answers.set("/time", () => ({ status: 204 }));
  await page.goto(`${stage.address}/inspected`);
  await page.evaluate(async (config) => {
    globalThis.session = await signedIn("auth", config);
  }, config);
  await page.evaluate(inspect);
  return { ...run, rows: rowsOf(page), part: (name) => page.locator(`session-inspector [data-part=${name}]`) };
}

/** What the history shows, as `[type, text]`, the newest first. */
const rowsOf = (page) => () =>
  page.evaluate(() => [...inspector.shadowRoot.querySelectorAll(".row")].map((row) => [row.children[2].textContent, row.children[3].textContent]));
const typesOf = async (rows) => (await rows()).map(([type]) => type);
const shows = (rows, type) => eventually(async () => `${type} among ${await typesOf(rows)}`, async () => (await typesOf(rows)).includes(type));

suite("the inspector", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("shows a life: its state, renewals, the end and why", async (t) => {
    const { page, rows, part } = await open(t);
    await shows(rows, "started");
    assert.equal(await part("state").textContent(), "active");
    assert.match(await part("token").textContent(), /^1[45]:\d\d/);
    await page.evaluate(() => session.renew());
    await shows(rows, "renewed");
    const [[, told]] = (await rows()).filter(([type]) => type === "renewed");
    assert.match(told, /^Renewed in \d+ ms; the token lasts until \d\d:\d\d:\d\d$/);
    await page.evaluate(() => session.signOut());
    await shows(rows, "ended");
    await eventually("the end to be shown", async () => (await part("reason").textContent()) === "the user signed out");
    assert.equal(await part("state").textContent(), "signed-out");
    assert.equal(await part("renewal").textContent(), "–");
  });

  test("shows faults, and when the next attempt comes", async (t) => {
    const { page, stage, rows, part } = await open(t, { config: { retry: { base: "20s", max: "30s" } }, expected: [/status of 503/] });
    stage.answers.set("/auth/refresh", () => ({ status: 503 }));
    await page.evaluate(() => session.renew().catch(() => {}));
    await shows(rows, "renewal-failed");
    await eventually("a failure to be counted", async () => (await part("failures").textContent()) === "1");
    const { retryAt } = await page.evaluate(() => session.history().at(-1).detail);
    if (retryAt > Date.now() + 2000) assert.match(await part("retry").textContent(), /^0:\d\d/);
    const [[, told]] = (await rows()).filter(([type]) => type === "renewal-failed");
    assert.match(told, /^Attempt 1 failed: the server failed; next in /);
  });

  test("goes on as if a clock that is set had not been", async (t) => {
    const { page, rows } = await open(t, { scripts: [setDeviceClock], config: { clock: { timeUrl: "/time" } } });
    const jump = async (change) => {
      const before = await page.evaluate(() => session.history().filter(({ type }) => type === "clock-jump").length);
      await page.evaluate(change);
      await page.evaluate(() => dispatchEvent(new Event("focus")));
      await eventually("the jump to be noticed", () => page.evaluate((before) => session.history().filter(({ type }) => type === "clock-jump").length > before, before));
    };
    await jump(() => (deviceClock.wallMs -= 3_600_000));
    await shows(rows, "clock-jump");
    await eventually("the clock to be said to be set back", async () => (await rows()).some(([, text]) => /^The clock was set back by (1 h|59 min 59 s)$/.test(text)));
    // What is shown is a few seconds of time, whatever the clock said.
    await page.evaluate(() => session.renew());
    await shows(rows, "renewed");
    const summary = await page.evaluate(() => inspector.shadowRoot.querySelector("#summary").textContent);
    assert.match(summary, /1 start, 1 renewal by this tab, 1 time the clock was set/);
    await jump(() => (deviceClock.wallMs += 3_600_000));
    await eventually("the other jump", async () => (await rows()).some(([, text]) => /set forward by/.test(text)));
    const all = await page.evaluate(() => inspector.shadowRoot.querySelector("#summary").textContent);
    assert.match(all, /1 start, 1 renewal by this tab, 2 times the clock was set/, "nothing has left the window");
  });

  test("shows a night's sleep, and the renewal after it", async (t) => {
    let sleptMs = 0;
    const { page, rows } = await open(t, { scripts: [setDeviceClock], config: { clock: { timeUrl: "/time" } }, now: () => Date.now() + sleptMs });
    await shows(rows, "started");
    sleptMs = 8 * 3_600_000;
    await page.evaluate((ms) => {
      deviceClock.wallMs += ms;
      dispatchEvent(new Event("focus"));
    }, sleptMs);
    await eventually("the sleep to be told", async () => (await rows()).some(([, text]) => /^The device slept for (8 h|7 h 59 min)$/.test(text)));
    await shows(rows, "renewed");
    await page.getByRole("button", { name: "24 h" }).click();
    await eventually("all of it in sight", async () => /^1 d from .*1 start, 1 renewal by this tab, 1 sleep/.test(await page.evaluate(() => inspector.shadowRoot.querySelector("#summary").textContent)));
  });

  test("shows an idle warning, its answer, a step-up, and the end for want of a user", async (t) => {
    const { page, rows, part } = await open(t, { config: { idle: { timeout: "4s", warning: "3s", essential: true } } });
    await shows(rows, "idle-warning");
    assert.match(await part("idle").textContent(), /^0:0\d/);
    await page.evaluate(() => {
      session.extend();
      session.requireStepUp({ acrValues: ["aal2"], maxAge: "5m" });
    });
    await shows(rows, "idle-extended");
    await eventually("the step-up", async () => (await rows()).some(([, text]) => text === "Step-up wanted: acr aal2, no older than 5 min"));
    await eventually("the end", async () => (await part("reason").textContent()) === "nobody used it");
  });

  test("sees other tabs and their renewals", async (t) => {
    const { context, page, stage, rows, part } = await open(t);
    const other = await context.newPage();
    await other.goto(stage.address);
    await other.evaluate(async () => {
      globalThis.session = await newSession("auth");
      await session.restore();
    });
    await eventually("two tabs", async () => (await part("tabs").textContent()) === "2");
    await other.evaluate(() => session.renew());
    await eventually("a renewal by the other", async () => (await rows()).some(([, text]) => text.startsWith("Renewed by another tab")));
    assert.ok((await typesOf(rows)).includes("tabs"));
  });

  test("sees the page hidden, and the device offline", async (t) => {
    const { page, context, rows } = await open(t);
    await shows(rows, "started");
    const turn = (hidden) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
        Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (hidden ? "hidden" : "visible") });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await turn(true);
    await turn(false);
    await shows(rows, "page-shown");
    await context.setOffline(true);
    await shows(rows, "offline");
    await context.setOffline(false);
    await shows(rows, "online");
    assert.deepEqual((await typesOf(rows)).slice(0, 4), ["online", "offline", "page-shown", "page-hidden"]);
  });

  test("exports a file without token or claims", async (t) => {
    const { page, part } = await open(t);
    const MARK = /eyJ[\w-]{10}/;
    await page.evaluate(() => session.renew());
    const [download] = await Promise.all([page.waitForEvent("download"), part("export").click()]);
    assert.match(download.suggestedFilename(), /^sessionkeeper-[\dT-]+\.json$/);
    const text = await readFile(await download.path(), "utf8");
    const file = JSON.parse(text);
    assert.deepEqual(Object.keys(file), ["format", "version", "exportedAt", "snapshot", "metrics", "history", "recording"]);
    assert.deepEqual([file.format, file.version], ["sessionkeeper-inspection", 1]);
    assert.deepEqual(file.history.map(({ type, sequence }) => [type, sequence]), [["started", 0], ["renewed", 1]]);
    assert.equal(file.snapshot.state, "active");
    assert.equal("claims" in file.snapshot, false);
    assert.equal(file.metrics.renewals.succeeded, 1);
    const token = await page.evaluate(() => session.accessToken());
    const shown = await page.evaluate(() => inspector.shadowRoot.textContent + inspector.shadowRoot.innerHTML);
    for (const part of token.split(".")) for (const place of [text, shown]) assert.ok(!place.includes(part));
    assert.doesNotMatch(text, MARK);
    const [claims, recording] = await page.evaluate(() => [inspector.export({ claims: true }).snapshot.claims, session.recording()]);
    assert.ok(claims.exp > 0);
    if (recording.length) assert.deepEqual(file.recording, recording.slice(0, file.recording.length));
    else assert.equal(file.recording, null);
  });

  test("of a session that was given up, another, none, and the promise of one", async (t) => {
    const { page, rows, part } = await open(t);
    await shows(rows, "started");
    await page.evaluate(() => session.dispose());
    await shows(rows, "disposed");
    await eventually("nobody to be signed in", async () => (await part("state").textContent()) === "signed-out");
    const waiting = await page.evaluate(() => {
      inspector.session = signedIn("other");
      return inspector.shadowRoot.querySelector("[data-part=state]").textContent;
    });
    assert.equal(waiting, "waiting for the session");
    await eventually("the other to be shown", async () => (await part("state").textContent()) === "active");
    await eventually("its rows, and no others", async () => (await typesOf(rows)).sort().join() === "inspected,started");
    await page.evaluate(() => (inspector.session = null));
    await eventually("nothing to be shown", async () => (await rows()).length === 0);
    assert.equal(await part("state").textContent(), "no session given");
    assert.equal(await page.evaluate(() => inspector.export().snapshot), null);
    await page.evaluate(() => {
      inspector.session = newSession("auth", { renewl: 1 });
    });
    await eventually("the failure to be shown", async () => /ERR_CONFIG/.test(await part("state").textContent()));
    // A slip, such as a promise whose last step returns nothing, is told, and is no harm to what comes after it.
    const told = await page.evaluate(async () => {
      const texts = [];
      for (const slip of [Promise.resolve(), Promise.resolve(null), {}, "session"]) {
        inspector.session = slip;
        await Promise.resolve();
        texts.push(inspector.shadowRoot.querySelector("[data-part=state]").textContent);
      }
      inspector.session = signedIn("other");
      return texts;
    });
    assert.deepEqual(told, Array(4).fill("what was given is no session"));
    await eventually("a session again", async () => (await part("state").textContent()) === "active");
  });

  test("takes up what was set before the element was defined, and exports without being shown", async (t) => {
    const { page, part, rows } = await open(t);
    await shows(rows, "started");
    const early = await page.evaluate(async () => {
      inspector.remove();
      const { defineInspector } = await import("/pkg/inspector.js");
      globalThis.early = document.createElement("early-inspector");
      early.session = session;
      document.querySelector("main").append(early);
      const [first, again] = [defineInspector("early-inspector"), defineInspector("early-inspector")];
      const loose = new (defineInspector())();
      loose.session = session;
      return { isOne: first === again, session: early.session === session, types: loose.export().history.map(({ type }) => type) };
    });
    assert.deepEqual(early, { isOne: true, session: true, types: ["started"] });
    await page.locator("early-inspector .row").first().waitFor();
    assert.equal(await page.locator("early-inspector [data-part=state]").textContent(), "active");
    assert.equal(await part("state").count(), 0);
  });

  test("two at once show the same, and one that is taken away does nothing more", async (t) => {
    const { page, rows } = await open(t, { scripts: [keepDeeds] });
    await shows(rows, "started");
    await page.evaluate(() => {
      globalThis.second = document.createElement("session-inspector");
      second.session = session;
      document.querySelector("main").prepend(second);
    });
    const counts = () => page.evaluate(() => [inspector, second].map(({ shadowRoot }) => shadowRoot.querySelector(".count").textContent));
    await eventually("both to show it", async () => (await counts()).every((count) => count === "2 rows"));
    const others = await page.evaluate(() => {
      globalThis.listening = () => inForce().filter((each) => /visibilitychange/.test(each)).length;
      const before = listening();
      inspector.remove();
      second.remove();
      return before - listening();
    });
    assert.ok(others >= 4, "each had two listeners of its own");
    await page.evaluate(() => session.renew());
    // Two frames, if any were asked for.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const deeds = await page.evaluate(() => {
      deeds.length = 0;
      return new Promise((done) => setTimeout(() => done([...deeds]), 1500));
    });
    assert.deepEqual(deeds.filter((deed) => deed === "requestAnimationFrame"), [], "nothing is drawn");
    assert.deepEqual(await counts(), ["2 rows", "2 rows"]);
    // Back again, it knows what it has missed.
    await page.evaluate(() => document.querySelector("main").append(inspector));
    await shows(rows, "renewed");
  });

  test("does nothing while nobody sees it, and loses nothing", async (t) => {
    const { page, rows } = await open(t, { scripts: [keepDeeds] });
    await shows(rows, "started");
    await page.evaluate(() => {
      inspector.style.marginTop = "9000px";
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    });
    const seen = () => page.evaluate(() => deeds.filter((deed) => deed === "requestAnimationFrame").length);
    await eventually("the drawing to end", async () => {
      const before = await seen();
      await page.evaluate(() => new Promise((done) => setTimeout(done, 1200)));
      return (await seen()) === before;
    });
    await page.evaluate(() => session.renew());
    assert.deepEqual(await page.evaluate(() => inspector.export().history.map(({ type }) => type)), ["started", "renewed"]);
    await page.evaluate(() => (inspector.style.marginTop = ""));
    await shows(rows, "renewed");
  });
});
