/** What a base64 text stands for. @param {string} base64 @returns {Uint8Array<ArrayBuffer>} */
export function decode(base64) {
  if ("fromBase64" in Uint8Array) return /** @type {any} */ (Uint8Array).fromBase64(base64);
  // A plain loop: `Uint8Array.from` with a callback is many times slower.
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/**
 * The module that a text carries: deflated, in base64.
 *
 * @param {string} text
 */
export function unpacked(text) {
  const inflated = new Response(decode(text)).body?.pipeThrough(new DecompressionStream("deflate"));
  return new Response(inflated);
}
