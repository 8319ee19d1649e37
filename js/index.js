import bytes from "#bytes";
import start from "#glue";
import { decode } from "./bytes.js";
import { creator } from "./entry.js";
import { loader } from "./load.js";

export { SessionError, isSessionError } from "./errors.js";

export const init = loader(start, () => decode(bytes));
export const createSession = creator(init);
