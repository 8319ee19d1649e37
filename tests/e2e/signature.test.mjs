// Signatures, verified with the cryptography of browsers.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, suite, test } from "node:test";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { startBrowser } from "./support/browser.mjs";
import { startChromium } from "./support/chromium.mjs";
import { root, TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { startFirefox } from "./support/firefox.mjs";
import { offerSessions } from "./support/in-page.mjs";
import { openStage, startStage } from "./support/stage.mjs";
import { openTroubled, printed, renew } from "./support/trouble.mjs";

const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const JWKS = "/.well-known/jwks.json";
const json = (value) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

let chromium;
const pairs = {};
before(async () => {
  for (const alg of ALGORITHMS) pairs[alg] = await generateKeyPair(alg, { extractable: true });
  chromium = await startBrowser();
});
after(() => chromium?.close());

const published = async (...algorithms) => ({
  keys: await Promise.all(algorithms.map(async (alg) => ({ ...(await exportJWK(pairs[alg].publicKey)), kid: alg, use: "sig" }))),
});
const sign = (alg, { kid = alg, key = pairs[alg].privateKey, lifetime = "15m" } = {}) =>
  new SignJWT({ sub: "ada" }).setProtectedHeader({ alg, kid }).setIssuedAt().setExpirationTime(lifetime).sign(key);

/** Signs in with each token: what came of it, and what the session counts in the end. Runs in the page. */
async function signInWith({ tokens, jwksUrl, algorithms }) {
  const { createSession } = await import("/pkg/index.js");
  const session = await createSession({ refresh: "/auth/refresh", tabs: false, token: { jwksUrl, ...(algorithms && { algorithms }) } });
  const outcomes = [];
  for (const access_token of tokens) {
    outcomes.push(await session.begin({ access_token, expires_in: 60 }).then(() => session.state, ({ code }) => code));
    await session.signOut();
  }
  return { outcomes, rejected: session.metrics().tokensRejected };
}

/** What was done to tokens, and why each is refused. */
async function hostile() {
  const token = await sign("RS256");
  const [header, claims, signature] = token.split(".");
  const flipped = (text, at) => {
    const bytes = Buffer.from(text, "base64url");
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
    return bytes.toString("base64url");
  };
  const { privateKey: stranger } = await generateKeyPair("RS256");
  const mac = (alg, secret) => {
    const signed = `${part({ alg, kid: "RS256" })}.${claims}`;
    return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  };
  const exp = Math.floor(Date.now() / 1000) + 60;
  return [
    [`${header}.${part({ sub: "grace", exp })}.${signature}`, "signature"],
    [`${header}.${claims}.${flipped(signature, 0)}`, "signature"],
    [`${header}.${claims}.${flipped(signature, -1)}`, "signature"],
    [`${header}.${claims}.${"A".repeat(342)}`, "signature"],
    [`${part({ alg: "RS256", kid: "RS256", typ: "x" })}.${claims}.${signature}`, "signature"],
    [await sign("RS256", { key: stranger }), "signature"],
    [`${part({ alg: "PS256", kid: "RS256" })}.${claims}.${signature}`, "signature"],
    [`${part({ alg: "RS512", kid: "RS256" })}.${claims}.${signature}`, "signature"],
    [`${part({ alg: "RS256", kid: "PS256" })}.${claims}.${signature}`, "signature"],
    [`${part({ alg: "ES256", kid: "RS256" })}.${claims}.${signature}`, "unfit-key"],
    [`${part({ alg: "RS256", kid: "ES256" })}.${claims}.${signature}`, "unfit-key"],
    [`${part({ alg: "RS256", kid: "EdDSA" })}.${claims}.${signature}`, "unfit-key"],
    [`${part({ alg: "RS256" })}.${claims}.${signature}`, "ambiguous-key"],
    [mac("HS256", await exportSPKI(pairs.RS256.publicKey)), "algorithm"],
    [mac("HS512", "RS256"), "algorithm"],
    [`${part({ alg: "none" })}.${claims}.${signature}`, "algorithm"],
    [`${header}.${claims}.`, "malformed"],
    // Another text for the same bytes: the last four bits of it stand for nothing.
    [`${header}.${claims}.${signature.slice(0, -1)}${{ A: "B", Q: "R", g: "h", w: "x" }[signature.at(-1)]}`, "malformed"],
    ["opaque", "malformed"],
  ];
}

suite("signatures", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  for (const start of [startChromium, startFirefox]) {
    test(`${start.name.slice(5)} tells tokens of jose and jsonwebtoken from whatever was done to them`, async (t) => {
      const browser = await start();
      t.after(() => browser.close());
      const stage = await startStage(t);
      stage.answers.set(JWKS, () => published(...ALGORITHMS).then(json));
      const { keys, tokens } = JSON.parse(await readFile(`${root}tests/node/signatures.json`, "utf8"));
      stage.answers.set("/fixtures", () => json({ keys }));
      const page = await browser.open(stage.address);

      const ours = await Promise.all(ALGORITHMS.map((alg) => sign(alg)));
      const passed = await page.evaluate(signInWith, { tokens: ours, jwksUrl: JWKS, algorithms: ALGORITHMS });
      assert.deepEqual(passed, { outcomes: ALGORITHMS.map(() => "active"), rejected: {} });
      const theirs = await page.evaluate(signInWith, { tokens, jwksUrl: "/fixtures" });
      assert.deepEqual(theirs, { outcomes: tokens.map(() => "active"), rejected: {} });

      const cases = await hostile();
      const refused = await page.evaluate(signInWith, { tokens: cases.map(([token]) => token), jwksUrl: JWKS });
      assert.deepEqual(refused.outcomes, cases.map(() => "ERR_TOKEN_INVALID"));
      const counts = {};
      for (const [, reason] of cases) counts[reason] = (counts[reason] ?? 0) + 1;
      assert.deepEqual(refused.rejected, counts);
      assert.equal(stage.at(JWKS).length, 2, "once, and once more for the token that names no key");
      for (const { headers } of stage.at(JWKS)) {
        assert.equal(headers.cookie, undefined);
        assert.match(headers["cache-control"], /no-cache|max-age=0/);
      }
    });
  }

  test("the sample server's tokens pass, and those of a new key while the page runs", async (t) => {
    const token = { jwksUrl: JWKS, issuer: "https://sample.sessionkeeper.test", audience: "sample-api", types: ["at+jwt"], algorithms: ["ES256"] };
    const run = await openTroubled(t, chromium, { lifetimeS: 60, config: { token } });
    const kid = () => run.page.evaluate(async () => JSON.parse(atob((await session.accessToken()).split(".")[0])).kid);
    const before = await kid();
    assert.equal(await renew(run.page), "done");
    assert.equal(run.traffic.at(JWKS).length, 1);
    await run.server.operate("rotate-key", "--overlap", "5m");
    await eventually("the new key", async () => {
      const { keys } = await (await fetch(run.server.address + JWKS)).json();
      return keys[0].kid !== before;
    });
    assert.equal(await renew(run.page), "done");
    assert.notEqual(await kid(), before);
    assert.equal(await renew(run.page), "done");
    assert.equal(run.traffic.at(JWKS).length, 2);
    assert.deepEqual(await run.page.evaluate(() => session.metrics().tokensRejected), {});
    assert.deepEqual(run.ofType("ended"), []);
  });

  test("keys that cannot be had sign nobody out, and are said once", async (t) => {
    const remark = /no keys of token\.jwksUrl: the status is 503/;
    const run = await openTroubled(t, chromium, { isSignedIn: false, expected: [printed(503), remark, /asked for once a minute/], config: { token: { jwksUrl: JWKS } } });
    await run.server.faults({ path: JWKS, requests: 1, status: { code: 503 } });
    await assert.rejects(run.signIn(), /No usable token in time/);
    assert.equal(await run.page.evaluate(() => session.state), "signed-out");
    // The cookie stands for a session, and the set may be asked for once more.
    assert.equal(await run.restore(), "active");

    await run.server.faults({ path: JWKS, seconds: 600, status: { code: 503 } });
    await run.page.reload();
    assert.equal(await run.restore(), "degraded");
    await run.hear("renewal-failed", 2);
    assert.ok(run.ofType("renewal-failed").every(({ detail }) => detail.cause === "network"));
    assert.deepEqual(await run.page.evaluate(() => [session.state, session.snapshot().reason, session.metrics().tokensRejected]), ["degraded", null, {}]);
    assert.deepEqual(run.ofType("ended"), []);
    assert.equal(run.printed.filter((text) => remark.test(text)).length, 2, "once in each life of the page");
  });

  test("an unknown key is counted, and the token that there is stays", async (t) => {
    const { page, stage, hear, ofType } = await openStage(t, chromium, { scripts: [offerSessions], expected: [/asked for once a minute/] });
    stage.answers.set(JWKS, () => published("ES256").then(json));
    const token = await sign("ES256");
    const unknown = await sign("ES384");
    stage.answers.set("/auth/refresh", () => json({ access_token: unknown }));
    await page.evaluate(async ({ token, jwksUrl }) => {
      globalThis.session = await newSession("auth", { token: { jwksUrl } });
      await session.begin({ access_token: token });
      await session.renew().catch(() => {});
    }, { token, jwksUrl: JWKS });
    const [{ detail }] = await hear("renewal-failed");
    assert.equal(detail.cause, "invalid-token");
    assert.equal(stage.at(JWKS).length, 2);
    await hear("renewal-failed", 2);
    assert.equal(ofType("renewal-failed")[1].detail.cause, "network");
    assert.equal(stage.at(JWKS).length, 2, "it is asked for again once a minute");
    assert.ok((await page.evaluate(() => session.metrics().tokensRejected["unknown-key"])) >= 2);
    assert.equal(await page.evaluate(() => session.accessToken()), token);
  });
});
