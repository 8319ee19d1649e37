// What a library does when nothing happens, and when the user does something all the time: on a virtual clock, so
// that an hour takes a moment and the figures are exact.
//
//   node benches/browser/measures/quiet.mjs     prints the package's own figures, which costs.toml limits: how often it wakes up in
//                                               an hour, visible and hidden; timers under activity: set, and put off

import { startBrowser } from "../../../tests/e2e/support/browser.mjs";
import { offerHiding } from "../../../tests/e2e/support/idle-pages.mjs";
import { installTokenServer } from "../in-page/server.js";
import { installVirtualClock } from "../in-page/virtual-clock.js";
import { serve } from "../serving.mjs";

/** Tokens of an hour are what many servers give. */
const LIFETIME_S = 3600;
const HOURS = 24;
const HOUR_MS = 3_600_000;
/** A pointer that moves tells so often: with every frame. */
const MOVE_MS = 16;

async function openOnVirtualClock(browser, address) {
  const context = await browser.newContext();
  for (const script of [installVirtualClock, offerHiding, installTokenServer]) await context.addInitScript(script);
  const page = await context.newPage();
  await page.goto(address);
  return { page, close: () => context.close() };
}

/**
 * How often a timer fires in an hour in which nothing happens but the renewals: while the page is shown, and while
 * it is hidden.
 */
export async function wakeUps(browser, address, driver, script) {
  const { page, close } = await openOnVirtualClock(browser, address);
  try {
    return await page.evaluate(
      async ({ driver, script, LIFETIME_S, HOURS, HOUR_MS }) => {
        const { drivers } = await import("/drivers.js");
        const library = await import(script);
        const { create, hold } = drivers[driver];
        globalThis.lifetimeS = LIFETIME_S;
        if (hold) await hold(library, LIFETIME_S, "held");
        else await create(library);
        const during = async () => {
          // What a change has brought about is no rest.
          await virtual.settle();
          await virtual.advance(HOUR_MS);
          const before = { fired: virtual.counts.fired, asked: asked.length };
          for (let hour = 0; hour < HOURS; hour++) await virtual.advance(HOUR_MS);
          return { fired: (virtual.counts.fired - before.fired) / HOURS, renewed: (asked.length - before.asked) / HOURS };
        };
        const visible = await during();
        hide(true);
        const hidden = await during();
        return { visible, hidden, renewsByItself: !!hold };
      },
      { driver, script, LIFETIME_S, HOURS, HOUR_MS },
    );
  } finally {
    await close();
  }
}

/**
 * The timers of an hour in which the pointer never rests: how many are set, and how many are put off: cleared
 * before their time, to be set anew.
 */
export async function underActivity(browser, address, whose, script) {
  const { page, close } = await openOnVirtualClock(browser, address);
  try {
    return await page.evaluate(
      async ({ whose, script, HOUR_MS, MOVE_MS }) => {
        const library = await import(script);
        if (whose === "peer") await library.mount();
        else {
          const session = await library.createSession({ refresh: "/auth/refresh", idle: {} });
          await session.begin(answerOf(86_400));
        }
        await virtual.settle();
        await virtual.advance(10_000);
        const { set, putOff } = virtual.counts;
        for (let ms = 0; ms < HOUR_MS; ms += MOVE_MS) {
          for (const type of ["pointermove", "mousemove"]) document.body.dispatchEvent(new MouseEvent(type, { bubbles: true }));
          await virtual.advance(MOVE_MS);
        }
        return { set: virtual.counts.set - set, putOff: virtual.counts.putOff - putOff };
      },
      { whose, script, HOUR_MS, MOVE_MS },
    );
  } finally {
    await close();
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const server = await serve(new Map());
  const browser = await startBrowser();
  try {
    const { visible, hidden } = await wakeUps(browser, server.address, "sessionkeeper", "/pkg/index.js");
    const active = await underActivity(browser, server.address, "ours", "/pkg/index.js");
    console.log(visible.fired, hidden.fired, active.set, active.putOff);
  } finally {
    await browser.close();
    server.close();
  }
}
