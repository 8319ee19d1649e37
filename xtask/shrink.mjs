// Makes one module of wasm-pack as small as it gets without changing what it does:
//
//   node xtask/shrink.mjs target/package/session/sessionkeeper
//
// for `sessionkeeper.js` and `sessionkeeper_bg.wasm` there, both rewritten in place.
//
// 1. Short names for what module and JavaScript call each other by. wasm-opt chooses them, and esbuild
//    applies the same ones to the JavaScript. Only the memory keeps its name, for who debugs a page.
// 2. Panics become traps. With `panic = "abort"` a panic ends in a trap in any case, and its message
//    has nowhere to go in a browser; but the standard library composes the message first. Where nothing
//    else formats texts, the code for that goes as well, and so do the names of source files, which
//    would tell where the package was built.
// 3. wasm-opt.

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const require = createRequire(new URL("../tests/package.json", import.meta.url));
const esbuild = require("esbuild");
const { default: binaryen } = await import(require.resolve("binaryen"));
const wasmOpt = join(dirname(require.resolve("binaryen")), "bin/wasm-opt");

/** What the standard library's code for the target uses, all of it in browsers since 2021. */
const FEATURES = [
  "--enable-bulk-memory",
  "--enable-bulk-memory-opt",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];

/** Functions of the standard library that only a panic calls, by their paths without hashes and parameters. */
const PANICKING = [
  /^core::panicking::/,
  /^core::cell::panic_/,
  /^core::(option|result)::(unwrap|expect)_failed/,
  /^core::(slice|str)::(\w+::)*\w+_fail\b/,
  /^alloc::raw_vec::(handle_error|capacity_overflow)/,
  /^alloc::alloc::handle_alloc_error/,
  /^std::alloc::(rust_oom|default_alloc_error_hook)/,
  /^(<|core::ptr::drop_in_place::<)?std::panicking::(begin_panic|panic_\w+)/,
  /^__rustc::(rust_begin_unwind|rust_panic|__rust_start_panic|__rust_alloc_error_handler)/,
];

const stem = process.argv[2];
const modulePath = `${stem}_bg.wasm`;
const gluePath = `${stem}.js`;

/** Runs wasm-opt on the module in place, and returns what it prints. @param {...string} options */
const optimize = (...options) =>
  execFileSync(process.execPath, [wasmOpt, ...FEATURES, ...options, modulePath, "-o", modulePath], { encoding: "utf8" });

/**
 * Gives the module's imports and exports short names, and returns them by the long ones.
 *
 * @returns {Record<string, string>}
 */
function shortenNames() {
  const { imports, exports } = JSON.parse(optimize("--debuginfo", "--minify-imports-and-exports-and-modules"));
  const names = Object.fromEntries(exports);
  for (const [importedFrom, long, short] of imports) {
    names[long] = short;
    names[importedFrom] = "a"; // What wasm-opt calls the one module that imports come from.
  }
  return names;
}

/** @param {any} module @param {string} shortName */
function nameMemoryAgain(module, shortName) {
  const { value } = binaryen.getExportInfo(module.getExport(shortName));
  module.removeExport(shortName);
  module.addMemoryExport(value, "memory");
}

/** @param {string} path */
const isPanicking = (path) => PANICKING.some((pattern) => pattern.test(path));

/** Functions that take a `core::fmt::Formatter`, and those that make one. @param {string} path */
const isFormatting = (path) => /^<?core::fmt::| as core::fmt::/.test(path);

/** A function's path without the hashes of crates. @param {string} name */
const pathOf = (name) => name.replace(/\[\w+\]/g, "");

/**
 * Replaces the functions of these paths by traps, and returns how many there were.
 *
 * @param {any} module
 * @param {(path: string) => boolean} isSuch
 */
function trap(module, isSuch) {
  let replaced = 0;
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const reference = module.getFunctionByIndex(index);
    if (!isSuch(pathOf(binaryen.getFunctionInfo(reference).name))) continue;
    binaryen.Function.setBody(reference, module.unreachable());
    replaced++;
  }
  return replaced;
}

/** Whether any function calls one for formatting that is none itself. @param {any} module */
function formatsTexts(module) {
  const name = String.raw`\$("(?:[^"\\]|\\.)*"|\S+?)(?=[\s)])`;
  let caller = "";
  for (const [, defined, called] of module.emitText().matchAll(new RegExp(`\\(func ${name}|\\(call ${name}`, "g"))) {
    if (defined) caller = pathOf(defined.replaceAll('"', ""));
    else if (!isFormatting(caller) && isFormatting(pathOf(called.replaceAll('"', "")))) return true;
  }
  return false;
}

/** @param {any} module */
function trapInsteadOfPanic(module) {
  const replaced = trap(module, isPanicking);
  // Their names are no interface: a toolchain may change them.
  if (replaced < PANICKING.length) throw new Error(`${modulePath} names only ${replaced} functions that a panic calls`);
  // They are left in the function table, where wasm-opt cannot tell that nobody calls them.
  if (!formatsTexts(module)) trap(module, isFormatting);
}

/** @param {string} text */
const escaped = (text) => text.replace(/\W/g, "\\$&");

/**
 * Has the JavaScript use the short names.
 *
 * @param {string} glue
 * @param {Record<string, string>} names
 */
async function rename(glue, names) {
  const { code } = await esbuild.transform(glue, {
    mangleProps: new RegExp(`^(${Object.keys(names).map(escaped).join("|")})$`),
    mangleQuoted: true,
    mangleCache: names,
    legalComments: "none",
  });
  return code;
}

/** Where the paths of source files begin: of the toolchain, of dependencies, of this crate. */
const PATH_STARTS = ["/rustc/", "/rust/deps/", `${process.env.CARGO_HOME ?? join(homedir(), ".cargo")}/`, "src/"];

/**
 * Blanks the paths of source files, which only panics name.
 *
 * @param {Uint8Array} bytes
 */
function withoutPaths(bytes) {
  const paths = new RegExp(`(${PATH_STARTS.map(escaped).join("|")})[\\w./+-]*?\\.rs`, "g");
  const text = Buffer.from(bytes).toString("latin1");
  return Buffer.from(text.replace(paths, (path) => "\0".repeat(path.length)), "latin1");
}

const { memory, ...names } = shortenNames();
await writeFile(gluePath, await rename(await readFile(gluePath, "utf8"), names));

const module = binaryen.readBinary(await readFile(modulePath));
nameMemoryAgain(module, memory);
trapInsteadOfPanic(module);
await writeFile(modulePath, withoutPaths(module.emitBinary()));

const restructure = ["--flatten", "--local-cse", "--rereloop"];
const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
optimize(...restructure, "-Oz", "--converge", ...strip);
