// Tries the sample page at an address: signs in, renews, signs out.
//
//   node tests/e2e/demo-check.mjs http://localhost:8080

import assert from "node:assert/strict";
import { startBrowser } from "./support/browser.mjs";
import { PATIENCE_MS } from "./support/environment.mjs";
import { hook, showsState, signIn } from "./support/sample-page.mjs";

const [address] = process.argv.slice(2);
if (!address) {
  console.error("usage: node tests/e2e/demo-check.mjs ADDRESS");
  process.exit(2);
}

const browser = await startBrowser();
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(PATIENCE_MS);
  const failures = [];
  context.on("weberror", (error) => failures.push(error.error()));
  const page = await context.newPage();

  await signIn(page, address.replace(/\/$/, ""));
  console.log(`signed in as ${await page.textContent(hook("user-name"))}`);
  await page.click(hook("renew"));
  await page.locator(hook("renewals"), { hasText: /^1$/ }).waitFor();
  console.log("renewed");
  await page.click(hook("sign-out"));
  await showsState(page, "signed-out");
  console.log("signed out");
  assert.deepEqual(failures, []);
} finally {
  await browser.close();
}
