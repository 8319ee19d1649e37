// The `fetch` of a session. Much of it is waiting, so it is done at the same time.

import { after, before, suite } from "node:test";
import { cost } from "./requests/cost.mjs";
import { passing } from "./requests/passing.mjs";
import { storms, stormsInFirefox } from "./requests/storms.mjs";
import { startBrowser } from "./support/browser.mjs";
import { startChromium } from "./support/chromium.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { startFirefox } from "./support/firefox.mjs";

for (const [name, start] of [["Chromium", startChromium], ["Firefox", startFirefox]]) {
  suite(`requests in ${name}`, { concurrency: 4, timeout: 2 * TEST_LIMIT_MS }, () => {
    let browser;
    before(async () => {
      browser = await start();
    });
    after(() => browser?.close());

    passing(() => browser, name);
  });
}

suite("requests to the sample server", { concurrency: 4, timeout: 2 * TEST_LIMIT_MS }, () => {
  let browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.close());

  storms(() => browser);
  stormsInFirefox();
});

suite("a request", { timeout: TEST_LIMIT_MS }, () => {
  let browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.close());

  cost(() => browser);
});
