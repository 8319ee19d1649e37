// Policies by name, as objects, and by the claims.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openIdle } from "../support/idle-pages.mjs";
import { accessToken } from "../support/json-web-token.mjs";

const MINUTE_MS = 60_000;

export function policies(browser) {
  test("by name, and what it does not say of itself", async (t) => {
    const { page } = await openIdle(t, browser(), { isSignedIn: false });
    const found = await page.evaluate(async (token) => {
      const found = [];
      for (const policy of ["admin", { extends: "admin", idle: { timeout: "5m" } }, "aal1", undefined]) {
        const session = await newSession("auth", { policy, tabs: false });
        await session.begin({ access_token: token, expires_in: 600 });
        const minutes = (at) => at && Math.round((at - Date.now()) / 60_000);
        found.push([minutes(session.idleDeadline()), minutes(session.snapshot().endsAt)]);
        session.dispose();
      }
      return found;
    }, accessToken(600));
    assert.deepEqual(found, [[15, 480], [5, 480], [null, 30 * 1440], [null, null]]);
  });

  test("an administrator's session idles out sooner", async (t) => {
    const { page } = await openIdle(t, browser(), { isSignedIn: false });
    const found = await page.evaluate(async ([user, admin]) => {
      const asked = [];
      const policy = (claims) => {
        asked.push(claims?.role ?? null);
        return claims?.role === "admin" ? "admin" : "consumer";
      };
      const session = await newSession("auth", { policy });
      const minutes = () => Math.round((session.idleDeadline() - Date.now()) / 60_000);
      const found = [];
      for (const token of [user, admin, user]) {
        await session.begin({ access_token: token, expires_in: 900 });
        found.push(minutes());
      }
      return { found, asked };
    }, [accessToken(900, { role: "user" }), accessToken(900, { role: "admin" })]);
    assert.deepEqual(found, { found: [30, 15, 30], asked: [null, "user", "admin", "user"] });
  });

  test("a policy that breaks later leaves things as they are, and is said", async (t) => {
    const visit = await openIdle(t, browser(), { isSignedIn: false, expected: [/a policy's own/, /must be/] });
    const found = await visit.page.evaluate(async (token) => {
      const reported = [];
      addEventListener("error", ({ error }) => reported.push(error.code ?? error.message));
      const found = [];
      for (const broken of [() => { throw new Error("a policy's own"); }, () => "none"]) {
        const session = await newSession("auth", { policy: (claims) => (claims ? broken() : "admin"), tabs: false });
        await session.begin({ access_token: token, expires_in: 600 });
        found.push(session.state, Math.round((session.idleDeadline() - Date.now()) / 60_000));
        session.dispose();
      }
      return { found, reported };
    }, accessToken(600));
    assert.deepEqual(found, { found: ["active", 15, "active", 15], reported: ["a policy's own", "ERR_CONFIG"] });
  });

  test("a token that lives for too long is reported, once, and kept", async (t) => {
    const visit = await openIdle(t, browser(), { config: { policy: "admin" }, expected: [/policy-violation/], lifetimeS: 3600 });
    const [{ detail }] = await visit.hear("policy-violation");
    assert.equal(detail.rule, "token.lifetime");
    assert.match(detail.detail, /\b3600 s\b.*\b300 s\b.*\b900 s\b/);
    await visit.page.evaluate(async () => {
      await session.renew();
      await session.renew();
    });
    assert.equal(await visit.page.evaluate(() => session.state), "active");
    assert.equal(visit.ofType("policy-violation").length, 1);
    assert.equal(visit.printed.filter((text) => text.includes("policy-violation")).length, 1);
    const noted = await visit.page.evaluate(() => session.history().filter(({ type }) => type === "policy-violation"));
    assert.deepEqual(noted.map(({ detail }) => detail), [detail]);
  });

  test("a token within it is not", async (t) => {
    const visit = await openIdle(t, browser(), { config: { policy: "admin" }, lifetimeS: 600 });
    await visit.page.evaluate(() => session.renew());
    assert.deepEqual(visit.ofType("policy-violation"), []);
    const left = await visit.page.evaluate(() => session.idleDeadline() - Date.now());
    assert.ok(left <= 15 * MINUTE_MS);
  });
}
