// The package as it would be published.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { root } from "../e2e/support/environment.mjs";
import { pack, run, tarball } from "./support/project.mjs";

const FILES = [
  "CHANGELOG.md",
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "delivery.js",
  "index.d.ts",
  "index.js",
  "inspector.d.ts",
  "inspector.js",
  "package.json",
  "react.d.ts",
  "react.js",
  "recording.js",
  "revocation.js",
  "sessionkeeper_bg.wasm",
  "slim.d.ts",
  "slim.js",
  "svelte.d.ts",
  "svelte.js",
  "verify-signature.js",
  "verify.js",
  "view.d.ts",
  "vue.d.ts",
  "vue.js",
];

/** The development tools' own programs. */
const program = (path) => `${root}tests/node_modules/${path}`;

let files;
before(async () => (files = await pack()));

test("the tarball holds these files and no others", () => {
  assert.deepEqual(files, FILES);
});

test("publint finds nothing to say about it", async () => {
  const said = await run(root, program("publint/src/cli.js"), tarball, "--strict");
  assert.match(said, /All good!/);
});

test("its types are found as its modules are, in each kind of project", async () => {
  await run(root, program("@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "esm-only", "--exclude-entrypoints", "./sessionkeeper_bg.wasm");
});
