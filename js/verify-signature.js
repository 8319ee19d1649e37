// Loaded only when the configuration asks for `token.jwksUrl`.

import { decode } from "./base64.js";

/** A set is asked for again no sooner than so long after it was asked for again, whatever came of that. */
const ASKED_AGAIN_MS = 60_000;
/** So old, a set is asked for anew: a key may have been withdrawn. Where that fails, the old one serves. */
const OLD_MS = 3_600_000;
const PATIENCE_MS = 10_000;
/** More than any set has: what is longer is none. */
const LONGEST_SET = 1 << 18;
/** RFC 7518 section 3.3. */
const LEAST_RSA_BITS = 2048;

/**
 * @typedef {{ kid?: unknown, kty?: unknown, crv?: unknown, alg?: unknown, use?: unknown, key_ops?: unknown, [member: string]: unknown }} Jwk
 *
 * How the browser names an algorithm, and which keys are for it: their members, and no others, are its public part.
 * @typedef {{ name: string, hash?: string, saltLength?: number, namedCurve?: string, kty: string, crv?: string, members: string[] }} Algorithm
 */

/** Why no key can be had just now, which says nothing against the token. */
class Keyless extends Error {}

/** RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 9864 section 2.2. @param {unknown} alg @returns {Algorithm | undefined} */
function algorithmOf(alg) {
  if (alg === "EdDSA" || alg === "Ed25519") return { name: "Ed25519", kty: "OKP", crv: "Ed25519", members: ["crv", "x"] };
  const [, family, bits = ""] = /^([RPE]S)(256|384|512)$/.exec(typeof alg === "string" ? alg : "") ?? [];
  const hash = `SHA-${bits}`;
  const rsa = { hash, kty: "RSA", members: ["n", "e"] };
  if (family === "RS") return { name: "RSASSA-PKCS1-v1_5", ...rsa };
  if (family === "PS") return { name: "RSA-PSS", saltLength: Number(bits) / 8, ...rsa };
  const namedCurve = `P-${bits === "512" ? "521" : bits}`;
  if (family === "ES") return { name: "ECDSA", hash, namedCurve, kty: "EC", crv: namedCurve, members: ["crv", "x", "y"] };
}

/** @param {string} part */
const bytesOf = (part) => decode(part.replaceAll("-", "+").replaceAll("_", "/"));

