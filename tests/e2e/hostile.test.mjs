// Tokens as no server should send them: what is made of each, with the first module alone and with both.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { offerSessions } from "./support/in-page.mjs";
import { openStage } from "./support/stage.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const encoded = (text) => Buffer.from(text).toString("base64url");
const NOW = Math.floor(Date.now() / 1000);
const HEADER = '{"alg":"ES256","typ":"at+jwt"}';
const USUAL = `"iss":"https://issuer.example","aud":"api","sub":"ada"`;
const jwt = (claims, header = HEADER, signature = "c2ln") => `${encoded(header)}.${encoded(claims)}.${signature}`;
/** A token with these claims beside the usual ones. */
const dated = (claims) => jwt(`{${USUAL},${claims}}`);
const good = dated(`"exp":${NOW + 600}`);
const [header, claims] = good.split(".");
const deep = (depth) => "[".repeat(depth) + "]".repeat(depth);

/** Each with its reason in the first module, where it has one, and in both. */
const CASES = {
  "a date that is text": [dated(`"exp":"${NOW + 600}"`), "expiry"],
  "a date that is nothing": [dated('"exp":null'), "expiry"],
  "a date that is a list": [dated(`"exp":[${NOW + 600}]`), "expiry"],
  "no date": [dated('"jti":"1"'), "expiry"],
  "a negative date": [dated('"exp":-1'), "expiry"],
  "a date of 1e300": [dated('"exp":1e300'), "expiry"],
  "a date beyond all numbers": [dated('"exp":1e999'), "expiry"],
  "milliseconds": [dated(`"exp":${(NOW + 600) * 1000}`), "expiry"],
  "an end before its beginning": [dated(`"exp":${NOW + 600},"iat":${NOW + 601}`), "issued-at"],
  "an end at its beginning": [dated(`"exp":${NOW + 600},"iat":${NOW + 600}`), "issued-at"],
  "a beginning that is text": [dated(`"exp":${NOW + 600},"iat":"now"`), "issued-at"],
  "a beginning in milliseconds": [dated(`"exp":${NOW + 600},"iat":${NOW * 1000}`), "issued-at"],
  "a time before which it is not good, after its end": [dated(`"exp":${NOW + 600},"nbf":${NOW + 601}`), "not-before"],
  "a time before which it is not good, as text": [dated(`"exp":${NOW + 600},"nbf":"1"`), "not-before"],
  "no signature wanted": [jwt(`{${USUAL},"exp":${NOW + 600}}`, '{"alg":"none"}'), "algorithm"],
  "no signature wanted, in other letters": [jwt(`{${USUAL},"exp":${NOW + 600}}`, '{"alg":"nOnE"}'), "algorithm"],
  "no signature wanted, in disguise": [jwt(`{${USUAL},"exp":${NOW + 600}}`, '{"alg":"n\\u006fne"}'), "algorithm"],
  "an algorithm without a name": [jwt(`{${USUAL},"exp":${NOW + 600}}`, '{"alg":""}'), "algorithm"],
  "four parts": [`${good}.c2ln`, "malformed"],
  "five parts": [`${good}.c2ln.c2ln`, "malformed"],
  "two parts": [`${header}.${claims}`, "malformed"],
  "no claims": [`${header}..c2ln`, "malformed"],
  "a base64 of another alphabet": [`${header}.${claims}.c2+/`, "malformed"],
  "padding": [`${header}.${claims}.c2k=`, "malformed"],
  "stray bits": [`${header}.${claims}.c2l`, "malformed"],
  "claims that are cut off": [`${header}.${claims.slice(0, -3)}.c2ln`, "malformed"],
  "claims that are a list": [jwt("[]"), "malformed"],
  "claims of bytes that are no text": [`${header}.${Buffer.from('{"a":"\xff"}', "latin1").toString("base64url")}.c2ln`, "malformed"],
  "a megabyte": [`${header}.${"A".repeat(1 << 20)}.c2ln`, "too-large"],
  "deep nesting that does not end": [jwt(`{"exp":${NOW + 600},"a":${"[".repeat(3000)}}`), "malformed"],
};
/** Refused by the second module alone. */
const ALSO_REFUSED = {
  "two members of one name": [dated(`"exp":1,"exp":${NOW + 600}`), "malformed"],
  "two members of one name, in disguise": [dated(`"exp":${NOW + 600},"e\\u0078p":${NOW + 600}`), "malformed"],
  "no signature": [jwt(`{${USUAL},"exp":${NOW + 600}}`, HEADER, ""), "malformed"],
  "another issuer": [jwt(`{"iss":"https://issuer.example.evil.test","exp":${NOW + 600}}`), "issuer"],
  "no issuer": [jwt(`{"exp":${NOW + 600}}`), "missing-claim"],
  "an extension": [jwt(`{${USUAL},"exp":${NOW + 600}}`, '{"alg":"ES256","crit":["b64"],"b64":false}'), "critical"],
};
const PASSES = {
  "a usual one": good,
  "fractions": dated(`"exp":${NOW + 600}.9,"iat":${NOW}.9,"nbf":${NOW - 9}.1`),
  "deep nesting": dated(`"exp":${NOW + 600},"a":${deep(2000)}`),
  "an unknown algorithm": jwt(`{${USUAL},"exp":${NOW + 600}}`, '{"alg":"ML-DSA-65"}'),
};

