// Signatures, against tokens of jsonwebtoken (signatures.json, by tests/signatures) and of jose, and against what was
// done to them.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { afterEach, beforeEach, mock, test } from "node:test";
import { pathToFileURL } from "node:url";
import { verifySignature } from "../../js/verify-signature.js";

const jose = await import(pathToFileURL(createRequire(new URL("../package.json", import.meta.url)).resolve("jose")));
const fixtures = JSON.parse(await readFile(new URL("signatures.json", import.meta.url), "utf8"));

const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const CLAIMS = { sub: "ada", exp: 4_000_000_000 };

/** A pair of keys for each algorithm, and the public halves as they are published. */
const pairs = {};
for (const alg of ALGORITHMS) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  pairs[alg] = { privateKey, jwk: { ...(await jose.exportJWK(publicKey)), kid: alg } };
}
const sign = (alg, { kid = alg, key = pairs[alg].privateKey, header = {} } = {}) =>
  new jose.SignJWT(CLAIMS).setProtectedHeader({ alg, ...(kid !== null && { kid }), ...header }).sign(key);
const joseSet = Object.values(pairs).map(({ jwk }) => jwk);

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const opened = (token) => token.split(".").map((each) => Buffer.from(each, "base64url"));
/** The token with another header, and the same signature. */
const headed = (token, change) => {
  const [header, ...rest] = token.split(".");
  return [part({ ...JSON.parse(Buffer.from(header, "base64url")), ...change }), ...rest].join(".");
};

let asked, now, said, next;
/** An address of its own, whose answers these are in turn, the last of them again and again. */
function publish(...answers) {
  asked = [];
  next = (url, init) => {
    asked.push({ url, init });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(answer instanceof Response ? answer.clone() : Response.json(Array.isArray(answer) ? { keys: answer } : answer));
  };
  return `https://issuer.example/jwks/${Math.random()}`;
}
const judge = async (token, url) => {
  const { reason, isCertain } = await verifySignature(token, url, (...request) => next(...request));
  return isCertain ? reason ?? "passed" : `unsure${reason ? `: ${reason}` : ""}`;
};
/** Under a set that has just been fetched. */
const judged = (token, keys) => judge(token, publish(keys));

beforeEach(() => {
  [now, said] = [1e6, []];
  mock.method(performance, "now", () => now);
  mock.method(console, "warn", (text) => said.push(text));
});
afterEach(() => mock.restoreAll());

test("tokens of jsonwebtoken pass, with each of its algorithms, and are told from others", async () => {
  assert.equal(fixtures.tokens.length, 9);
  const url = publish(fixtures.keys);
  for (const token of fixtures.tokens) {
    assert.equal(await judge(token, url), "passed", token);
    assert.equal(await judge(headed(token, { typ: "at+jwt" }), url), "signature");
  }
  assert.equal(asked.length, 1);
});

for (const alg of ALGORITHMS) {
  test(`${alg}: tokens of jose pass, and whatever is done to them is noticed`, async () => {
    const token = await sign(alg);
    const url = publish(joseSet);
    assert.equal(await judge(token, url), "passed");

    // Each part with single bits turned over, at its beginning, its end and in between.
    const bytes = opened(token);
    for (const [place, whole] of bytes.entries()) {
      for (const at of new Set([0, whole.length >> 1, whole.length - 1])) {
        for (const bit of [1, 2, 64]) {
          const changed = bytes.map((each) => Buffer.from(each));
          changed[place][at] ^= bit;
          const tampered = changed.map((each) => each.toString("base64url")).join(".");
          // What is no JSON any longer does not get here; a header may name another key or algorithm.
          const found = await judge(tampered, url).catch(() => "malformed");
          assert.notEqual(found, "passed", `${place} ${at} ${bit}`);
          if (place) assert.equal(found, "signature");
        }
      }
    }
    const [header, claims, signature] = token.split(".");
    for (const other of ["", "AA", signature.slice(4), `${signature}AAAA`, part("x".repeat(600))]) {
      assert.equal(await judge(`${header}.${claims}.${other}`, url), "signature", other);
    }
    assert.equal(await judge(`${header}.${part({ ...CLAIMS, sub: "grace" })}.${signature}`, url), "signature");

    const { privateKey: stranger } = await jose.generateKeyPair(alg);
    assert.equal(await judge(await sign(alg, { key: stranger }), url), "signature");
    for (const swapped of ALGORITHMS.filter((each) => each !== alg)) {
      const found = await judge(headed(token, { alg: swapped }), url);
      const isSameFamily = swapped[0] !== "E" && alg[0] !== "E";
      assert.equal(found, isSameFamily ? "signature" : "unfit-key", swapped);
      assert.match(await judge(headed(token, { kid: swapped }), url), /^(unfit-key|signature)$/);
    }
    assert.ok(asked.length <= 2, "a bit of a kid has the set asked for once more");
  });
}

