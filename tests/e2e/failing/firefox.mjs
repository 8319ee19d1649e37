// Firefox: what depends on how a browser keeps a request alive whose page has gone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.mjs";
import { startFirefox } from "../support/firefox.mjs";
import { ADA, hook } from "../support/sample-page.mjs";
import { startServer } from "../support/server.mjs";
import { LIFETIME_S, noAlarm, RENEWAL, struck } from "../support/trouble.mjs";

/** Long enough for the page to be there again before an answer comes to the one before it. */
const DELAY_MS = 4000;

/** Resolves when the sample page shows this state. */
const showsState = (page, state) =>
  eventually(`the page to be ${state}`, () =>
    page.evaluate(([hook, state]) => document.querySelector(hook)?.dataset.state === state, [hook("state"), state]));

async function signIn(page, address) {
  await page.goto(address);
  await showsState(page, "signed-out");
  await page.evaluate(([fields, button]) => {
    for (const [hook, text] of Object.entries(fields)) document.querySelector(hook).value = text;
    document.querySelector(button).click();
  }, [{ [hook("username")]: ADA.name, [hook("password")]: ADA.password }, hook("sign-in")]);
  await showsState(page, "active");
}

export function inFirefox() {
  test("a page that is reloaded in the middle of a renewal is still signed in, in Firefox too", async (t) => {
    const browser = await startFirefox();
    t.after(() => browser.close());
    const page = await browser.open("about:blank");

    for (const when of ["before", "after"]) {
      const server = await startServer("--faults", "--access-lifetime", `${LIFETIME_S}s`);
      t.after(() => server.stop());
      await signIn(page, server.address);
      await server.faults({ path: RENEWAL, requests: 1, delay: { ms: DELAY_MS, when } });
      await page.evaluate(() => void window.session.renew().catch(() => {}));
      await struck(server);
      await page.reload();
      await showsState(page, "active");
      const kinds = async () => (await server.trail()).map(({ kind }) => kind).filter((kind) => /^renewal(-repeated)?$/.test(kind));
      // Both presented the same cookie and the same key.
      await eventually("both attempts", async () => (await kinds()).length === 2);
      assert.deepEqual(await kinds(), ["renewal", "renewal-repeated"], when);
      // By itself: by then what was on its way has settled.
      await eventually("the next renewal", async () => (await kinds()).length === 3);
      assert.equal(await page.evaluate(() => window.session.renew().then(() => window.session.state)), "active");
      await noAlarm(server);
    }
  });
}
