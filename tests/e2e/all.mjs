// Runs all files of tests in this folder, as many at a time as there are cores: most of the time they wait.
//
//   node tests/e2e/all.mjs

import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

/** These take longest. They begin first, so that none of them is left at the end while a core has nothing to do. */
const LONGEST = ["tabs", "failing", "idle", "clocks", "scenes", "idle-page", "page-basics", "locks"];

const SUFFIX = ".test.mjs";
const folder = fileURLToPath(new URL(".", import.meta.url));
const first = LONGEST.map((name) => name + SUFFIX);
const every = readdirSync(folder).filter((name) => name.endsWith(SUFFIX)).sort();
const files = [...new Set([...first, ...every])].map((name) => folder + name);

run({ files, concurrency: availableParallelism() })
  .on("test:fail", () => (process.exitCode = 1))
  .compose(new spec())
  .pipe(process.stdout);
