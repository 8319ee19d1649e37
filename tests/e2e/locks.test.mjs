// Locks and messages between tabs: the class `Tabs` by itself, in real pages.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startChromium } from "./support/chromium.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { startFirefox } from "./support/firefox.mjs";
import { startTabPages } from "./support/tab-pages.mjs";

const HAND_OVERS = 1000;
const HANG_MS = 2000;

for (const start of [startChromium, startFirefox]) {
  suite(`tabs, by ${start.name.slice("start".length)}`, { timeout: 4 * TEST_LIMIT_MS }, () => {
    let browser;
    before(async () => {
      browser = await start();
    });
    after(() => browser?.close());

    const askTurn = (page, id) => page.evaluate((id) => void tabs.askTurn(id), id);
    const stealTurn = (page, id) => page.evaluate((id) => void tabs.stealTurn(id), id);
    const endTurn = (page, id) => page.evaluate((id) => tabs.endTurn(id), id);
    const turns = async (pages, page) => (await pages.told(page)).filter(([name]) => /^turn/.test(name));
    const failures = (page) => page.evaluate(() => failures);

    test("get the turn in the order in which they asked", async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b, c] = [await pages.open(1), await pages.open(2), await pages.open(3)];
      await askTurn(a, 10);
      await pages.hear(a, "turnCame", 10);
      await askTurn(b, 20);
      await pages.hear(b, "turnNear", 20);
      await askTurn(c, 30);
      await eventually("the third to wait for its place", async () => (await pages.locks(a, "pending")).includes("sessionkeeper:app/next"));
      await endTurn(a, 10);
      await pages.hear(b, "turnCame", 20);
      await pages.hear(c, "turnNear", 30);
      assert.deepEqual(await turns(pages, c), [["turnNear", 30]]);
      await endTurn(c, 30);
      await askTurn(a, 11);
      await pages.hear(a, "turnNear", 11);
      await endTurn(b, 20);
      await pages.hear(a, "turnCame", 11);
      assert.deepEqual(await turns(pages, a), [["turnNear", 10], ["turnCame", 10], ["turnNear", 11], ["turnCame", 11]]);
      assert.deepEqual(await turns(pages, b), [["turnNear", 20], ["turnCame", 20]]);
      assert.deepEqual(await turns(pages, c), [["turnNear", 30]]);
    });

    test("run in processes of their own", async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b] = [await pages.open(1), await pages.open(2)];
      await busy(a);
      const at = await b.evaluate(() => Date.now());
      const { from, until } = await a.evaluate(() => hung);
      assert.ok(from < at && at < until, "one answers while the other hangs");
    });

    test(`see at each turn what has come of the one before, ${HAND_OVERS} times`, async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b] = [await pages.open(), await pages.open()];
      const take = ({ tab, turns }) => {
        // Each turn takes the number after the newest that is seen.
        let newest = 0;
        globalThis.taken = [];
        globalThis.tabs = enter("app", {
          joined: () => tabs.askTurn(1),
          around(standings) {
            for (let place = 0; place < standings.length; place += 7) newest = Math.max(newest, standings[place]);
          },
          turnCame(id) {
            told.length = 0;
            if (newest === turns) globalThis.ended = Date.now();
            else {
              taken.push(++newest);
              tabs.stand(Float64Array.of(newest, 0.5, -1, 1e21, 0, 1e-7, 3));
            }
            tabs.endTurn(id);
            if (!globalThis.ended) tabs.askTurn(id + 1);
          },
        });
        globalThis.began = Date.now();
        tabs.join(tab);
      };
      await a.evaluate(take, { tab: 1, turns: HAND_OVERS });
      await b.evaluate(take, { tab: 2, turns: HAND_OVERS });
      const results = [];
      for (const page of [a, b]) {
        await eventually("the last turn", () => page.evaluate(() => globalThis.ended), TEST_LIMIT_MS);
        results.push(await page.evaluate(() => ({ taken, began, ended })));
        assert.deepEqual(await failures(page), []);
      }
      const [{ taken: first }, { taken: second }] = results;
      assert.deepEqual([...first, ...second].sort((one, other) => one - other), Array.from({ length: HAND_OVERS }, (_, place) => place + 1));
      const ofFirst = new Set(first);
      const changes = Array.from({ length: HAND_OVERS - 1 }, (_, place) => ofFirst.has(place + 1) !== ofFirst.has(place + 2)).filter(Boolean).length;
      const tookMs = Math.max(...results.map(({ ended }) => ended)) - Math.min(...results.map(({ began }) => began));
      t.diagnostic(`${HAND_OVERS} turns in ${tookMs} ms, ${changes} of them handed to the other page`);
      assert.ok(changes > HAND_OVERS / 2, `${changes} turns went to the other page`);
    });

    for (const how of ["close", "kill"]) {
      test(`${how}: the turn goes on, and the tab is gone`, async (t) => {
        const pages = await startTabPages(t, browser);
        const [a, b] = [await pages.open(1), await pages.open(2)];
        await askTurn(a, 10);
        await pages.hear(a, "turnCame", 10);
        await b.evaluate(() => {
          globalThis.at = {};
          globalThis.other = enter("app", { turnCame: () => (at.turn = Date.now()), gone: () => (at.gone = Date.now()) }, []);
          other.join(3);
          for (const tab of [1, 1, 2]) tabs.watch(tab);
          other.watch(1);
          other.askTurn(20);
        });
        const began = Date.now();
        await pages.end(a, how);
        await pages.hear(b, "gone", 1);
        const at = await eventually("the turn", () => b.evaluate(() => at.turn && at.gone && at));
        t.diagnostic(`after ${how}: gone ${at.gone - began} ms, turn ${at.turn - began} ms`);
        await b.evaluate(() => void tabs.watch(1));
        await eventually("a second watch to be told", async () => (await pages.told(b)).filter(([name]) => name === "gone").length === 2);
        assert.deepEqual((await pages.told(b)).filter(([name]) => name === "gone"), [["gone", 1], ["gone", 1]]);
      });
    }

    test("pass by a tab that hangs with the turn", async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b, c] = [await pages.open(1), await pages.open(2), await pages.open(3)];
      await askTurn(a, 10);
      await pages.hear(a, "turnCame", 10);
      await askTurn(b, 20);
      await pages.hear(b, "turnNear", 20);
      await askTurn(c, 30);
      await busy(a);
      await stealTurn(b, 20);
      await pages.hear(b, "turnCame", 20);
      const at = await b.evaluate(() => Date.now());
      await pages.hear(a, "turnLost", 10);
      const { from, until } = await a.evaluate(() => hung);
      assert.ok(from < at && at < until, "the turn came while its holder hung");
      await endTurn(a, 10);
      await pages.hear(c, "turnNear", 30);
      assert.deepEqual(await turns(pages, c), [["turnNear", 30]]);
      await endTurn(b, 20);
      await pages.hear(c, "turnCame", 30);
      assert.deepEqual(await turns(pages, a), [["turnNear", 10], ["turnCame", 10], ["turnLost", 10]]);
      assert.deepEqual(await turns(pages, b), [["turnNear", 20], ["turnCame", 20]]);
    });

    test("pass by a tab that hangs with the place before the turn", async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b, c] = [await pages.open(1), await pages.open(2), await pages.open(3)];
      await askTurn(a, 10);
      await pages.hear(a, "turnCame", 10);
      await askTurn(b, 20);
      await pages.hear(b, "turnNear", 20);
      await askTurn(c, 30);
      await busy(b);
      await endTurn(a, 10);
      await stealTurn(c, 30);
      await pages.hear(c, "turnNear", 30);
      await stealTurn(c, 30);
      await pages.hear(c, "turnCame", 30);
      const at = await c.evaluate(() => Date.now());
      const { from, until } = await eventually("the tab to wake", () => b.evaluate(() => hung.until && hung));
      assert.ok(from < at && at < until, "the turn came while the next tab hung");
      await endTurn(c, 30);
      // It was granted while it hung and taken away, or it asks again: either way it can have it now.
      await eventually("the tab to have the turn or to have lost it", async () => (await turns(pages, b)).some(([name]) => name !== "turnNear"));
    });

    test("wait again when their place before the turn is taken", async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b, c] = [await pages.open(1), await pages.open(2), await pages.open(3)];
      await askTurn(a, 10);
      await pages.hear(a, "turnCame", 10);
      await askTurn(b, 20);
      await pages.hear(b, "turnNear", 20);
      await askTurn(c, 30);
      await stealTurn(c, 30);
      await pages.hear(c, "turnNear", 30);
      await endTurn(a, 10);
      await pages.hear(c, "turnCame", 30);
      await eventually("its place again", async () => (await turns(pages, b)).length === 2);
      await endTurn(c, 30);
      await pages.hear(b, "turnCame", 20);
      assert.deepEqual(await turns(pages, b), [["turnNear", 20], ["turnNear", 20], ["turnCame", 20]]);
      assert.deepEqual(await turns(pages, c), [["turnNear", 30], ["turnCame", 30]]);
    });

    test("enter the back/forward cache, and come back", async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b] = [await pages.open(1), await pages.open(2)];
      await a.evaluate(() => {
        const leave = () => tabs.leave();
        addEventListener("beforeunload", leave);
        addEventListener("pagehide", leave);
        addEventListener("pageshow", ({ persisted }) => {
          globalThis.persisted = persisted;
          told.length = 0;
          tabs.join(1);
        });
        tabs.stand(Float64Array.of(1, 2, 3, 4, 5, 6, 7));
        tabs.watch(2);
        tabs.askTurn(10);
      });
      await pages.hear(a, "turnCame", 10);
      await askTurn(b, 20);
      await b.evaluate(() => void tabs.watch(1));
      await pages.hear(b, "turnNear", 20);

      await a.goto(`${pages.stage.address}/away`);
      await pages.hear(b, "gone", 1);
      await pages.hear(b, "turnCame", 20);
      const held = await pages.locks(b, "held");
      assert.deepEqual(held.filter((name) => /[@#/]/.test(name)), ["sessionkeeper:app/turn", "sessionkeeper:app@2"]);
      assert.deepEqual(await pages.locks(b, "pending"), []);
      await b.evaluate(() => tabs.post(Float64Array.of(7)));

      await a.back();
      // Whoever asks the page while it comes back gets no answer.
      await eventually("the page to come back", () => a.evaluate(() => globalThis.persisted !== undefined).catch(() => false));
      assert.equal(await a.evaluate(() => persisted), true, "the page was in the cache");
      await pages.hear(a, "joined");
      await b.evaluate(() => tabs.post(Float64Array.of(8), "text"));
      await pages.hear(a, "peer", [8], "text");
      await b.evaluate(() => tabs.lookAround());
      await pages.hear(b, "around", [], [1, 2]);
      assert.deepEqual(await pages.told(a), [["joined"], ["peer", [8], "text"]]);
      assert.deepEqual(await failures(a), []);
    });

    test("leave nothing behind when a turn ends while its grant is on its way", async (t) => {
      const pages = await startTabPages(t, browser);
      const page = await pages.open();
      const result = await page.evaluate(async () => {
        const untold = [];
        const [a, b, c] = [1, 2, 3].map((tab) => {
          const ended = new Set();
          const tabs = enter("app", { turnCame: check, turnNear: check, turnLost: check }, []);
          function check(id) {
            if (ended.has(id)) untold.push(id);
          }
          tabs.join(tab);
          return { ...Object.fromEntries(["askTurn", "stealTurn", "stand"].map((call) => [call, tabs[call]])), tabs, endTurn: (id) => (ended.add(id), tabs.endTurn(id)) };
        });
        const pause = async (round) => {
          for (let step = 0; step < round % 8; step++) await null;
          if (round % 3 === 1) await later(0);
          if (round % 3 === 2) await later(round % 5);
        };
        for (let id = 1; id <= 300; id++) {
          a.askTurn(id);
          await pause(id);
          b.askTurn(id);
          if (id % 4 === 0) c.askTurn(id);
          await pause(id >> 1);
          if (id % 2) a.stand(Float64Array.of(id, 0, 0, 0, 0, 0, 0));
          a.endTurn(id);
          if (id % 5 === 0) b.stealTurn(id);
          if (id % 7 === 0) c.stealTurn(id);
          await pause(id >> 2);
          b.endTurn(id);
          c.endTurn(id);
        }
        a.stand(new Float64Array());
        const names = async () => {
          const { held, pending } = await navigator.locks.query();
          return [...held, ...pending].map(({ name }) => name).filter((name) => !name.includes("@"));
        };
        const until = Date.now() + 5000;
        while ((await names()).length && Date.now() < until) await later(10);
        return { untold, left: await names(), failures };
      });
      assert.deepEqual(result, { untold: [], left: [], failures: [] });
    });

    test("tell nothing of what began before they left", async (t) => {
      const pages = await startTabPages(t, browser);
      // The page in front: the timers of others are held back.
      const [other, page] = [await pages.open(2), await pages.open(1)];
      const told = await page.evaluate(async () => {
        const told = [];
        const tabs = enter("app", {}, told);
        const raw = new BroadcastChannel("sessionkeeper:app");
        for (let round = 0; round < 60; round++) {
          tabs.join(9);
          if (round % 2) await later(round % 4);
          told.length = 0;
          tabs.stand(Float64Array.of(round, 0, 0, 0, 0, 0, 0));
          tabs.askTurn(round);
          tabs.stealTurn(round);
          tabs.watch(77);
          tabs.lookAround();
          raw.postMessage([Float64Array.of(1), undefined]);
          for (let step = 0; step < round % 8; step++) await null;
          told.length = 0;
          tabs.leave();
          await later(round % 6);
          if (told.length) return told;
        }
        raw.close();
        tabs.join(9);
        await later(100);
        return told;
      });
      assert.deepEqual(told, [["joined"]]);
      assert.deepEqual(await pages.locks(other, "held"), ["sessionkeeper:app@1", "sessionkeeper:app@2", "sessionkeeper:app@9"]);
      assert.deepEqual(await failures(page), []);
    });

    test("hear numbers and a text, and drop what a stranger says", async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b] = [await pages.open(1), await pages.open()];
      await b.evaluate(() => {
        const channel = new BroadcastChannel("sessionkeeper:app");
        const numbers = Float64Array.of(1);
        for (const stranger of [
          null, undefined, 1, "text", numbers, {}, [], [numbers], [numbers, undefined, 1], [undefined, numbers], [[1], "text"],
          [Float32Array.of(1), "text"], [numbers.buffer, "text"], [numbers, null], [numbers, 1], [numbers, { toString: "text" }],
          [new DataView(numbers.buffer), "text"], { 0: numbers, 1: "text", length: 2 }, new Map([[0, numbers]]), new Error("text"),
        ]) channel.postMessage(stranger);
        const memory = new Float64Array(10_000);
        globalThis.tabs = enter("app");
        tabs.join(2);
        tabs.post(memory.subarray(5, 7), "text");
        tabs.post(memory.subarray(0, 0));
      });
      await a.evaluate(() => {
        new BroadcastChannel("sessionkeeper:app2").postMessage([Float64Array.of(3), undefined]);
      });
      await pages.hear(a, "peer", []);
      const told = (await pages.told(a)).slice(1).map(([name, numbers, token]) => [name, numbers, token ?? null]);
      assert.deepEqual(told, [["peer", [0, 0], "text"], ["peer", [], null]]);
      // No more than the numbers is sent of the memory in which they lie.
      const sent = await b.evaluate(async () => {
        const channel = new BroadcastChannel("sessionkeeper:app");
        return new Promise((resolve) => {
          channel.onmessage = ({ data }) => resolve(data[0].buffer.byteLength);
          tabs.post(new Float64Array(10_000).subarray(5, 7));
        });
      });
      assert.equal(sent, 16);
    });

    test("look at no name that is not of their own writing", async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b] = [await pages.open(1), await pages.open(4_294_967_295)];
      await b.evaluate(async () => {
        const hold = (name, options = { mode: "exclusive" }) =>
          new Promise((granted) => navigator.locks.request(name, options, () => new Promise(() => granted())));
        const strange = [
          "#", "#1 2 3 4 5 6", "#1 2 3 4 5 6 7 8", "# 1 2 3 4 5 6 7", "#1  2 3 4 5 6", "#1 2 3 4 5 6 ", "#1 2 3 4 5 6 NaN", "#1 2 3 4 5 6 Infinity",
          "#0x1 2 3 4 5 6 7", "#01 2 3 4 5 6 7", "#1 2 3 4 5 6 seven", "@", "@1 2", "@one", "@01", "@7@8", "5@7", "", "/turn#1 2 3 4 5 6 7",
        ];
        for (const suffix of strange) await hold(`sessionkeeper:app${suffix}`);
        for (const name of ["sessionkeeper:ap", "sessionkeeper:appp", "app", "x sessionkeeper:app"]) {
          for (const suffix of ["@5", "#9 9 9 9 9 9 9"]) await hold(name + suffix);
        }
        await hold("sessionkeeper:app@6", { mode: "shared" });
        tabs.stand(Float64Array.of(1_700_000_000_123, -0.5, 0, 1e21, 5e-324, 9_007_199_254_740_991, 6));
      });
      await a.evaluate(() => tabs.lookAround());
      await pages.hear(a, "around", [1_700_000_000_123, -0.5, 0, 1e21, 5e-324, 9_007_199_254_740_991, 6], [1, 4_294_967_295]);
    });

    test("take a new standing before they give up the one before", async (t) => {
      const pages = await startTabPages(t, browser);
      // The page in front: the timers of others are held back.
      const [b, a] = [await pages.open(2), await pages.open(1)];
      await a.evaluate(() => tabs.stand(Float64Array.of(1, 0, 0, 0, 0, 0, 0)));
      await eventually("a standing", async () => (await pages.locks(b, "held")).some((name) => name.includes("#")));
      const looking = b.evaluate(async () => {
        const counts = [];
        for (let names = []; !(names.length === 1 && names[0].includes("#300 ")); ) {
          const { held } = await navigator.locks.query();
          names = held.map(({ name }) => name).filter((name) => name.includes("#"));
          counts.push(names.length);
        }
        return counts;
      });
      await a.evaluate(async () => {
        for (let number = 1; number <= 300; number++) {
          tabs.stand(Float64Array.of(number, 0, 0, 0, 0, 0, 0));
          if (number % 3) await later();
        }
      });
      const seen = await looking;
      t.diagnostic(`${seen.length} looks at 300 standings`);
      assert.ok(!seen.includes(0), "there was always one");
      await b.evaluate(() => tabs.stand(Float64Array.of(300, 0, 0, 0, 0, 0, 0)));
      await eventually("both to stand there", async () => (await pages.locks(b, "held")).filter((name) => name.includes("#300 ")).length === 2);
      await b.evaluate(() => tabs.lookAround());
      await pages.hear(b, "around", [300, 0, 0, 0, 0, 0, 0, 300, 0, 0, 0, 0, 0, 0]);
      await b.evaluate(() => tabs.stand(new Float64Array()));
      await a.evaluate(() => tabs.stand(new Float64Array()));
      await eventually("no standing", async () => !(await pages.locks(b, "held")).some((name) => name.includes("#")));
    });

    test("hand the turn on only when the others can see what has come of it", async (t) => {
      const pages = await startTabPages(t, browser);
      const [a, b] = [await pages.open(1), await pages.open(2)];
      const standings = async () => (await pages.locks(b, "held")).filter((name) => /#\d/.test(name));
      const stand = (number) => a.evaluate((number) => tabs.stand(Float64Array.of(number, 0, 0, 0, 0, 0, 0)), number);
      const name = (number) => `sessionkeeper:app#${number} 0 0 0 0 0 0`;
      await stand(1);
      await askTurn(a, 10);
      await pages.hear(a, "turnCame", 10);
      await askTurn(b, 20);
      await pages.hear(b, "turnNear", 20);
      // A stranger keeps the name of the next standing back.
      await b.evaluate((name) => new Promise((granted) => {
        navigator.locks.request(name, () => new Promise((release) => {
          globalThis.release = release;
          granted();
        }));
      }), name(2));
      await stand(2);
      await endTurn(a, 10);
      await a.evaluate(() => later(100));
      assert.deepEqual(await standings(), [name(1), name(2)], "the one before is held, and the stranger's");
      assert.deepEqual(await turns(pages, b), [["turnNear", 20]]);
      await b.evaluate(() => release());
      await pages.hear(b, "turnCame", 20);
      assert.deepEqual(await standings(), [name(2)]);

      // A standing that is still kept back goes with the one before when a newer one is there.
      await b.evaluate((name) => void navigator.locks.request(name, () => new Promise((release) => (globalThis.release = release))), name(3));
      await stand(3);
      await stand(4);
      await b.evaluate(() => release());
      await eventually("the newest alone", async () => (await standings()).join() === name(4));
    });

    for (const [what, expected] of [
      ["locks", { hasLocks: false, hasChannel: true }],
      ["BroadcastChannel", { hasLocks: true, hasChannel: false }],
      ["both", { hasLocks: false, hasChannel: false }],
      ["storage", { hasLocks: false, hasChannel: undefined }],
      ["any that works", { hasLocks: false, hasChannel: true }],
    ]) {
      test(`do without ${what}`, async (t) => {
        const pages = await startTabPages(t, browser);
        const script = `
          addEventListener("unhandledrejection", ({ reason }) => parent.postMessage(String(reason), "*"));
          if (/locks|both/.test("${what}")) Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
          if (/Broadcast|both/.test("${what}")) delete globalThis.BroadcastChannel;
          if (/works/.test("${what}")) LockManager.prototype.request = LockManager.prototype.query = BroadcastChannel.prototype.postMessage = () => { throw new Error("broken"); };
          const { Tabs } = await import("${pages.stage.address}/tabs.js");
          const told = [];
          const names = ["joined", "peer", "around", "turnNear", "turnCame", "turnLost", "gone"];
          const tabs = new Tabs("app", Object.fromEntries(names.map((name) => [name, () => told.push(name)])));
          for (let round = 0; round < 2; round++) {
            tabs.join(1);
            tabs.post(Float64Array.of(1), "text");
            tabs.stand(Float64Array.of(1, 2, 3, 4, 5, 6, 7));
            tabs.lookAround();
            tabs.watch(2);
            tabs.watch(2);
            tabs.askTurn(1);
            tabs.stealTurn(1);
            await new Promise((resolve) => setTimeout(resolve, 200));
            tabs.lookAround();
            tabs.stealTurn(1);
            await new Promise((resolve) => setTimeout(resolve, 200));
            tabs.endTurn(1);
            tabs.endTurn(2);
            if (!round) tabs.leave();
          }
          parent.postMessage({ hasLocks: tabs.hasLocks, hasChannel: tabs.hasChannel, told }, "*");`;
        pages.stage.answers.set("/without", () => ({ headers: { "content-type": "text/html" }, body: `<!doctype html><script type=module>${script}</script>` }));
        const page = await pages.open();
        const answer = await page.evaluate(({ sandbox }) => new Promise((resolve) => {
          addEventListener("message", ({ data }) => resolve(data));
          const frame = document.createElement("iframe");
          frame.sandbox = sandbox;
          frame.src = "/without";
          document.body.append(frame);
        }), { sandbox: what === "storage" ? "allow-scripts" : "allow-scripts allow-same-origin" });
        if (expected.hasChannel === undefined) expected.hasChannel = answer.hasChannel;
        const { told, ...facts } = answer;
        assert.deepEqual(facts, expected);
        if (expected.hasLocks) assert.ok(told.includes("turnCame") && told.includes("gone"));
        // Nobody has to be waited for, nor can be seen.
        else assert.deepEqual(told, ["joined", "turnNear", "turnCame", "joined", "turnNear", "turnCame"]);
      });
    }

    /** Lets a page hang; resolves when it does. */
    async function busy(page) {
      await page.evaluate((forMs) => hang(forMs), HANG_MS);
      await eventually("the page to hang", async () => {
        const answered = page.evaluate(() => 0).then(() => true, () => true);
        return !(await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 200))]));
      });
    }
  });
}
