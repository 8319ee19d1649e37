// Firefox: the core of what tabs do together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { startFirefox } from "../support/firefox.mjs";
import { made } from "../support/many-tabs.mjs";
import { ADA } from "../support/sample-page.mjs";
import { startServer } from "../support/server.mjs";
import { LIFETIME_S, noAlarm } from "../support/trouble.mjs";

/** How long a message may take on a busy machine. */
const AT_ONCE_MS = 2000;

/** Makes the page's session, and keeps what it tells in `heard`. */
const enter = (page) =>
  page.evaluate(async () => {
    const { createSession } = await import("/pkg/index.js");
    globalThis.session = await createSession({ refresh: "/auth/refresh", logout: "/auth/logout" });
    globalThis.heard = [];
    for (const type of ["started", "renewed", "renewal-failed", "ended", "facility-missing"]) {
      session.on(type, ({ detail }) => heard.push({ type, detail, at: Date.now() }));
    }
    addEventListener("pageshow", ({ persisted }) => {
      const { state, claims } = session.snapshot();
      globalThis.shown = { persisted, state, claims };
    });
  });

const look = (page) =>
  page.evaluate(async () => {
    const token = await session.accessToken({ minValidity: 0 }).catch(({ code }) => code);
    return { token, state: session.state, tabs: session.snapshot().tabs };
  });

async function agree(pages, tabs = pages.length) {
  let seen;
  await eventually(() => `all tabs to agree, they say ${JSON.stringify(seen?.map(({ token, ...rest }) => ({ ...rest, token: token.slice(-8) })))}`, async () => {
    seen = await Promise.all(pages.map(look));
    return seen.every((each) => each.state === "active" && each.token === seen[0].token && each.tabs === tabs);
  });
  return seen[0].token;
}

const heard = (page, type) => page.evaluate((type) => heard.filter((event) => event.type === type), type);

export function inFirefox() {
  test("tabs share a session in Firefox, too", async (t) => {
    const browser = await startFirefox();
    t.after(() => browser.close());
    const server = await startServer("--faults", "--access-lifetime", `${LIFETIME_S}s`);
    t.after(() => server.stop());
    const renewals = async () => (await made({ server })).length;
    const pages = [];
    const open = async () => {
      const page = await browser.open(`${server.address}/favicon.svg`);
      await enter(page);
      return page;
    };
    const add = async () => {
      const page = await open();
      assert.equal(await page.evaluate(() => session.restore()), "active");
      pages.push(page);
      return page;
    };
    const first = await open();
    await first.evaluate(async (user) => {
      const headers = { "content-type": "application/json", "x-csrf": "1" };
      await session.begin(await fetch("/auth/login", { method: "POST", headers, body: JSON.stringify(user) }));
    }, { username: ADA.name, password: ADA.password });
    pages.push(first);
    while (pages.length < 3) await add();
    const began = await agree(pages);
    assert.equal(await renewals(), 0, "tabs that are opened beside another make no request");

    // Of its own accord.
    await eventually("the renewal", async () => (await renewals()) === 1);
    await eventually("its token", async () => (await agree(pages)) !== began);
    assert.equal(await renewals(), 1, "one for all");
    await add();
    await agree(pages);
    assert.equal(await renewals(), 1);

    const [, cached, other] = pages;
    await cached.goto(`${server.address}/favicon.svg?away`);
    await eventually("it to be gone", () => first.evaluate(() => session.snapshot().tabs === 3));
    assert.equal(await other.evaluate(() => session.renew().then(() => "done")), "done");
    const before = await renewals();
    await cached.back();
    await eventually("the page to come back", () => cached.evaluate(() => globalThis.shown).catch(() => false));
    assert.deepEqual(await cached.evaluate(() => shown), { persisted: true, state: "starting", claims: null });
    await agree(pages);
    assert.equal(await renewals(), before, "it takes the session over");
    const failed = async (page) => [...(await heard(page, "renewal-failed")), ...(await heard(page, "ended")), ...(await heard(page, "facility-missing"))];
    for (const page of pages) assert.deepEqual(await failed(page), []);

    await cached.goto(`${server.address}/favicon.svg?away`);
    await eventually("it to be gone", () => first.evaluate(() => session.snapshot().tabs === 3));
    const at = await other.evaluate(() => {
      const at = Date.now();
      return session.signOut().then(() => at);
    });
    const others = [first, pages[3]];
    for (const page of others) await eventually("the end", async () => (await heard(page, "ended")).length);
    const times = [];
    for (const page of others) {
      const [end] = await heard(page, "ended");
      assert.deepEqual(end.detail, { reason: "signed-out", by: "other-tab" });
      times.push(end.at - at);
    }
    t.diagnostic(`signed out in the other tabs after ${times.join(", ")} ms`);
    assert.ok(times.every((tookMs) => tookMs < AT_ONCE_MS), `${times}`);
    await cached.back();
    await eventually("the end", async () => (await heard(cached, "ended").catch(() => [])).length);
    for (const page of pages) assert.equal((await look(page)).token, "ERR_SIGNED_OUT");
    assert.equal((await server.trail("sign-out")).length, 1);
    await noAlarm(server);
  });
}
