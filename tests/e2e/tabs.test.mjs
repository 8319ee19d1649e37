// Many tabs with one session. Nearly all of it is waiting, so it is done at the same time.

import { after, before, suite } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { cache } from "./tabs/cache.mjs";
import { counting } from "./tabs/counting.mjs";
import { ends } from "./tabs/ends.mjs";
import { inFirefox } from "./tabs/firefox.mjs";
import { holders } from "./tabs/holders.mjs";
import { late } from "./tabs/late.mjs";
import { missing } from "./tabs/missing.mjs";
import { outage } from "./tabs/outage.mjs";
import { sharing } from "./tabs/sharing.mjs";
import { troubles } from "./tabs/troubles.mjs";

/** Two minutes of renewals, and two slow cores. */
const LIMIT_MS = 240_000;

let chromium;
before(async () => {
  chromium = await startBrowser({ hasCache: true });
});
after(() => chromium?.close());

const browser = () => chromium;

suite("many tabs", { concurrency: 8, timeout: LIMIT_MS }, () => {
  counting(browser);
  troubles();
  outage(browser);
  holders(browser);
  late(browser);
  ends(browser);
  cache(browser);
  sharing(browser);
  missing(browser);
  inFirefox();
});