test("what is not signed, or with a secret, is refused, whatever the secret is", async () => {
  const { jwk } = pairs.RS256;
  const pem = await jose.exportSPKI(await jose.importJWK(jwk, "RS256"));
  for (const secret of [pem, JSON.stringify(jwk), jwk.n, Buffer.from(jwk.n, "base64url")]) {
    for (const alg of ["HS256", "HS384", "HS512"]) {
      const signed = `${part({ alg, kid: "RS256" })}.${part(CLAIMS)}`;
      const signature = createHmac(alg.replace("HS", "sha"), secret).update(signed).digest("base64url");
      assert.equal(await judged(`${signed}.${signature}`, joseSet), "algorithm");
      const secretKey = { kty: "oct", k: Buffer.from(secret).toString("base64url"), kid: "RS256", alg };
      assert.equal(await judged(`${signed}.${signature}`, [secretKey]), "algorithm");
    }
  }
  for (const alg of ["none", "None", "", null, undefined, 7, {}, ["ES256"], "es256", "ES256 ", "ES256K", "RS1", "RSA-OAEP", "dir", "constructor", "ES25", "HS256,RS256"]) {
    assert.equal(await judged(headed(await sign("ES256"), { alg }), joseSet), "algorithm", String(alg));
  }
});

test("a key is taken by its name, and only for what it is meant for", async () => {
  const { jwk } = pairs.RS256;
  const token = await sign("RS256");
  for (const [change, expected] of [
    [{ alg: "RS256", use: "sig", key_ops: ["verify"] }, "passed"],
    [{ key_ops: ["sign", "verify"] }, "passed"],
    [{ x5c: ["x"], x5t: "x", d: "AQAB", ext: false, unknown: 1 }, "passed"],
    [{ alg: "RS384" }, "unfit-key"],
    [{ alg: "PS256" }, "unfit-key"],
    [{ alg: "RSA-OAEP" }, "unfit-key"],
    [{ alg: 7 }, "unfit-key"],
    [{ use: "enc" }, "unfit-key"],
    [{ use: 1 }, "unfit-key"],
    [{ key_ops: ["encrypt"] }, "unfit-key"],
    [{ key_ops: [] }, "unfit-key"],
    [{ key_ops: "verify" }, "unfit-key"],
    [{ kty: "EC" }, "unfit-key"],
    [{ kty: "oct", k: "AAAA" }, "unfit-key"],
    [{ crv: "P-256" }, "unfit-key"],
    [{ n: undefined }, "unfit-key"],
    [{ n: "AAAA" }, "unfit-key"],
    [{ n: "+/=", e: [] }, "unfit-key"],
    [{ kid: "other" }, "unknown-key"],
    [{ kid: 7 }, "unknown-key"],
  ]) assert.equal(await judged(token, [{ ...jwk, ...change }]), expected, JSON.stringify(change));
  assert.equal(await judged(await sign("RS256", { kid: "" }), [{ ...jwk, kid: "" }]), "passed");
  assert.equal(await judged(token, [jwk, { ...jwk }]), "ambiguous-key");
  assert.equal(await judged(token, [null, 7, "x", [], { ...pairs.ES256.jwk, kid: "RS256" }, jwk]), "passed");
  assert.equal(await judged(token, []), "unknown-key");
});

