import unpacker from "#unpacker";
import { decode } from "./base64.js";

const PAGE = 1 << 16;

/** The module that a text carries. @param {string} text */
export function unpacked(text) {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(text.length / PAGE) });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(decode(unpacker)), { "": { m: memory } });
  const bytes = new Uint8Array(memory.buffer);
  new TextEncoder().encodeInto(text, bytes);
  return bytes.subarray(0, /** @type {any} */ (exports).u(text.length));
}
