import { fail } from "./errors.js";

/**
 * A function that loads a module once: those who call at the same time share the load, and one that
 * failed can be tried again.
 *
 * @template S
 * @param {(source: { module_or_path: S }) => Promise<unknown>} start
 * @param {() => S} [standard] Where the module comes from when nobody says.
 */
export function loader(start, standard) {
  /** @type {Promise<void> | undefined} */
  let loading;
  /** @param {S} [source] */
  const load = async (source = standard?.()) => {
    if (source === undefined) throw fail("ERR_WASM_LOAD", "this entry carries no module", undefined, "Call init(source) first.");
    try {
      await start({ module_or_path: source });
    } catch (cause) {
      throw fail("ERR_WASM_LOAD", undefined, cause);
    }
  };
  /** @param {S} [source] */
  return (source) => {
    loading ??= load(source).catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
