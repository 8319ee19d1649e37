// Renewals that fail, and sessions that do not. Nearly all of it is waiting, so it is done at the same time.

import { after, before, suite } from "node:test";
import { answers } from "./failing/answers.mjs";
import { inFirefox } from "./failing/firefox.mjs";
import { leaving } from "./failing/leaving.mjs";
import { outages } from "./failing/outages.mjs";
import { patience } from "./failing/patience.mjs";
import { record } from "./failing/record.mjs";
import { signingOut } from "./failing/signing-out.mjs";
import { startBrowser } from "./support/browser.mjs";
import { openTroubled } from "./support/trouble.mjs";

/** A minute's outage, the longest backoff after it, and two slow cores. */
const LIMIT_MS = 180_000;

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const open = (t, options) => openTroubled(t, browser, options);

suite("when renewals fail", { concurrency: 8, timeout: LIMIT_MS }, () => {
  outages(open);
  patience(open);
  answers(open);
  leaving(open);
  signingOut(open);
  record(open);
  inFirefox();
});
