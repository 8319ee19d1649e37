// The files that the recipes show: a block of code whose first line is a comment with the file's name.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { root } from "../../e2e/support/environment.mjs";

/** The files of a recipe, by name. */
export async function filesOf(recipe) {
  const text = await readFile(`${root}docs/recipes/${recipe}.md`, "utf8");
  const blocks = text.matchAll(/^```\w+\n((?:\/\/|#) (\S+\.\w+)\n.*?)^```$/gms);
  return Object.fromEntries([...blocks].map(([, code, name]) => [name, code]));
}

/** Writes files below a folder. */
export async function writeFiles(folder, files) {
  for (const [name, code] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, code);
  }
}

/** A change of a recipe's code for a test: this text in the place of that one, which has to be there. */
export function replaced(code, before, now) {
  if (!code.includes(before)) throw new Error(`the recipe does not have ${before}`);
  return code.replace(before, () => now);
}
