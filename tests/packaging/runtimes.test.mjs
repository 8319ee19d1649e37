// The package where there is no browser.

import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { before, suite, test } from "node:test";
import { root } from "../e2e/support/environment.mjs";
import { install, pack, run, runProgram } from "./support/project.mjs";

const LIMIT_MS = 600_000;

before(() => pack());

const EXPECTED = ["sessionkeeper", "signed-out", true, "ERR_SIGNED_OUT", "function"];

suite("the package in Node.js", { timeout: LIMIT_MS }, () => {
  let folder;
  before(async () => (folder = await install("node")));

  test("is imported", async () => {
    assert.deepEqual(JSON.parse(await run(folder, "import.mjs")), EXPECTED);
  });

  const [major, minor] = process.versions.node.split(".").map(Number);
  const requiresModules = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  test("is required", { skip: !requiresModules && "this Node.js cannot require modules" }, async () => {
    assert.deepEqual(JSON.parse(await run(folder, "require.cjs")), EXPECTED);
  });
});

suite("the package in", { timeout: LIMIT_MS }, () => {
  let folder;
  before(async () => {
    folder = await install("bun-and-deno");
    // Puts the program in its place, which npm was not allowed to do.
    await run(folder, "node_modules/bun/install.js");
  });

  test("Bun is imported", async () => {
    assert.deepEqual(JSON.parse(await runProgram(folder, `${folder}/node_modules/bun/bin/bun.exe`, "import.mjs")), EXPECTED);
  });

  test("Deno is imported, and asks for no permission", async () => {
    assert.deepEqual(JSON.parse(await run(folder, "node_modules/deno/bin.cjs", "run", "--no-prompt", "import.mjs")), EXPECTED);
  });
});

test("the package works in vitest, in node and in jsdom", { timeout: LIMIT_MS }, async () => {
  const folder = await install("vitest");
  const report = JSON.parse(await run(folder, "node_modules/vitest/vitest.mjs", "run", "--reporter", "json"));
  assert.equal(report.numPassedTests, 2, JSON.stringify(report));
  assert.equal(report.numFailedTests, 0);
});

test("the declarations are understood by the TypeScript of before", { timeout: LIMIT_MS }, async () => {
  const folder = await install("typescript");
  await copyFile(`${root}tests/types/usage.ts`, `${folder}/usage.ts`);
  for (const [module, resolution] of [["nodenext", "nodenext"], ["node16", "node16"], ["esnext", "bundler"]]) {
    await run(folder, "node_modules/typescript/bin/tsc", "--project", ".", "--module", module, "--moduleResolution", resolution);
  }
});
