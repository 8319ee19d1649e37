// The applications of the tests, each bundled for a page and for a server.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compile } from "svelte/compiler";
import { packageFolder, root } from "../support/environment.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const svelte = (generate) => ({
  name: "svelte",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js } = compile(await readFile(path, "utf8"), { filename: basename(path), generate, dev: generate === "client" });
      return { contents: js.code };
    }),
});

const bundled = (name, alias, options) =>
  build({
    entryPoints: [here(name)],
    bundle: true,
    write: false,
    jsx: "automatic",
    jsxDev: true,
    nodePaths: [`${root}tests/node_modules`],
    alias: {
      ...Object.fromEntries(["react", "vue", "svelte"].map((each) => [`sessionkeeper/${each}`, join(packageFolder, `${each}.js`)])),
      ...alias,
    },
    define: {
      "process.env.NODE_ENV": '"development"',
      __VUE_OPTIONS_API__: "false",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true",
    },
    logLevel: "error",
    ...options,
  });

/**
 * The text of a module for a page: `mount(element, session, options)`, `drawn`. `alias` puts other packages in the place
 * of those that the application names.
 */
export async function forPage(name, alias) {
  const { outputFiles } = await bundled(name, alias, { format: "esm", platform: "browser", conditions: ["browser", "development"], plugins: [svelte("client")] });
  return outputFiles[0].text;
}

/** What a server has: `render(session)`, which resolves to HTML. */
export async function forServer(name, alias) {
  const folder = await mkdtemp(join(tmpdir(), "sessionkeeper-server-"));
  try {
    const outfile = join(folder, "program.cjs");
    await bundled(name, alias, { format: "cjs", platform: "node", write: true, outfile, plugins: [svelte("server")] });
    return createRequire(import.meta.url)(outfile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
