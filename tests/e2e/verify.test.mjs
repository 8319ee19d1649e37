// The second module: when it is loaded, and what it refuses.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { AUDIENCE, ISSUER } from "./support/json-web-token.mjs";
import { openStage } from "./support/stage.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

suite("the verification module", { concurrency: 2, timeout: TEST_LIMIT_MS }, () => {
  /** Signs in with this configuration of `token`; resolves to the state, or to the error's code. */
  const signIn = (page, token) =>
    page.evaluate(async (token) => {
      const { createSession } = await import("/pkg/index.js");
      const session = await createSession({ refresh: "/auth/refresh", ...(token && { token }) });
      const failure = await session.begin(await fetch("/auth/login", { method: "POST" })).catch(({ code }) => code);
      return failure ?? session.state;
    }, token);
  const RIGHT = { issuer: ISSUER, audience: ["other", AUDIENCE], algorithms: ["ES256"], requiredClaims: ["sub", "sid"] };

  test("is not asked for by a configuration without its checks", async (t) => {
    const { page, stage } = await openStage(t, browser);
    assert.equal(await signIn(page, undefined), "active");
    assert.equal(await signIn(page, { leeway: "10s" }), "active");
    assert.deepEqual(stage.at("/pkg/verify.js"), []);
  });

  test("lets a token pass that is as configured", async (t) => {
    const { page, stage } = await openStage(t, browser);
    assert.equal(await signIn(page, RIGHT), "active");
    assert.equal(stage.at("/pkg/verify.js").length, 1);
    for (const [member, value] of Object.entries(RIGHT)) {
      assert.equal(await signIn(page, { [member]: value }), "active", member);
    }
    assert.equal(stage.at("/pkg/verify.js").length, 1);
  });

  const WRONG = { issuer: `${ISSUER}.evil`, audience: "other", algorithms: ["EdDSA"], types: ["jwt"], requiredClaims: ["acr"] };
  for (const [member, value] of Object.entries(WRONG)) {
    test(`refuses a token of another ${member}`, async (t) => {
      const { page, stage } = await openStage(t, browser);
      assert.equal(await signIn(page, { ...RIGHT, [member]: value }), "ERR_TOKEN_INVALID");
      assert.equal(stage.at("/pkg/verify.js").length, 1);
    });
  }
});
