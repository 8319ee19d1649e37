import { initSync } from "#glue";
import { creator } from "./entry.js";
import { loader } from "./load.js";

export { SessionError, isSessionError } from "./errors.js";

export const init = loader(initSync);
export const createSession = creator(init);
