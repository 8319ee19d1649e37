// Tabs to which things happen at random, while the server fails now and then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { eventually } from "../support/eventually.mjs";
import { agree, crash, freeze, goAway, hang, made, openTabs, ordinaryBrowser, reload, unharmed } from "../support/many-tabs.mjs";
import { keysOf, RENEWAL, startRenewal, UNANSWERED } from "../support/trouble.mjs";

const TABS = 7;
const LIFETIME_S = 8;
const SPAN_MS = 75_000;
const LONGEST_PAUSE_MS = 1200;
/** Longer than an attempt is waited for, but not than the 3 s that a page's last request is, which cannot tell. */
const LONGEST_DELAY_MS = 2500;
/** Long enough for the governor to let everybody try again. */
const RECOVERY_MS = 75_000;
/** Another one gives another course of things: the environment's, else by chance. */
const seed = Number(process.env.TABS_SEED || Date.now() % 2 ** 32);

/** Numbers from 0 to 1 that look random, the same for the same seed: mulberry32. */
function chance(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What may happen to a tab; each resolves to the page that is there in the end. `lengthMs` is from 1 to 5 s. */
const TROUBLES = {
  async reloads(run, page) {
    await takeUp(run, reload(run, page));
    return page;
  },

  async "is closed, and another opens"(run, page) {
    await page.close();
    return opened(run);
  },

  async "crashes, and another opens"(run, page) {
    await crash(run, page);
    await page.close();
    return opened(run);
  },

  async hangs(run, page, { lengthMs }) {
    await hang(page, lengthMs);
    await wait(lengthMs);
    return page;
  },

  async freezes(run, page, { lengthMs }) {
    await run.front.bringToFront();
    const resume = await freeze(run, page);
    await wait(lengthMs);
    await resume();
    return page;
  },

  async "goes away and comes back"(run, page, { lengthMs }) {
    await page.evaluate(() => (globalThis.isFirst = true));
    await goAway(page);
    await wait(lengthMs / 4);
    page.evaluate(() => history.back()).catch(() => {});
    await eventually("the page to be back", () => page.evaluate(() => !location.search && globalThis.persisted !== undefined).catch(() => false));
    if (await page.evaluate(() => globalThis.isFirst)) run.persisted++;
    else await takeUp(run, run.restore(page));
    return page;
  },

  async "reloads while it renews"(run, page, { delayMs, when }) {
    await run.server.faults({ requests: 1, delay: { ms: delayMs, when } });
    await startRenewal(page);
    // Of this tab, or of another whose turn it is.
    await run.struck();
    await takeUp(run, reload(run, page));
    await settled(run, page);
    return page;
  },

  async "comes to the front"(run, page) {
    await page.bringToFront();
    return page;
  },

  async "wants a renewal while the server fails"(run, page, { delayMs, when, failure }) {
    await run.server.faults({ requests: 1, ...[{ delay: { ms: delayMs, when } }, { drop: { when } }, { hang: { when } }][failure] });
    await startRenewal(page);
    await run.struck(1);
    await settled(run, page);
    return page;
  },
};
const OF_THE_SERVER = /renew/;
/** What is drawn from: the server has one trouble at a time, so that many of its draws count for nothing. */
const KINDS = Object.keys(TROUBLES).flatMap((what) => (OF_THE_SERVER.test(what) ? [what, what, what] : [what]));

/** Resolves when a renewal is through, and whatever the server held up has been let go. */
async function settled(run, page) {
  await eventually("the renewal to be through", () => page.evaluate(() => {
    const { renewing, failures } = session.snapshot();
    return !renewing && !failures;
  }));
  await run.server.faults();
}

/** Nobody is signed out; where the server fails, the session may not be there at once. */
async function takeUp(run, restoring) {
  const state = await restoring;
  assert.notEqual(state, "signed-out");
}

async function opened(run) {
  const page = await run.open();
  await takeUp(run, run.restore(page));
  return page;
}

/** What was done, sent, heard and written down, in order. */
async function history(run, course) {
  const lines = [
    ...course,
    ...run.traffic.at(RENEWAL).map(({ at, status, headers }) => [at, `sent ${headers["idempotency-key"].slice(0, 6)}, cookie ${headers.cookie?.slice(-6)}: ${status}`]),
    ...run.heard.map(({ at, type, detail }) => [at, `heard ${type} ${JSON.stringify(detail)}`]),
    ...(await run.server.trail()).map(({ at, kind, detail }) => [Date.parse(at), `server: ${kind} ${detail ?? ""}`]),
  ];
  return lines.sort(([one], [other]) => one - other).map((line) => line.join(" "));
}

export function troubles() {
  test("whatever happens to seven tabs, nobody is signed out", async (t) => {
    t.diagnostic(`TABS_SEED=${seed}`);
    const draw = chance(seed);
    const pick = (list) => list[Math.floor(draw() * list.length)];
    const ordinary = await ordinaryBrowser(t);
    const config = { refresh: { timeout: "2s" }, retry: { max: "2s" } };
    const run = await openTabs(ordinary.inside, ordinary.browser, { count: TABS, lifetimeS: LIFETIME_S, config, expected: [UNANSWERED] });
    run.front = await run.context.newPage();
    run.persisted = 0;
    await agree(run);

    const course = [];
    const count = {};
    const under = new Set();
    const busy = new Set();
    let failure;
    const until = Date.now() + SPAN_MS;
    while (Date.now() < until && !failure) {
      const what = pick(KINDS);
      const input = { lengthMs: 1000 + Math.floor(4000 * draw()), delayMs: 500 + Math.floor((LONGEST_DELAY_MS - 500) * draw()), when: pick(["before", "after"]), failure: Math.floor(3 * draw()) };
      const place = Math.floor(draw() * TABS);
      await wait(draw() * LONGEST_PAUSE_MS);
      const held = OF_THE_SERVER.test(what) ? [place, "server"] : [place];
      if (held.some((one) => busy.has(one))) continue;
      for (const one of held) busy.add(one);
      count[what] = (count[what] ?? 0) + 1;
      course.push([Date.now(), `tab ${place} ${what} ${JSON.stringify(input)}`]);
      const work = TROUBLES[what](run, run.pages[place], input)
        .then((page) => (run.pages[place] = page))
        .catch((error) => (failure ??= new Error(`tab ${place} ${what}: ${error.stack}`)))
        .finally(() => {
          for (const one of held) busy.delete(one);
          under.delete(work);
        });
      under.add(work);
    }
    await Promise.all(under);
    await run.server.faults();
    const renewals = await made(run);
    const repeated = renewals.filter(({ kind }) => kind === "renewal-repeated").length;
    t.diagnostic(JSON.stringify({ ...count, persisted: run.persisted, renewals: renewals.length - repeated, repeated, requests: run.renewals().length, keys: new Set(keysOf(run.renewals())).size }));
    try {
      if (failure) throw failure;
      await unharmed(run);
      await agree(run, { patienceMs: RECOVERY_MS });
      await unharmed(run);
    } catch (error) {
      throw new Error([`TABS_SEED=${seed}`, ...(await history(run, course))].join("\n"), { cause: error });
    }
  });
}
