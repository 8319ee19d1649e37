// Every contender in one file, all made in the same way.

import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { packageFolder } from "../../tests/e2e/support/environment.mjs";

const require = createRequire(new URL("../../tests/package.json", import.meta.url));
const esbuild = require("esbuild");
const here = fileURLToPath(new URL(".", import.meta.url));

/** The package as built, and nothing that is loaded only when it is asked for. */
const resolution = {
  name: "resolution",
  setup(build) {
    build.onResolve({ filter: /^sessionkeeper(\/slim)?$/ }, ({ path }) => ({
      path: `${packageFolder}/${path.endsWith("slim") ? "slim" : "index"}.js`,
    }));
    build.onResolve({ filter: /./ }, ({ path, kind }) => (kind === "dynamic-import" ? { path, external: true } : undefined));
  },
};

/** The text of a bundle. */
export async function bundle(source, external = []) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: source, resolveDir: here },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    logLevel: "error",
    external,
    plugins: [resolution],
  });
  return outputFiles[0].text;
}

/** The contender's files by their names. */
export async function filesOf({ name, source, external, module }) {
  const files = new Map([[`${fileName(name)}.js`, Buffer.from(await bundle(source, external))]]);
  if (module) files.set(module, await readFile(`${packageFolder}/${module}`));
  return files;
}

export const fileName = (name) => name.replace(/[^\w-]+/g, "_");
