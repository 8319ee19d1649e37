// Prints, for each file named, its size in bytes as it is, by gzip at its best, and by brotli at its best;
// zeros for a file that is not there.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

for (const path of process.argv.slice(2)) {
  if (!existsSync(path)) {
    console.log(0, 0, 0);
    continue;
  }
  const content = await readFile(path);
  const gzip = gzipSync(content, { level: 9 });
  const brotli = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  console.log(content.length, gzip.length, brotli.length);
}
