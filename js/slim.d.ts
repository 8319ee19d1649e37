// The entry that carries no module bytes: as the default entry, but `init` wants a source.

export * from "./index.js";
import type { WasmSource } from "./index.js";

/** Loads the WebAssembly module from `source`. Idempotent; a failed load can be tried again. */
export function init(source: WasmSource): Promise<void>;
