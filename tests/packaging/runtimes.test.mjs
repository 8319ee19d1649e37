// The package where there is no browser.

import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { install, pack, run } from "./support/project.mjs";

const LIMIT_MS = 600_000;

before(() => pack());

suite("the package in Node.js", { timeout: LIMIT_MS }, () => {
  let folder;
  before(async () => (folder = await install("node")));

  const EXPECTED = ["sessionkeeper", "signed-out", true, "ERR_SIGNED_OUT", "function"];

  test("is imported", async () => {
    assert.deepEqual(JSON.parse(await run(folder, "import.mjs")), EXPECTED);
  });

  const [major, minor] = process.versions.node.split(".").map(Number);
  const requiresModules = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  test("is required", { skip: !requiresModules && "this Node.js cannot require modules" }, async () => {
    assert.deepEqual(JSON.parse(await run(folder, "require.cjs")), EXPECTED);
  });
});

test("the package works in vitest, in node and in jsdom", { timeout: LIMIT_MS }, async () => {
  const folder = await install("vitest");
  const report = JSON.parse(await run(folder, "node_modules/vitest/vitest.mjs", "run", "--reporter", "json"));
  assert.equal(report.numPassedTests, 2, JSON.stringify(report));
  assert.equal(report.numFailedTests, 0);
});
