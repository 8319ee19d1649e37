/** What has come needs a moment to be read, in a busy page. */
const LEAST_MS = 1000;
/** No timer is longer. */
const MOST_MS = 0x7fffffff;

/**
 * Aborts a request that was answered if the body is longer than so many bytes. A copy is counted, since Chromium calls
 * a request aborted whose own body was read as a stream.
 *
 * @param {ReadableStream<Uint8Array> | null} copy
 * @param {number} most
 * @param {AbortController} over
 */
async function count(copy, most, over) {
  const reader = copy?.getReader();
  for (let part; (part = (await reader?.read())?.value); ) if ((most -= part.length) < 0) over.abort();
}

/**
 * The text of an answer's body. One that is longer than so many bytes, or has not ended after so many milliseconds, is
 * given up by aborting its request: what came with the header, a cookie too, stays.
 *
 * @param {Response} response
 * @param {AbortController} over That of the request.
 * @param {number} most
 * @param {number} [ms] By default as long as an attempt to renew has.
 */
export async function textOf(response, over, most, ms = 10_000) {
  const timer = setTimeout(() => over.abort(), Math.min(Math.max(ms, LEAST_MS), MOST_MS));
  try {
    count(response.clone().body, most, over).catch(() => {});
    return await response.text();
  } finally {
    clearTimeout(timer);
  }
}
