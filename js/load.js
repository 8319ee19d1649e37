import { fail } from "./errors.js";
import { platformFetch } from "./platform.js";

/**
 * The module of a source, compiled.
 *
 * @param {import("./index.js").WasmSource} given
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(given) {
  /** @type {any} */
  let source = await given;
  if (typeof source === "string" || source instanceof URL || source instanceof Request) source = await platformFetch()(source);
  if (source instanceof Response) {
    if (!source.ok) throw new TypeError(`the answer's status is ${source.status}`);
    source = await source.arrayBuffer();
  }
  return source instanceof WebAssembly.Module ? source : WebAssembly.compile(source);
}

/**
 * A function that loads a module once: those who call at the same time share the load, and one that
 * failed can be tried again.
 *
 * @param {(options: { module: WebAssembly.Module }) => unknown} start
 * @param {() => import("./index.js").WasmSource} [standard] Where the module comes from when nobody says.
 */
export function loader(start, standard) {
  /** @type {Promise<void> | undefined} */
  let loading;
  /** @param {import("./index.js").WasmSource} [source] */
  const load = async (source) => {
    if (source === undefined && !standard) throw fail("ERR_WASM_LOAD", "this entry carries no module", undefined, "Call init(source) first.");
    try {
      start({ module: await compile(/** @type {any} */ (source ?? standard?.())) });
    } catch (cause) {
      throw fail("ERR_WASM_LOAD", undefined, cause);
    }
  };
  /** @param {import("./index.js").WasmSource} [source] */
  return (source) => {
    loading ??= load(source).catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
