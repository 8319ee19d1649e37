// The form in which a script carries a module: a character for each byte, and two for a rare one. Since bytes stay
// bytes, a server's compression finds in the text what it would find in the module, which base64 hides from it.
// js/bytes.js reads it, by what unpack.wat says.

/** Printable characters, but for `"` and `\`: the text stands in quotes as it is. */
const SYMBOLS = 91;
const FIRST = 35;
const BACKSLASH = 92;
/** Bytes below it, the most in a module, are one symbol. The two symbols that are left come before another one. */
const SHORT = SYMBOLS - 2;

/** @param {number} symbol */
const characterOf = (symbol) => String.fromCharCode(FIRST + symbol + Number(FIRST + symbol >= BACKSLASH));

/** The text that carries a module. @param {Uint8Array} module */
export function packed(module) {
  let text = "";
  for (const byte of module) {
    const rest = byte - SHORT;
    if (rest >= 0) text += characterOf(SHORT + Math.floor(rest / SYMBOLS));
    text += characterOf(rest < 0 ? byte : rest % SYMBOLS);
  }
  return text;
}
