// The second module of the package: loaded only when the configuration asks for its checks.

import bytes from "#verify-bytes";
import { initSync, verify as judge } from "#verify-glue";
import { unpacked } from "./bytes.js";
import { loader } from "./load.js";

const load = loader(initSync, () => unpacked(bytes));

/**
 * The code of the reason why a token is refused; undefined when it passes.
 *
 * @param {string} token
 * @param {object} requirements
 * @returns {Promise<string | undefined>}
 */
export async function verify(token, requirements) {
  await load();
  return judge(token, requirements);
}
