// A page of a project, and what the package did in it.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { packed } from "../../../xtask/packing.mjs";
import { packageFolder } from "../../e2e/support/environment.mjs";
import { accessToken } from "../../e2e/support/json-web-token.mjs";
import { startVisit } from "../../e2e/support/visit.mjs";

/** What `useIt` tells of a page in which everything works. */
const WORKED = { restored: "active", isItsToken: true, ended: "signed-out", refusal: "ERR_TOKEN_INVALID" };

/** Opens a page whose server says that its user is signed in. */
export async function visit(t, browser) {
  const { page, context, traffic } = await startVisit(t, browser);
  await context.route("**/auth/refresh", (route) => route.fulfill({ json: { access_token: accessToken(900), expires_in: 900 } }));
  await context.route("**/auth/logout", (route) => route.fulfill({ status: 204 }));
  return { page, traffic };
}

/** Opens an address, and holds the package to work there; resolves to the paths of the modules that were loaded from files. */
export async function works(t, browser, address) {
  const { page } = await visit(t, browser);
  const modules = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith(".wasm")) modules.push(pathname);
  });
  await page.goto(address);
  // A tool in development may load the page again of its own accord.
  const output = page.locator("output", { hasText: "{" });
  await output.waitFor({ timeout: 90_000 });
  assert.deepEqual(JSON.parse(await output.textContent()), WORKED);
  return modules;
}

/** Which files below a folder hold the main module: by its own, as text, or both. */
export async function findModule(folder) {
  const module = await readFile(join(packageFolder, "sessionkeeper_bg.wasm"));
  const text = packed(module).slice(0, 1024);
  const found = [];
  for (const name of await readdir(folder, { recursive: true })) {
    const content = await readFile(join(folder, name)).catch(() => null);
    if (!content) continue;
    if (name.endsWith(".wasm")) found.push(content.equals(module) ? "file" : name);
    else for (let times = content.toString("latin1").split(text).length; times > 1; times--) found.push("inline");
  }
  return found;
}