/** The text of an answer that is not too long. @param {Response} response */
async function textOf(response) {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let [text, length] = ["", 0];
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > LONGEST_SET) {
      reader?.cancel().catch(() => {});
      throw new Keyless(`the answer is longer than ${LONGEST_SET} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** The keys that an address has now. @param {string} url @param {typeof fetch} send @returns {Promise<Jwk[]>} */
async function fetchKeys(url, send) {
  const response = await send(url, {
    headers: { accept: "application/json" },
    cache: "no-cache",
    credentials: "omit",
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => {
    throw new Keyless("it cannot be reached");
  });
  if (!response.ok) throw new Keyless(`the status is ${response.status}`);
  let keys;
  try {
    keys = JSON.parse(await textOf(response)).keys;
  } catch (error) {
    if (error instanceof Keyless) throw error;
  }
  if (!Array.isArray(keys)) throw new Keyless("the answer is no JSON Web Key Set");
  return keys.filter((key) => key && typeof key === "object");
}

/** The keys of one address, as they are known. */
class KeySet {
  #url;
  /** @type {Jwk[]} */
  #keys = [];
  #fetched = -Infinity;
  #askedAgain = -Infinity;
  #isFirst = true;
  /** @type {Promise<void> | undefined} */
  #asking;
  /** What the developer was told. @type {Set<string>} */
  #said = new Set();
  /** What the browser made of a key for an algorithm. @type {WeakMap<Jwk, Map<string, Promise<CryptoKey>>>} */
  #imported = new WeakMap();

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  get isUnknown() {
    return this.#fetched === -Infinity;
  }

  get isOld() {
    return performance.now() - this.#fetched > OLD_MS;
  }

  /** Tells the developer, once. @param {string} text */
  say(text) {
    if (!this.#said.has(text)) console.warn(`sessionkeeper: no keys of token.jwksUrl: ${text}`);
    this.#said.add(text);
  }

  /** Asks the server, unless it was asked too lately. @param {typeof fetch} send */
  async ask(send) {
    if (!this.#asking) {
      const now = performance.now();
      if (this.#isFirst) this.#isFirst = false;
      else if (now - this.#askedAgain < ASKED_AGAIN_MS) throw new Keyless("the set is asked for once a minute");
      else this.#askedAgain = now;
      this.#asking = this.#fetch(send).finally(() => (this.#asking = undefined));
    }
    await this.#asking;
  }

  /** @param {typeof fetch} send */
  async #fetch(send) {
    this.#keys = await fetchKeys(this.#url, send);
    this.#fetched = performance.now();
  }

  /**
   * Why a signature is not one that a key of the set has made; undefined where it is.
   *
   * @param {{ alg: string, kid?: unknown }} header
   * @param {Algorithm} algorithm
   * @param {Uint8Array<ArrayBuffer>} signature
   * @param {Uint8Array<ArrayBuffer>} signed
   */
  async judge({ alg, kid }, algorithm, signature, signed) {
    const named = this.#keys.filter((key) => kid === undefined || key.kid === kid);
    const fitting = named.filter((key) => {
      const { kty, crv, use = "sig", key_ops = ["verify"] } = key;
      const meant = key.alg === undefined ? algorithm : algorithmOf(key.alg);
      const isType = kty === algorithm.kty && crv === algorithm.crv;
      const isMeant = meant?.name === algorithm.name && meant.hash === algorithm.hash;
      return isType && isMeant && use === "sig" && Array.isArray(key_ops) && key_ops.includes("verify");
    });
    if (fitting.length > 1) return "ambiguous-key";
    const [jwk] = fitting;
    if (!jwk) return named.length && kid !== undefined ? "unfit-key" : "unknown-key";
    let key;
    try {
      key = await this.#import(jwk, alg, algorithm);
    } catch (error) {
      if (error instanceof Keyless) throw error;
      return "unfit-key";
    }
    if (Number(/** @type {any} */ (key.algorithm).modulusLength) < LEAST_RSA_BITS) return "unfit-key";
    return (await crypto.subtle.verify(algorithm, key, signature, signed)) ? undefined : "signature";
  }

  /** @param {Jwk} jwk @param {string} alg @param {Algorithm} algorithm */
  #import(jwk, alg, algorithm) {
    const made = this.#imported.get(jwk) ?? new Map();
    this.#imported.set(jwk, made);
    if (!made.has(alg)) {
      const { kty, members } = algorithm;
      const part = Object.fromEntries(["kty", ...members].map((name) => [name, jwk[name]]));
      const key = crypto.subtle.importKey("jwk", /** @type {JsonWebKey} */ (part), algorithm, false, ["verify"]).catch((error) => {
        throw error.name === "NotSupportedError" ? new Keyless(`this browser does not verify ${kty} signatures of ${alg}`) : error;
      });
      made.set(alg, key);
    }
    return made.get(alg);
  }
}

/** By address. @type {Map<string, KeySet>} */
const sets = new Map();

/**
 * Verifies the signature of a token that is well formed, with the browser's own cryptography. Tells why it is
 * refused, if it is, and whether that is certain: not where the keys cannot be had, or may be others by now.
 *
 * @param {string} token
 * @param {string} url Where the keys are published.
 * @param {typeof fetch} send
 * @returns {Promise<{ reason?: string | undefined, isCertain: boolean }>}
 */
export async function verifySignature(token, url, send) {
  const [header, claims, signature] = token.split(".");
  const { alg, kid } = JSON.parse(new TextDecoder().decode(bytesOf(header)));
  const algorithm = algorithmOf(alg);
  if (!algorithm) return { reason: "algorithm", isCertain: true };
  const set = sets.get(url) ?? new KeySet(url);
  sets.set(url, set);
  const signed = new TextEncoder().encode(`${header}.${claims}`);
  const judge = () => set.judge({ alg, kid }, algorithm, bytesOf(signature), signed);
  let isNew = false;
  const ask = async () => {
    await set.ask(send);
    isNew = true;
  };
  /** @type {string | undefined} */
  let reason;
  try {
    if (!globalThis.crypto?.subtle) throw new Keyless("browsers verify signatures only for pages that came over https");
    if (set.isUnknown) await ask();
    else if (set.isOld) await ask().catch(() => {});
    reason = await judge();
    // There may be another key by now.
    if (!isNew && (reason === "unknown-key" || (reason && kid === undefined))) {
      await ask();
      reason = await judge();
    }
    return { reason, isCertain: true };
  } catch (error) {
    if (!(error instanceof Keyless)) throw error;
    set.say(error.message);
    return { reason, isCertain: false };
  }
}
