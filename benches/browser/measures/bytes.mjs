import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/**
 * The bytes of files as they are, by gzip at its best, and by brotli at its best; each file is sent by itself.
 */
export function bytes(files) {
  const size = { raw: 0, gzip: 0, brotli: 0 };
  for (const content of files) {
    size.raw += content.length;
    size.gzip += gzipSync(content, { level: 9 }).length;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    size.brotli += brotliCompressSync(content, { params }).length;
  }
  return size;
}