/** Signs in with each: what comes of it, and the reasons that are counted, one after the other. Runs in the page. */
async function tryEach({ tokens, token }) {
  const session = await newSession("auth", { tabs: false, token });
  const found = [];
  for (const access_token of tokens) {
    const before = session.metrics().tokensRejected;
    const outcome = await session.begin({ access_token, expires_in: 60 }).then(() => session.state, ({ code }) => code);
    const counts = Object.entries(session.metrics().tokensRejected).filter(([reason, count]) => count !== (before[reason] ?? 0));
    const [entry] = session.history().slice(-1);
    found.push([outcome, ...counts.map(([reason, count]) => `${reason} ${count - (before[reason] ?? 0)}`), ...(counts.length ? [entry.type, entry.detail.reason] : [])]);
    await session.signOut();
  }
  return found;
}

suite("hostile tokens", { timeout: TEST_LIMIT_MS }, () => {
  for (const [depth, token] of [["the first module", undefined], ["both modules", { issuer: "https://issuer.example" }]]) {
    test(`${depth}: each is refused for its own reason, which is counted`, async (t) => {
      const { page } = await openStage(t, browser, { scripts: [offerSessions] });
      const cases = Object.entries({ ...CASES, ...(token && ALSO_REFUSED) });
      const found = await page.evaluate(tryEach, { tokens: cases.map(([, [text]]) => text), token });
      for (const [place, [what, [, reason]]] of cases.entries()) {
        assert.deepEqual(found[place], ["ERR_TOKEN_INVALID", `${reason} 1`, "token-rejected", reason], what);
      }
      const passing = Object.entries(PASSES);
      const passed = await page.evaluate(tryEach, { tokens: passing.map(([, text]) => text), token });
      for (const [place, [what]] of passing.entries()) assert.deepEqual(passed[place], ["active"], what);
    });
  }

  test("opaque tokens live as long as the answer says, unless only JWTs are accepted", async (t) => {
    const { page } = await openStage(t, browser, { scripts: [offerSessions] });
    const tokens = ["opaque", "a.b.c", "mF_9.B5f-4.1JqM", jwt("", '{"alg":"dir","enc":"A128GCM"}')];
    assert.deepEqual(await page.evaluate(tryEach, { tokens }), tokens.map(() => ["active"]));
    for (const [token, reason] of [[{ opaque: false }, "opaque"], [{ issuer: "https://issuer.example" }, "malformed"]]) {
      const found = await page.evaluate(tryEach, { tokens, token });
      assert.deepEqual(found, tokens.map(() => ["ERR_TOKEN_INVALID", `${reason} 1`, "token-rejected", reason]));
    }
    const lifetime = await page.evaluate(async () => {
      const session = await newSession();
      await session.begin({ access_token: "opaque", expires_in: 60 });
      const { claims, tokenExpiresAt } = session.snapshot();
      return [claims, tokenExpiresAt - Date.now()];
    });
    assert.equal(lifetime[0], null);
    assert.ok(lifetime[1] > 50_000 && lifetime[1] <= 60_000, `${lifetime[1]}`);
    const without = await page.evaluate(async () => (await newSession()).begin({ access_token: "opaque" }).catch(({ code }) => code));
    assert.equal(without, "ERR_BAD_ANSWER");
  });
});
