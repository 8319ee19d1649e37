// How late renewals start, by the clock on the wall: many sessions of one library in a page that is shown, whose
// tokens end at any moment.

import { installTokenServer } from "../in-page/server.js";
import { quantile, summary } from "../statistics.mjs";

/** The least time from the beginning to a renewal of its own accord, in seconds. */
const AHEAD_S = { sessionkeeper: 0, "oidc-client-ts": 60, "@okta/okta-auth-js": 30, "@supabase/auth-js": 120 };
const SESSIONS = 40;
/** They are due within so many seconds; what looks every 30 s is given the time to. */
const WITHIN_S = 20;
const PATIENCE_MS = 80_000;

export const RENEWING = Object.keys(AHEAD_S);

/**
 * Milliseconds between the moment at which the library itself means to renew and the one at which the request leaves.
 */
export async function lateness(browser, address, driver, script) {
  const context = await browser.newContext();
  try {
    await context.addInitScript(installTokenServer);
    const page = await context.newPage();
    await page.goto(address);
    const late = await page.evaluate(
      async ({ driver, script, aheadS, SESSIONS, WITHIN_S, PATIENCE_MS }) => {
        const { drivers } = await import("/drivers.js");
        const library = await import(script);
        const names = Array.from({ length: SESSIONS }, (_, number) => `session-${number}-`);
        const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        globalThis.lifetimeS = 86_400;
        const began = performance.now();
        const due = await Promise.all(
          names.map(async (name, number) => {
            // They begin at any moment of a second too, for most libraries count whole ones.
            await pause((1000 * number) / SESSIONS);
            // Ours renews at half of so short a lifetime.
            const inS = 5 + (WITHIN_S * number) / SESSIONS;
            const tell = await drivers[driver].hold(library, Math.round(aheadS ? aheadS + inS : 2 * inS), name);
            return tell();
          }),
        );
        const first = (name) => asked.find(({ url, body }) => `${url} ${body}`.includes(name));
        while (!names.every(first) && performance.now() - began < PATIENCE_MS) await pause(200);
        return names.map((name, number) => {
          const request = first(name);
          return request ? request.at - due[number] : undefined;
        });
      },
      { driver, script, aheadS: AHEAD_S[driver], SESSIONS, WITHIN_S, PATIENCE_MS },
    );
    const known = late.filter((ms) => ms !== undefined);
    if (known.length < SESSIONS) throw new Error(`${driver}: ${known.length} of ${SESSIONS} sessions renewed`);
    return { ...summary(known), p95: quantile(known, 0.95) };
  } finally {
    await context.close();
  }
}
