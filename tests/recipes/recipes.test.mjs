// The recipes of docs/recipes, as they are written.

import { after, before, suite } from "node:test";
import { startBrowser } from "../e2e/support/browser.mjs";
import { clients } from "./clients.mjs";
import { moving } from "./moving.mjs";
import { servers } from "./servers.mjs";
import { installRecipes } from "./support/project.mjs";

/** Installing too, on two busy cores with a slow registry. */
const LIMIT_MS = 900_000;

let chromium;
before(async () => {
  chromium = await startBrowser();
  await installRecipes();
}, { timeout: LIMIT_MS });
after(() => chromium?.close());

const browser = () => chromium;

suite("the recipes", { timeout: LIMIT_MS }, () => {
  servers(browser);
  clients(browser);
  moving(browser);
});
