// Throw-away projects that install the package as an application does: from its tarball.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { packageFolder, root } from "../../e2e/support/environment.mjs";

const execute = promisify(execFile);
/** tests/packaging. */
export const here = fileURLToPath(new URL("..", import.meta.url));
/** Where the projects stand while they are tested. */
export const place = `${root}target/packaging`;

/** The package as it would be published. */
export const tarball = `${place}/sessionkeeper.tgz`;

/** No project tells anybody of itself, and none asks for colours. */
export const ENVIRONMENT = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", FORCE_COLOR: undefined, NODE_ENV: undefined, NODE_TEST_CONTEXT: undefined };

/** Runs a program in a folder; resolves to what it printed, and rejects with that when it fails. */
export async function runProgram(folder, program, ...command) {
  try {
    return (await execute(program, command, { cwd: folder, env: ENVIRONMENT, maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    throw new Error(`${program} ${command.join(" ")}: ${error.message}\n${error.stdout}`, { cause: error });
  }
}

/** The same of a program of Node. */
export const run = (folder, ...command) => runProgram(folder, process.execPath, ...command);

/** The same of npm. */
export const npm = (folder, ...command) => runProgram(folder, "npm", ...command);

/** Makes the tarball; resolves to the paths of the files in it, in order. */
export async function pack() {
  await mkdir(place, { recursive: true });
  // Beside others that do the same.
  const folder = await mkdtemp(`${place}/pack-`);
  try {
    const [{ filename, files }] = Object.values(JSON.parse(await npm(packageFolder, "pack", "--json", "--pack-destination", folder)));
    await rename(`${folder}/${filename}`, tarball);
    return files.map(({ path }) => path).sort();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the project of a name anew and installs what it needs; resolves to its folder. */
export async function install(name) {
  const folder = `${place}/${name}`;
  await rm(folder, { recursive: true, force: true });
  await cp(`${here}projects/${name}`, folder, { recursive: true });
  const pages = (await readdir(folder)).includes("src") ? `${folder}/src` : folder;
  await cp(`${here}use-it.js`, `${pages}/use-it.js`);
  const startedAt = performance.now();
  await npm(folder, "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund");
  console.log(`${name}: installed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return folder;
}
