// Each link of the documents leads to a file, and to a heading of it.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const root = fileURLToPath(new URL("../..", import.meta.url));

const withoutCode = (text) => text.replace(/^```.*?^```$/gms, "");
/** The names by which GitHub links to a document's headings. */
const anchorsIn = (text) =>
  [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));

test("every link of the documents leads somewhere", async () => {
  const folder = await readdir(`${root}docs`, { recursive: true });
  const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...folder.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
  const astray = [];
  let followed = 0;
  for (const document of documents) {
    const text = withoutCode(await readFile(root + document, "utf8")).replace(/`[^`\n]*`/g, "");
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      followed++;
      const [path, anchor] = target.split("#");
      const file = path ? normalize(join(dirname(document), path)) : document;
      const linked = await readFile(root + file, "utf8").catch(() => null);
      const isThere = linked !== null && (!anchor || anchorsIn(linked).includes(anchor));
      if (!isThere) astray.push(`${document}: ${target}`);
    }
  }
  assert.deepEqual(astray, []);
  assert.ok(followed > 20, `${followed}`);
});
