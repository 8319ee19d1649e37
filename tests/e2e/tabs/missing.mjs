// What browsers lack, and what strangers say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { keepMemories } from "../support/in-page.mjs";
import { agree, each, look, openTabs, unharmed } from "../support/many-tabs.mjs";
import { noAlarm, printed, renew } from "../support/trouble.mjs";

/** So long that nobody renews of his own accord while a stranger talks. */
const LONG_S = 40;

/** Each runs in a page before its own scripts. */
const withoutLocks = () => Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
const withoutChannels = () => {
  delete globalThis.BroadcastChannel;
};
/** As browsers do it for some frames and users. */
const deniedLocks = () => {
  const denied = () => Promise.reject(new DOMException("Access to the Locks API is denied in this context.", "SecurityError"));
  if (navigator.locks) Object.assign(Object.getPrototypeOf(navigator.locks), { request: denied, query: denied });
};
/** As a browser does it in which something broke. */
const deafLocks = () => {
  const deaf = () => new Promise(() => {});
  if (navigator.locks) Object.assign(Object.getPrototypeOf(navigator.locks), { request: deaf, query: deaf });
};
const LACKING = {
  "locks": { scripts: [withoutLocks], missing: ["locks"] },
  "permission for locks": { scripts: [deniedLocks], missing: ["locks"] },
  "channels": { scripts: [withoutChannels], missing: ["broadcast-channel"] },
  "both": { scripts: [withoutLocks, withoutChannels], missing: ["broadcast-channel", "locks"] },
};

/** Says on the session's channel, and takes as names of locks, what no tab would. Runs in the page of a stranger. */
async function babble([name, at]) {
  globalThis.channel = new BroadcastChannel(name);
  const numbers = (...values) => Float64Array.from(values);
  const HUGE = [Infinity, -Infinity, NaN, Number.MAX_VALUE, -1, 2 ** 53, 0.5, 2 ** 32];
  const messages = [
    null, "text", 7, [], {}, [1, 2], [[1, 2, 3]], [new Uint8Array(64), "token"], [numbers(), "token"], [numbers(1), {}],
    [new Float64Array(1 << 22), undefined], [numbers(1, 2, 2, at, 0, 0), "token"],
    [numbers(1, 7, 1, at, at, 7, 1, at, at + 60_000, 60_000, at, 0, 0, 0, 0), "x".repeat(1 << 22)],
    // Another version, and kinds that there are not.
    ...[0, 2, 99].map((version) => [numbers(version, 7, 2, at, 0, 1), undefined]),
    ...[6, 7, -1, 2.5].map((kind) => [numbers(1, 7, kind, at, 0, 1), undefined]),
    // An end and a grant with a number too few, and one too many.
    [numbers(1, 7, 2, at, 0), undefined], [numbers(1, 7, 2, at, 0, 0, 0), undefined],
    [numbers(1, 7, 1, at, 9, 7, 1, at, at), "token"],
    // Of every kind, each number in turn out of its range.
    ...[[1, 7, 0, at, 1], [1, 7, 1, at, 9, 7, 1, at, at + 60_000, 60_000, at, 0, 0, 0, 0], [1, 7, 2, at, 0, 0], [1, 7, 3, 1, 2, 3, 4], [1, 7, 4, 1, at], [1, 7, 5]]
      .flatMap((known) => known.flatMap((_, place) => HUGE.map((value) => [numbers(...known.with(place, value)), undefined])))
      // Some are in range of some numbers.
      .filter(([given]) => !given.every((value) => Number.isSafeInteger(value))),
  ];
  for (const message of messages) channel.postMessage(message);
  for (const other of [`${name}2`, "sessionkeeper:default", name.slice(0, -1)]) {
    new BroadcastChannel(other).postMessage([numbers(1, 7, 2, at, 0, 0), undefined]);
  }
  const names = [
    "#", "#1 2 3", "#NaN 0 0 0 0 0", "#2 1 0 0 0 0", `#1 ${Number.MAX_VALUE} 0 0 0 0`, "#1 -1 0 0 0 0", `#1 ${at} 4294967296 0 0 0`, `#1 ${at} 0 0 5 8640000000000001`,
    "@", "@-1", "@1.5", "@4294967296", "@text", "/", "/turn2", "@1 2",
  ].map((suffix) => name + suffix);
  for (const other of [`${name}2`, `x${name}`]) for (const suffix of ["@5", "/turn", "/next", `#1 ${at} 9 9 0 0`]) names.push(other + suffix);
  for (const each of names) await new Promise((granted) => navigator.locks.request(each, () => new Promise(() => granted())));
  return { messages: messages.length, names: names.length };
}

