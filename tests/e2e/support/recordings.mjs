// Keeps the recordings of the sessions in the pages of the tests, a file for each, where `recorded-package.mjs` has
// made the package.

import { appendFileSync } from "node:fs";
import { basename, join } from "node:path";
import { recordings } from "./environment.mjs";

const LINE = /^sessionkeeper-recording (\w+) (\d+) (.*)$/s;

/** How many lines of each recording are kept. */
const kept = new Map();

/** Keeps what is printed, if it is a line of a recording; tells whether it is. */
export function keepLine(printed) {
  const [, id, place, line] = LINE.exec(printed) ?? [];
  if (!id) return false;
  const count = kept.get(id) ?? 0;
  // After a line that was lost, nothing can be run again.
  if (recordings && Number(place) === count) {
    kept.set(id, count + 1);
    appendFileSync(join(recordings, `${basename(process.argv[1], ".test.mjs")}-${id}.jsonl`), `${line}\n`);
  }
  return true;
}
