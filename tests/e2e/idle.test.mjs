// A session that nobody uses. Nearly all of it is waiting, so it is done at the same time.

import { after, before, suite } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { ages } from "./idle/ages.mjs";
import { alone } from "./idle/alone.mjs";
import { cost } from "./idle/cost.mjs";
import { ends } from "./idle/ends.mjs";
import { inFirefox } from "./idle/firefox.mjs";
import { listening } from "./idle/listening.mjs";
import { policies } from "./idle/policies.mjs";
import { sleep } from "./idle/sleep.mjs";
import { tabs } from "./idle/tabs.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";

let chromium;
before(async () => {
  chromium = await startBrowser();
});
after(() => chromium?.close());

const browser = () => chromium;

suite("a session that nobody uses", { concurrency: 6, timeout: 4 * TEST_LIMIT_MS }, () => {
  alone(browser);
  listening(browser);
  tabs(browser);
  ends(browser);
  sleep(browser);
  ages(browser);
  policies(browser);
  inFirefox();
});

// By itself: what it measures is time.
suite("an activity", { timeout: 2 * TEST_LIMIT_MS }, () => cost(browser));
