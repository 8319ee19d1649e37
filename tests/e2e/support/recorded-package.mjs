// Makes a package whose sessions are all recorded, for tests that know nothing of it:
//
//   node tests/e2e/support/recorded-package.mjs pkg target/recordings/pkg
//
// Each line of a recording is printed in the console: that reaches whoever drives the browser, whatever the page
// may ask of the network, and however it ends. `recordings.mjs` hears it.

import { cp, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

const [from, to] = process.argv.slice(2);

const entry = (plain) => `
import { createSession as create } from "./${plain}";
import { recorded } from "./recorded.js";
export * from "./${plain}";
export const createSession = async (config) => create(recorded(config));
`;

/** Runs in a page, and stands for itself: it is written as text. */
function record() {
  const { debug } = console;
  const isPlain = (value) => !!value && Object.getPrototypeOf(value) === Object.prototype;

  /** The configuration with a recording; one that is not what it should be, or has one, is left as it is. */
  return (config) => {
    if (!isPlain(config) || (config.audit !== undefined && !isPlain(config.audit)) || config.audit?.recording) return config;
    const id = Math.random().toString(36).slice(2);
    let count = 0;
    const recording = (line) => debug(`sessionkeeper-recording ${id} ${count++} ${line}`);
    return { ...config, audit: { ...config.audit, recording } };
  };
}

await cp(from, to, { recursive: true });
await writeFile(join(to, "recorded.js"), `export const recorded = (${record})();\n`);
for (const name of ["index", "slim"]) {
  const plain = `${name}.plain.js`;
  await rename(join(to, `${name}.js`), join(to, plain));
  await writeFile(join(to, `${name}.js`), entry(plain));
}
