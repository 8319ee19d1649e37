// The second module of the package: loaded only when the configuration asks for its checks.

import bytes from "#verify-bytes";
import { initSync, verify as judge } from "#verify-glue";
import { unpacked } from "./bytes.js";
import { loader } from "./load.js";

const load = loader(initSync, () => unpacked(bytes));

/** The verdicts, as `src/web/session/keeper.rs` reads them; 2 is that this module could not be asked. */
const [PASSED, REFUSED, KEYLESS] = [0, 1, 3];

/**
 * What is to be said of a token: the verdict, and the code of the reason why it cannot be used.
 *
 * @param {string} token
 * @param {{ jwksUrl?: string }} requirements
 * @param {typeof fetch} send
 * @returns {Promise<[number, string?]>}
 */
export async function verify(token, requirements, send) {
  await load();
  /** @type {string | undefined} */
  const refusal = judge(token, requirements);
  if (refusal) return [REFUSED, refusal];
  if (!requirements.jwksUrl) return [PASSED];
  const { verifySignature } = await import("./verify-signature.js");
  const { reason = "", isCertain } = await verifySignature(token, requirements.jwksUrl, send);
  return [isCertain ? (reason ? REFUSED : PASSED) : KEYLESS, reason];
}
