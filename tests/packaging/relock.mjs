// Writes the lock files of the projects anew, after a change of their package.json:
//
//   cargo xtask build && node tests/packaging/relock.mjs [project]…
//
// They say nothing of the tarball's content, which is another with each build.

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { here, npm, pack, place } from "./support/project.mjs";

await pack();
const named = process.argv.slice(2);
for (const name of named.length ? named : await readdir(`${here}projects`)) {
  const source = `${here}projects/${name}`;
  const folder = `${place}/${name}`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await copyFile(`${source}/package.json`, `${folder}/package.json`);
  await npm(folder, "install", "--package-lock-only", "--no-audit", "--no-fund");
  const lock = JSON.parse(await readFile(`${folder}/package-lock.json`, "utf8"));
  delete lock.packages["node_modules/sessionkeeper"].integrity;
  await writeFile(`${source}/package-lock.json`, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${name}: ${Object.keys(lock.packages).length - 1} packages`);
}
