// What the package does without of wasm-bindgen's JavaScript: work when it is imported, which fails in a place that
// lacks what only a module uses, and what serves browsers or callers of before.

/** Each part as wasm-bindgen writes it and esbuild prints it, and what takes its place. @type {[string | RegExp, string][]} */
const CHANGES = [
  // The first text makes the decoder, as any does that comes after so many bytes.
  [/^let cachedTextDecoder = .*\ncachedTextDecoder\.decode\(\);$/m, "let cachedTextDecoder;"],
  ["let numBytesDecoded = 0;", "let numBytesDecoded = MAX_SAFARI_DECODE_BYTES;"],
  [/^const cachedTextEncoder = .*\nif \(!\("encodeInto" in cachedTextEncoder\)\) \{\n[^]*?\n\}$/m, ""],
  [/\bcachedTextEncoder\./g, "new TextEncoder()."],
  [/(?<=^function initSync\(.*\n.*\n) {2}if \(module !== void 0\) \{\n[^]*?\n {2}\}$/m, "  ({ module } = module);"],
];

/** @param {string} glue */
export const trimmed = (glue) =>
  CHANGES.reduce((text, [part, other]) => {
    const changed = text.replace(part, other);
    if (changed === text) throw new Error(`wasm-bindgen's JavaScript does not hold ${part}`);
    return changed;
  }, glue);
