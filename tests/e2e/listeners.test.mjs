// A session and its page: listeners, several sessions, and what dispose() leaves.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { keepDeeds, offerSessions } from "./support/in-page.mjs";
import { came, openStage, REFUSED } from "./support/stage.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A stage whose page offers `newSession`, `signedIn` and `settled`. */
const open = (t, options = {}) => openStage(t, browser, { ...options, scripts: [offerSessions, ...(options.scripts ?? [])] });

suite("listeners", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("that throw stop neither the others nor the session", async (t) => {
    const visit = await open(t, { expected: [/a listener's own/] });
    const result = await visit.page.evaluate(async () => {
      const session = await signedIn();
      const thrown = [];
      addEventListener("error", ({ error }) => thrown.push(error.message));
      const heard = [];
      const fail = () => {
        throw new Error("a listener's own");
      };
      for (const listen of [fail, () => heard.push("on")]) session.on("renewed", listen);
      for (const listen of [fail, () => heard.push("listener")]) session.addEventListener("renewed", listen);
      for (const listen of [fail, () => heard.includes("change") || heard.push("change")]) session.subscribe(listen);
      await session.renew();
      await session.renew();
      return { heard: heard.sort(), thrown: new Set(thrown).size, state: session.state };
    });
    assert.deepEqual(result, { heard: ["change", "listener", "listener", "on", "on"], thrown: 1, state: "active" });
    assert.equal(visit.stage.at("/auth/refresh").length, 2);
  });

  test("may call the session: renew, accessToken, snapshot and signOut", async (t) => {
    const { page, stage } = await open(t);
    const result = await page.evaluate(async () => {
      const session = await signedIn();
      const first = await session.accessToken();
      const told = [];
      const twice = new Promise((resolve) => {
        const remove = session.on("renewed", async () => {
          told.push(session.snapshot().renewing, session.state, (await session.accessToken()) !== first);
          if (told.length === 3) return session.renew();
          remove();
          resolve();
        });
      });
      await session.renew();
      await twice;
      const ended = new Promise((resolve) => session.on("ended", ({ detail }) => resolve([detail.reason, session.state])));
      session.on("renewed", () => session.signOut());
      const renewal = await settled([session.renew()]);
      return { told, renewal, ended: await ended, state: session.state };
    });
    assert.deepEqual(result.told, [false, "active", true, false, "active", true]);
    assert.deepEqual(result.ended, ["signed-out", "signed-out"]);
    assert.match(result.renewal[0], /^(done|ERR_SIGNED_OUT)$/);
    assert.equal(result.state, "signed-out");
    assert.equal(stage.at("/auth/refresh").length, 3);
  });

  test("may dispose of the session at any event", async (t) => {
    const { page } = await open(t, { expected: [REFUSED] });
    const codes = await page.evaluate(async () => {
      const codes = [];
      for (const type of ["change", "started", "renewed", "ended"]) {
        const session = await newSession();
        session.on(type, () => session.dispose());
        const begun = await settled([session.begin(await fetch("/auth/login", { method: "POST" }))]);
        const [renewed, left, token] = [await settled([session.renew()]), await settled([session.signOut()]), await settled([session.accessToken()])];
        codes.push([type, ...begun, ...renewed, ...left, ...token]);
      }
      return codes;
    });
    for (const [type, begun, renewed, , token] of codes) {
      assert.match(begun, /^(done|ERR_DISPOSED)$/, type);
      assert.match(renewed, /^(done|ERR_DISPOSED)$/, type);
      assert.equal(token, "ERR_DISPOSED", type);
    }
  });

  test("that could not be called are refused at once", async (t) => {
    const { page } = await open(t);
    const result = await page.evaluate(async () => {
      const session = await signedIn();
      const thrown = [];
      for (const listener of [undefined, null, "name", { handleEvent() {} }]) {
        for (const listen of [() => session.subscribe(listener), () => session.on("renewed", listener)]) {
          try {
            listen();
            thrown.push("taken");
          } catch (error) {
            thrown.push(`${error.name}: ${error.message}`);
          }
        }
      }
      await session.renew();
      return { thrown: [...new Set(thrown)], state: session.state };
    });
    assert.deepEqual(result, { thrown: ["TypeError: The listener is not a function."], state: "active" });
  });

  test("are no longer called once they are removed, or twice when they are given twice", async (t) => {
    const { page } = await open(t);
    const counts = await page.evaluate(async () => {
      const session = await signedIn();
      let heard = 0;
      const listen = () => heard++;
      const [first, second] = [session.on("renewed", listen), session.on("renewed", listen)];
      const counts = [];
      for (const remove of [first, first, second]) {
        heard = 0;
        await session.renew();
        counts.push(heard);
        remove();
      }
      heard = 0;
      await session.renew();
      return [...counts, heard];
    });
    assert.deepEqual(counts, [2, 1, 1, 0]);
  });
});

suite("two sessions in one page", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("of two servers know nothing of each other", async (t) => {
    const { page, stage } = await open(t);
    const result = await page.evaluate(async () => {
      const [one, two] = [await signedIn("one"), await signedIn("two")];
      const differ = (await one.accessToken()) !== (await two.accessToken());
      await Promise.all([one.renew(), two.renew()]);
      await one.signOut();
      await two.renew();
      return { differ, states: [one.state, two.state], token: typeof (await two.accessToken()) };
    });
    assert.deepEqual(result, { differ: true, states: ["signed-out", "active"], token: "string" });
    assert.equal(stage.at("/one/refresh").length, 1);
    assert.equal(stage.at("/two/refresh").length, 2);
    assert.equal(stage.at("/two/logout").length, 0);
  });

  test("of one server go on when one is disposed of", async (t) => {
    const { page } = await open(t);
    const states = await page.evaluate(async () => {
      const one = await signedIn();
      const two = await newSession();
      one.dispose();
      const restored = await two.restore();
      await two.renew();
      return [restored, two.state];
    });
    assert.deepEqual(states, ["active", "active"]);
  });
});

suite("dispose", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  test("rejects what is pending, and every later call", async (t) => {
    // The second session presents a cookie that the first has used.
    const { page, stage } = await open(t, { lifetimeS: 2, expected: [REFUSED] });
    const release = stage.hold("/auth/refresh");
    await page.evaluate(async () => {
      globalThis.session = await signedIn();
      globalThis.other = await newSession();
    });
    await came(stage, "/auth/refresh");
    await page.waitForFunction(() => Date.now() > session.snapshot().tokenExpiresAt);
    const codes = await page.evaluate(async () => {
      const pending = settled([session.renew(), session.accessToken(), other.restore()]);
      for (const each of [session, other]) each.dispose();
      const later = settled([session.renew(), session.accessToken(), session.restore(), session.begin({ access_token: "a", expires_in: 60 })]);
      session.dispose();
      return [await pending, await later, session.state, session.snapshot().claims];
    });
    assert.deepEqual(codes, [Array(3).fill("ERR_DISPOSED"), Array(4).fill("ERR_DISPOSED"), "signed-out", null]);
    release();
  });

  test("leaves no timer and no listener behind", async (t) => {
    const { page } = await open(t, { scripts: [keepDeeds] });
    const [before, during, after] = await page.evaluate(async () => {
      const before = inForce();
      const session = await signedIn();
      const during = inForce();
      session.dispose();
      return [before, during, inForce()];
    });
    assert.ok(during.some((each) => /^setTimeout/.test(each)), "a session plans its renewal");
    assert.ok(during.some((each) => /^listener/.test(each)), "a session listens to the page");
    assert.deepEqual(after, before);
  });

  test("ends the renewals, but those of another session", async (t) => {
    const { page, stage } = await open(t, { lifetimeS: 60 });
    await page.clock.install();
    await page.evaluate(async () => {
      (await signedIn("one")).dispose();
      const two = await signedIn("two");
      globalThis.renewed = new Promise((resolve) => two.on("renewed", resolve));
    });
    await page.clock.runFor("00:31");
    await page.evaluate(async () => void (await renewed));
    assert.equal(stage.at("/one/refresh").length, 0);
  });

  test("does not sign out", async (t) => {
    const { page, stage } = await open(t);
    const restored = await page.evaluate(async () => {
      (await signedIn()).dispose();
      return (await newSession()).restore();
    });
    assert.equal(restored, "active");
    assert.equal(stage.at("/auth/logout").length, 0);
  });
});
