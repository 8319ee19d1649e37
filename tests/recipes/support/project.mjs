// The project that the recipes are run in: the package as it is published, and what they need beside it.

import { build } from "esbuild";
import { cp, mkdir, mkdtemp, symlink } from "node:fs/promises";
import { join } from "node:path";
import { install, pack, place } from "../../packaging/support/project.mjs";
import { writeFiles } from "./documents.mjs";

let installed;
/** Packs and installs, once. */
export const installRecipes = () => (installed ??= pack().then(() => install("recipes")));

/** A folder with these files, in which the packages of the recipes are found. */
export async function folderWith(files) {
  const packages = `${await installRecipes()}/node_modules`;
  const folder = await mkdtemp(`${place}/recipe-`);
  await symlink(packages, join(folder, "node_modules"));
  await mkdir(join(folder, "public"));
  await writeFiles(folder, files);
  return folder;
}

const PAGE = (name) => `<!doctype html><html lang=en><title>A recipe</title><link rel=icon href=data:,>
<div id=root></div><script type=module src=/${name}.js></script></html>`;

/** Builds a page of a folder's file: NAME.js becomes public/NAME.html with all that it imports. */
export async function buildPage(folder, entry, name = entry.replace(/\.jsx?$/, "")) {
  await build({
    absWorkingDir: folder,
    entryPoints: { [name]: entry },
    outdir: "public",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"', "globalThis.__DEV__": "false" },
    logLevel: "error",
  });
  await writeFiles(join(folder, "public"), { [`${name}.html`]: PAGE(name) });
}

/** Copies the pages of one folder to another. */
export const copyPages = (from, to) => cp(join(from, "public"), to, { recursive: true });