export function missing(browser) {
  for (const [what, { scripts, missing }] of Object.entries(LACKING)) {
    test(`without ${what} the session works, and says what is lost`, async (t) => {
      const run = await openTabs(t, browser(), { count: 1, scripts, expected: missing.includes("broadcast-channel") ? [printed(401)] : [] });
      const { page } = run;
      assert.equal(await renew(page), "done");
      await run.hear("renewed", 2);
      await unharmed(run);
      assert.deepEqual(run.ofType("facility-missing").map(({ detail }) => detail.missing).sort(), missing);
      const before = run.renewals().length;
      // One that is opened beside it has a token too, however it came to it.
      const other = await run.open();
      assert.equal(await run.restore(other), "active");
      assert.equal((await look(other)).state, "active");
      t.diagnostic(`without ${what}: a tab that is opened beside another makes ${run.renewals().length - before} requests`);
      await unharmed(run);
      await page.evaluate(() => session.signOut());
      assert.equal(await page.evaluate(() => session.accessToken().catch(({ code }) => code)), "ERR_SIGNED_OUT");
      assert.deepEqual(run.ofType("facility-missing").map(({ detail }) => detail.missing).sort(), [...missing, ...missing].sort(), "once in each page");
      for (const { detail } of run.ofType("facility-missing")) assert.match(detail.effect, /^[A-Z].{20,}\.$/);
      await eventually("the end in the other tab", async () => (await renew(other)) === "ERR_SIGNED_OUT");
      assert.equal((await run.server.trail("sign-out")).length >= 1, true);
      await noAlarm(run.server);
    });
  }

  test("locks that do not answer are done without after a while", async (t) => {
    const config = { refresh: { timeout: "2s" } };
    const run = await openTabs(t, browser(), { count: 1, scripts: [deafLocks], config });
    assert.equal(await renew(run.page), "done");
    assert.deepEqual(run.ofType("facility-missing").map(({ detail }) => detail.missing), ["locks"]);
    const before = Date.now();
    assert.equal(await renew(run.page), "done");
    assert.ok(Date.now() - before < 2000, "nor is the next renewal held up");
    await unharmed(run);
  });

  test("what strangers say on the channel, and in the names of locks, changes nothing", async (t) => {
    const run = await openTabs(t, browser(), { count: 3, lifetimeS: LONG_S, scripts: [keepMemories] });
    const stranger = await run.open();
    const bytes = () => run.page.evaluate(() => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0));
    const bytesBefore = await bytes();
    const before = await agree(run);
    const events = run.heard.length;
    const name = `sessionkeeper:${run.server.address}/auth/refresh`;
    await each(run.pages, (name) => {
      globalThis.overheard = 0;
      new BroadcastChannel(name).onmessage = ({ data }) => {
        overheard++;
        if (data === "over") globalThis.isOver = true;
      };
    }, name);
    const said = await stranger.evaluate(babble, [name, Date.now()]);
    t.diagnostic(`${said.messages} messages, ${said.names} names of locks`);
    await stranger.evaluate(() => channel.postMessage("over"));
    for (const page of run.pages) {
      await eventually("all of it to be heard", () => page.evaluate(() => globalThis.isOver));
      assert.ok((await page.evaluate(() => overheard)) > said.messages);
    }
    const seen = await Promise.all(run.pages.map(look));
    for (const { token, state, tabs } of seen) assert.deepEqual({ token, state, tabs }, { token: before, state: "active", tabs: 3 });
    assert.equal(run.heard.length, events, JSON.stringify(run.heard.slice(events)));
    assert.equal(run.renewals().length, 0);
    assert.ok((await bytes()) - bytesBefore < 1 << 20, "and takes no memory");

    assert.equal(await renew(run.page), "done");
    await agree(run);
    await run.add();
    assert.equal(run.renewals().length, 1);
    await run.drop(run.page).at(0).close();
    await eventually("the next renewal", () => run.renewals().length === 2, LONG_S * 1000);
    await agree(run);
    await unharmed(run);
  });
}
