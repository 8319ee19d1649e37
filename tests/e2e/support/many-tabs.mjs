// Tabs that share a session with the sample server, what can happen to a tab, and what has to hold of all of them.

import assert from "node:assert/strict";
import { newSession, openBare } from "./bare-page.mjs";
import { startOrdinaryBrowser } from "./browser.mjs";
import { PATIENCE_MS } from "./environment.mjs";
import { eventually } from "./eventually.mjs";
import { noAlarm, openTroubled } from "./trouble.mjs";

/** Runs in a page before its own scripts: whether the back/forward cache had it. */
function noteReturn() {
  addEventListener("pageshow", ({ persisted }) => (globalThis.persisted = persisted));
}

/**
 * So many tabs of one profile that are signed in with a server of their own; the options are those of `openTroubled`,
 * too. `pages` are the tabs; `add()` opens one more, which takes the session up; `drop(page)` forgets one.
 */
export async function openTabs(t, browser, { count = 3, scripts = [], ...options } = {}) {
  const run = await openTroubled(t, browser, { scripts: [noteReturn, ...scripts], ...options });
  const pages = [run.page];
  const tabs = {
    ...run,
    pages,

    async open() {
      const page = await run.context.newPage();
      await openBare(page, run.server.address);
      return page;
    },

    async add() {
      const page = await tabs.open();
      pages.push(page);
      assert.equal(await run.restore(page), "active");
      return page;
    },

    drop: (page) => pages.splice(pages.indexOf(page), 1),

    /** Makes a page's session and asks for nothing. */
    enter: (page, config = options.config) => newSession(page, config),
  };
  while (pages.length < count) await tabs.add();
  return tabs;
}

/** Chromium as a user has it, for one test: the tabs behind another are hidden, and can be frozen. */
export async function ordinaryBrowser(t) {
  const browser = await startOrdinaryBrowser();
  // After what the test opens in it.
  const closing = [];
  t.after(async () => {
    try {
      for (const close of closing) await close();
    } finally {
      await browser.close();
    }
  });
  return { browser, inside: { after: (close) => closing.push(close) } };
}

/** What a page's session has to say; its token is not renewed for that. */
export const look = (page) =>
  page.evaluate(async () => {
    const token = await session.accessToken({ minValidity: 0 }).catch(({ code }) => code);
    const { state, reason, tabs, claims } = session.snapshot();
    return { token, state, reason, tabs, sub: claims?.sub };
  });

/** Every tab gets to hold one and the same token, which the API takes, and to see the others; resolves to it. */
export async function agree(run, { pages = run.pages, patienceMs = PATIENCE_MS, tabs = pages.length } = {}) {
  let seen;
  const shown = () => JSON.stringify(seen?.map(({ token, ...rest }) => ({ ...rest, token: token.slice(-8) })));
  await eventually(() => `all tabs to agree, they say ${shown()}`, async () => {
    seen = await Promise.all(pages.map(look));
    return seen.every((each) => each.state === "active" && each.token === seen[0].token && each.tabs === tabs);
  }, patienceMs);
  const [{ token }] = seen;
  const answer = await fetch(`${run.server.address}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200, "the API takes the token");
  return token;
}

/** Nobody was signed out, and nobody was taken for a thief. */
export async function unharmed(run) {
  assert.deepEqual(run.ofType("ended"), []);
  assert.deepEqual(await run.server.trail("session-ended"), []);
  await noAlarm(run.server);
}

/** The renewals that the server made, or made again. */
export const made = async ({ server }) => (await server.trail()).filter(({ kind }) => /^renewal(-repeated)?$/.test(kind));

/** Kills the process of a page. */
export async function crash({ context }, page) {
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  // A page that is no more gives no answer.
  session.send("Page.crash").catch(() => {});
  await crashed;
}

/** Freezes a hidden page; resolves to what resumes it. */
export async function freeze({ context }, page) {
  const session = await context.newCDPSession(page);
  await page.evaluate(() => {
    globalThis.isFrozen = false;
    document.addEventListener("freeze", () => (globalThis.isFrozen = true), { once: true });
  });
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await eventually("the page to be frozen", () => page.evaluate(() => isFrozen));
  return async () => {
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await session.detach();
  };
}

/** Lets a page's only thread do nothing else for a while; resolves when that begins. */
export async function hang(page, forMs) {
  await page.evaluate((forMs) => {
    setTimeout(() => {
      const until = Date.now() + forMs;
      while (Date.now() < until);
    });
  }, forMs);
}

/** Navigates away from a page. */
export const goAway = (page) => page.goto(`${new URL(page.url()).origin}/favicon.svg?away`);

/** Goes back to a page that the back/forward cache has kept. */
export async function comeBack(page) {
  // Whoever asks the page while it comes back gets no answer.
  page.evaluate(() => history.back()).catch(() => {});
  await eventually("the page to come back from the back/forward cache", () => page.evaluate(() => globalThis.persisted).catch(() => false));
}

/** Reloads a page, or loads one after its crash, and takes its session up; resolves to the state that this led to. */
export async function reload(run, page) {
  await page.reload();
  return run.restore(page);
}

/** Lets every page do this at the same time. */
export const each = (pages, use, input) => Promise.all(pages.map((page) => page.evaluate(use, input)));
