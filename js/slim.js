import start from "#glue";
import { creator } from "./entry.js";
import { loader } from "./load.js";

export { SessionError, isSessionError } from "./errors.js";

export const init = loader(start);
export const createSession = creator(init);
