// What a session adds to a request.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_ICON, openBare, signInBare } from "../support/bare-page.mjs";
import { startServer } from "../support/server.mjs";
import { startVisit } from "../support/visit.mjs";

const CALLS = 300;
/** Many times what it takes, for slow and busy cores. */
const MOST_MS = 5;

export function cost(browser) {
  test("takes hardly longer than one by fetch", async (t) => {
    const server = await startServer();
    const closing = [];
    t.after(async () => {
      for (const close of closing) await close();
      await server.stop();
    });
    const { page } = await startVisit({ after: (close) => closing.push(close) }, browser(), { expected: [NO_ICON] });
    await openBare(page, server.address);
    await signInBare(page, {});
    const { plain, ours, own } = await page.evaluate(async (calls) => {
      const headers = { authorization: `Bearer ${await session.accessToken()}` };
      const ways = { plain: () => fetch("/api/me", { headers }), ours: () => session.fetch("/api/me") };
      const times = { plain: [], ours: [] };
      for (let call = -20; call < calls; call++) {
        // Alternating, and each first in turn, so that what else the machine does strikes both.
        const order = call % 2 ? ["plain", "ours"] : ["ours", "plain"];
        for (const way of order) {
          const begun = performance.now();
          await (await ways[way]()).text();
          if (call >= 0) times[way].push(performance.now() - begun);
        }
      }
      // What is not the network's: the same with one that answers at once.
      const original = globalThis.fetch;
      globalThis.fetch = async () => new Response("fine");
      const own = [];
      for (let round = 0; round < 50; round++) {
        const begun = performance.now();
        for (let call = 0; call < 20; call++) await session.fetch("/api/me");
        own.push((performance.now() - begun) / 20);
      }
      globalThis.fetch = original;
      const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
      return { plain: median(times.plain), ours: median(times.ours), own: median(own) };
    }, CALLS);
    const ms = (number) => `${number.toFixed(3)} ms`;
    t.diagnostic(`median of ${CALLS} by fetch ${ms(plain)}, by session.fetch ${ms(ours)}: ${ms(ours - plain)} more; without the network ${ms(own)}`);
    assert.ok(ours - plain < MOST_MS, `${ours - plain} ms more`);
  });
}