test("a curve is not another one, and a signature is no DER", async () => {
  for (const alg of ["ES256", "ES384", "ES512"]) {
    for (const other of ["ES256", "ES384", "ES512"].filter((each) => each !== alg)) {
      assert.equal(await judged(await sign(alg), [{ ...pairs[other].jwk, kid: alg }]), "unfit-key");
    }
  }
  assert.equal(await judged(await sign("ES256"), [{ ...pairs.ES256.jwk, y: pairs.ES256.jwk.x }]), "unfit-key", "no point of the curve");
  const [header, claims, signature] = (await sign("ES256")).split(".");
  const raw = Buffer.from(signature, "base64url");
  const whole = (bytes) => (bytes[0] & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
  const [r, s] = [whole(raw.subarray(0, 32)), whole(raw.subarray(32))];
  const der = Buffer.concat([Buffer.of(0x30, 4 + r.length + s.length, 2, r.length), r, Buffer.of(2, s.length), s]);
  assert.equal(await judged(`${header}.${claims}.${der.toString("base64url")}`, [pairs.ES256.jwk]), "signature");
});

test("a token without a kid is verified with the only key that fits", async () => {
  const token = await sign("ES256", { kid: null });
  const { jwk } = pairs.ES256;
  assert.equal(await judged(token, joseSet), "passed");
  assert.equal(await judged(token, [jwk, { ...jwk, kid: "again" }]), "ambiguous-key");
  assert.equal(await judged(token, [jwk, { ...jwk, use: "enc" }]), "passed");
  assert.equal(await judged(token, [pairs.ES384.jwk]), "unknown-key");
  assert.equal(await judged(token, [{ ...jwk, kid: undefined }]), "passed");
});

test("RSA keys of less than 2048 bits are refused", async () => {
  const usages = ["sign", "verify"];
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 1024, publicExponent: Uint8Array.of(1, 0, 1) };
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, usages);
  const signed = `${part({ alg: "RS256", kid: "1" })}.${part(CLAIMS)}`;
  const signature = Buffer.from(await crypto.subtle.sign(algorithm, privateKey, Buffer.from(signed))).toString("base64url");
  const { n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  assert.equal(await judged(`${signed}.${signature}`, [{ kty: "RSA", kid: "1", n, e }]), "unfit-key");
});

test("the set is fetched past the cache, without credentials, and once for all who need it", async () => {
  const url = publish(joseSet);
  const tokens = await Promise.all(ALGORITHMS.map((alg) => sign(alg)));
  assert.deepEqual(await Promise.all(tokens.map((token) => judge(token, url))), tokens.map(() => "passed"));
  const [{ init, url: to }] = asked;
  assert.equal(asked.length, 1);
  assert.equal(to, url);
  const { signal, ...rest } = init;
  assert.deepEqual(rest, { headers: { accept: "application/json" }, cache: "no-cache", credentials: "omit", redirect: "error" });
  assert.ok(signal instanceof AbortSignal);
});

test("an unknown kid has the set fetched again, at most once a minute", async () => {
  const rotated = { ...pairs.ES256.jwk, kid: "new" };
  const url = publish([pairs.ES256.jwk], [rotated], [rotated], [rotated, { ...rotated, kid: "newest" }]);
  assert.equal(await judge(await sign("ES256"), url), "passed");
  assert.equal(await judge(await sign("ES256", { kid: "new" }), url), "passed");
  assert.equal(asked.length, 2);
  for (let turn = 0; turn < 5; turn++) {
    assert.equal(await judge(await sign("ES256", { kid: "newest" }), url), "unsure: unknown-key");
    now += 11_000;
  }
  assert.equal(asked.length, 2);
  now += 5_000;
  assert.equal(await judge(await sign("ES256", { kid: "newest" }), url), "unknown-key", "the server has just said so");
  assert.equal(asked.length, 3);
  now += MINUTE_MS;
  assert.equal(await judge(await sign("ES256", { kid: "newest" }), url), "passed");
  assert.equal(await judge(await sign("ES256"), url), "unsure: unknown-key", "the old one was withdrawn");
  assert.equal(asked.length, 4);
});

