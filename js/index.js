import bytes from "#bytes";
import { initSync } from "#glue";
import { unpacked } from "./bytes.js";
import { creator } from "./entry.js";
import { loader } from "./load.js";

export { SessionError, isSessionError } from "./errors.js";

export const init = loader(initSync, () => unpacked(bytes));
export const createSession = creator(init);
