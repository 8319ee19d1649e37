// Puts the hand-written JavaScript of js/ and the modules of wasm-pack together into the entries of
// the npm package:
//
//   node xtask/bundle.mjs --js js --modules target/package --out pkg --version 1.2.3
//
// What the sources import by name:
//   #glue, #verify-glue, #recording-glue     wasm-bindgen's JavaScript for the module
//   #bytes, #verify-bytes, #recording-bytes  the module itself, in the form of packing.mjs
//   #unpacker                                js/unpack.wat, assembled, in base64
// Entries stay apart from one another where sharing matters: those of `internal` are loaded only when they are
// asked for, and the adapters for frameworks share the entry that they import with the application.

import { createRequire } from "node:module";
import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { trimmed } from "./glue.mjs";
import { packed } from "./packing.mjs";

const require = createRequire(new URL("../tests/package.json", import.meta.url));
const esbuild = require("esbuild");
const { default: binaryen } = await import(require.resolve("binaryen"));

const { values } = parseArgs({
  options: {
    js: { type: "string" },
    modules: { type: "string" },
    out: { type: "string" },
    version: { type: "string" },
  },
});
const js = resolve(values.js);
const out = resolve(values.out);
const modules = resolve(values.modules);

const generated = {
  "#glue": `${modules}/session/sessionkeeper.js`,
  "#bytes": `${modules}/session/sessionkeeper_bg.wasm`,
  "#verify-glue": `${modules}/verify/verify.js`,
  "#verify-bytes": `${modules}/verify/verify_bg.wasm`,
  "#recording-glue": `${modules}/recording/recording.js`,
  "#recording-bytes": `${modules}/recording/recording_bg.wasm`,
  "#unpacker": `${js}/unpack.wat`,
};
const manifest = JSON.parse(await readFile(`${js}/package.json`, "utf8"));

/** Loaded by the others where the configuration asks for them, and exported to no one. */
const internal = ["verify.js", "verify-signature.js", "recording.js", "revocation.js", "delivery.js"];
/** What the package exports, and what is internal. */
const entries = Object.values(manifest.exports)
  .map((target) => basename(target.default ?? target))
  .filter((name) => name.endsWith(".js"));
entries.push(...internal);
const whole = new Set(["index.js", "slim.js", ...internal]);

/** Says where an import of the entry leads. */
const resolution = (entry) => ({
  name: "resolution",
  setup(build) {
    build.onResolve({ filter: /^#/ }, ({ path }) =>
      path in generated ? { path: generated[path] } : { errors: [{ text: `there is no ${path}` }] },
    );
    build.onResolve({ filter: /^\./ }, ({ path, importer, resolveDir, kind }) => {
      const target = resolve(resolveDir, path);
      if (dirname(target) !== js || importer === "" || !entries.includes(basename(target))) return undefined;
      const stays = kind === "dynamic-import" || !whole.has(entry);
      return stays ? { path: `./${basename(target)}`, external: true } : undefined;
    });
  },
});

/** @param {string} text @returns {Uint8Array} */
function assembled(text) {
  const module = binaryen.parseText(text);
  binaryen.setShrinkLevel(2);
  binaryen.setOptimizeLevel(2);
  module.optimize();
  return module.emitBinary();
}

const contents = {
  name: "contents",
  setup(build) {
    build.onLoad({ filter: /\.js$/ }, async ({ path }) =>
      path.startsWith(modules) ? { contents: trimmed(await readFile(path, "utf8")) } : undefined,
    );
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({
      loader: "text",
      contents: packed(await readFile(path)),
    }));
    build.onLoad({ filter: /\.wat$/ }, async ({ path }) => ({
      loader: "text",
      contents: Buffer.from(assembled(await readFile(path, "utf8"))).toString("base64"),
    }));
  },
};

for (const entry of entries) {
  const { metafile } = await esbuild.build({
    entryPoints: [`${js}/${entry}`],
    outfile: `${out}/${entry}`,
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    platform: "neutral",
    packages: "external",
    target: ["es2022", "chrome100", "firefox100", "safari15.4"],
    // A library that awaits at its top holds up every importer, and breaks some bundlers.
    supported: { "top-level-await": false },
    legalComments: "none",
    logLevel: "warning",
    plugins: [resolution(entry), contents],
  });
  const bytes = Object.values(metafile.outputs)[0].bytes;
  // `new URL("….wasm", import.meta.url)` makes bundlers emit a second copy of the module.
  if ((await readFile(`${out}/${entry}`, "utf8")).includes("import.meta.url"))
    console.error(`bundle: ${entry} names import.meta.url, so bundlers will look for files beside it`);
  console.error(`bundle: ${entry} ${bytes} bytes`);
}

manifest.version = values.version;
await writeFile(`${out}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