test("a key without a name may have been replaced under that", async () => {
  const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
  const url = publish([pairs.ES256.jwk], [await jose.exportJWK(publicKey)]);
  assert.equal(await judge(await sign("ES256", { kid: null }), url), "passed");
  assert.equal(await judge(await sign("ES256", { kid: null, key: privateKey }), url), "passed");
  assert.equal(await judge(await sign("ES256", { kid: null }), url), "unsure: signature");
  assert.equal(asked.length, 2);
});

for (const [what, answer, expected] of [
  ["cannot be reached", new TypeError("Failed to fetch"), /cannot be reached/],
  ["answers with an error", new Response("{}", { status: 503 }), /status is 503/],
  ["answers with a login page", new Response("<!doctype html>"), /no JSON Web Key Set/],
  ["answers with nothing", new Response(null, { status: 204 }), /no JSON Web Key Set/],
  ["answers with null", new Response("null"), /no JSON Web Key Set/],
  ["answers without keys", { key: [] }, /no JSON Web Key Set/],
  ["answers with keys that are no list", { keys: { 0: {} } }, /no JSON Web Key Set/],
  ["answers with JSON that is cut off", new Response('{"keys":['), /no JSON Web Key Set/],
  ["answers with too much", new Response(`{"keys":[]}${" ".repeat(1 << 18)}`), /longer than/],
]) {
  test(`a server that ${what} says nothing against a token, and is asked again in its time`, async () => {
    const url = publish(answer, answer, [pairs.ES256.jwk]);
    const token = await sign("ES256");
    assert.equal(await judge(token, url), "unsure");
    assert.match(said[0], /^sessionkeeper: no keys of token\.jwksUrl: /);
    assert.match(said[0], expected);
    for (let turn = 0; turn < 5; turn++) assert.equal(await judge(token, url), "unsure");
    assert.equal(asked.length, 2);
    assert.equal(new Set(said).size, said.length, "each is said once");
    now += MINUTE_MS;
    assert.equal(await judge(token, url), "passed");
  });
}

test("a set that is an hour old is asked for anew, and serves where that fails", async () => {
  const url = publish([pairs.ES256.jwk], new TypeError(), [pairs.ES384.jwk]);
  const token = await sign("ES256");
  assert.equal(await judge(token, url), "passed");
  now += HOUR_MS + 1;
  assert.equal(await judge(token, url), "passed");
  assert.equal(asked.length, 2);
  now += MINUTE_MS;
  assert.equal(await judge(token, url), "unknown-key", "it was withdrawn");
});

test("an algorithm that the browser does not have, or a page without cryptography, says nothing against a token", async () => {
  const { importKey } = crypto.subtle;
  mock.method(crypto.subtle, "importKey", (format, key, algorithm, ...rest) =>
    algorithm.name === "Ed25519" ? Promise.reject(new DOMException("Unrecognized name", "NotSupportedError")) : importKey.call(crypto.subtle, format, key, algorithm, ...rest));
  assert.equal(await judged(await sign("EdDSA"), joseSet), "unsure");
  assert.match(said[0], /this browser does not verify .*EdDSA/);
  mock.restoreAll();
  const { warn } = console;
  console.warn = () => {};
  const whole = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { configurable: true, value: {} });
  const found = await judge(headed(fixtures.tokens[0], {}), publish(fixtures.keys));
  Object.defineProperty(globalThis, "crypto", whole);
  console.warn = warn;
  assert.equal(found, "unsure");
  assert.equal(asked.length, 0);
});

test("nothing that is said has anything of a token", async () => {
  const token = await sign("ES256");
  await judged(token, new Response(token, { status: 503 }));
  await judged(token, new Response(token));
  await judged(token, new TypeError(token));
  assert.equal(said.length, 3);
  for (const each of token.split(".")) assert.ok(!said.join().includes(each));
});
