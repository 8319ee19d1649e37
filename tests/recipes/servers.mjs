// The servers of the recipes keep docs/server.md: alone, and with a browser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { root, TEST_LIMIT_MS } from "../e2e/support/environment.mjs";
import { eventually } from "../e2e/support/eventually.mjs";
import { ADA, NO_SESSION } from "../e2e/support/sample-page.mjs";
import { startVisit } from "../e2e/support/visit.mjs";
import { filesOf } from "./support/documents.mjs";
import { asker, SERVERS } from "./support/servers.mjs";

const LIFETIME_S = 4;
const RENEWALS = 3;
const SESSION_LIFETIME_S = 12 * 60 * 60;
const LOST = /ERR_EMPTY_RESPONSE/;

const stateOf = (page) => page.evaluate(() => session.state);

/** Signs in with a page's own code. */
const signIn = (page) =>
  page.evaluate(async ({ name, password }) => {
    if (globalThis.signIn) return globalThis.signIn(name, password);
    const body = JSON.stringify({ username: name, password });
    const answer = await fetch("/auth/login", { method: "POST", headers: { "content-type": "application/json", "x-csrf": "1" }, body });
    await session.begin(answer);
  }, ADA);

export function servers(browser) {
  test("the documented files of axum are those that are compiled", async () => {
    const shown = await filesOf("axum");
    for (const name of ["src/sessions.rs", "src/auth.rs", "src/main.rs"]) {
      assert.equal(shown[name], await readFile(`${root}tests/recipes/axum/${name}`, "utf8"), name);
    }
    const [, dependencies] = (await readFile(`${root}tests/recipes/axum/Cargo.toml`, "utf8")).split("[dependencies]\n");
    assert.equal(shown["Cargo.toml"], `# Cargo.toml\n${dependencies}`);
  });

  for (const [name, { start, csrf }] of Object.entries(SERVERS)) {
    suite(`the server with ${name}`, { timeout: TEST_LIMIT_MS }, () => {
      test("keeps a session in a browser from its sign-in to its sign-out, though an answer is lost", async (t) => {
        const server = await start(t, { lifetimeS: LIFETIME_S });
        const visit = await startVisit(t, browser(), { expected: [NO_SESSION, LOST] });
        const { page } = visit;
        await page.goto(server.address);
        assert.equal(await eventually("the page to have asked", () => page.evaluate(() => globalThis.restored)), "signed-out");
        await signIn(page);
        const cookie = await visit.cookie("__Host-refresh");
        assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.path, cookie.sameSite], [true, true, "/", "Strict"]);
        assert.equal(await page.evaluate(() => document.cookie.includes("refresh")), false);
        await visit.hear("renewed", RENEWALS);

        server.lose("/auth/refresh");
        await visit.hear("renewed", visit.ofType("renewed").length + 2);
        assert.deepEqual(visit.ofType("renewal-failed").map(({ detail }) => detail.cause), ["network"]);
        const renewals = server.at("/auth/refresh").filter(({ status }) => status === 200);
        const place = renewals.findIndex(({ isLost }) => isLost);
        const [lost, repeated] = renewals.slice(place);
        assert.ok(lost?.isLost && repeated, "an answer was lost");
        assert.equal(repeated.headers["idempotency-key"], lost.headers["idempotency-key"]);
        assert.equal(repeated.headers.cookie, lost.headers.cookie);
        const setBy = ({ answerHeaders }) => answerHeaders["set-cookie"].find((field) => field.startsWith("__Host-refresh=")).split(";")[0];
        assert.equal(setBy(repeated), setBy(lost), "the same successor");
        assert.equal(server.at("/auth/refresh").filter(({ status }) => status === 401).length, 1, "but for the first, none was refused");

        const me = await page.evaluate(async () => (await session.fetch("/api/me")).json());
        assert.equal(typeof me.sub, "string");
        await page.reload();
        assert.equal(await eventually("the page to have asked", () => page.evaluate(() => globalThis.restored)), "active");

        await page.evaluate(() => session.signOut());
        assert.equal(await stateOf(page), "signed-out");
        assert.equal(server.at("/auth/logout").at(-1).status, 204);
        assert.equal(await visit.cookie("__Host-refresh"), undefined);
      });

      test("answers as a client expects", async (t) => {
        const server = asker(await start(t, { lifetimeS: 900 }), csrf);
        assert.equal((await server.signIn({ password: "wrong" })).status, 401);
        const first = await server.signIn();
        assert.equal(first.status, 200);
        assert.match(first.headers.get("cache-control"), /no-store/);
        assert.ok(Math.abs(Date.parse(first.headers.get("date")) - Date.now()) < 5000);
        assert.match(first.set, /; HttpOnly/i);
        assert.match(first.set, /; Secure/i);
        assert.match(first.set, /; SameSite=Strict/i);
        assert.match(first.set, /; Path=\//i);
        assert.doesNotMatch(first.set, /Domain/i);
        assert.ok(first.cookie.length >= 22, "128 bits and more");
        const maxAge = Number(/Max-Age=(\d+)/i.exec(first.set)[1]);
        assert.ok(maxAge <= SESSION_LIFETIME_S && maxAge > SESSION_LIFETIME_S - 60, `${maxAge}`);
        assert.equal(first.body.token_type, "Bearer");
        assert.equal(first.body.expires_in, 900);
        assert.ok(Math.abs(first.body.session_expires_in - maxAge) <= 1);
        assert.equal(JSON.stringify(first.body).includes(first.cookie), false);

        assert.equal((await server.me(first.body.access_token)).status, 200);
        const bare = await server.me();
        assert.deepEqual([bare.status, bare.headers.get("www-authenticate")], [401, "Bearer"]);
        const wrong = await server.me("wrong");
        assert.equal(wrong.status, 401);
        assert.match(wrong.headers.get("www-authenticate"), /error="invalid_token"/);

        const again = await server.signIn({ cookie: first.cookie });
        assert.equal((await server.me(first.body.access_token)).status, 401, "the browser's old session has ended");
        assert.equal((await server.me(again.body.access_token)).status, 200);
      });

      test("does not tell who is a user, whatever stands for a password", async (t) => {
        const server = asker(await start(t), csrf);
        for (const password of ["wrong", 1, {}, ["wrong"], null]) {
          const [known, unknown] = await Promise.all([server.signIn({ password }), server.signIn({ password, username: "nobody" })]);
          assert.equal(known.status, unknown.status, JSON.stringify(password));
          assert.ok(known.status < 500);
        }
      });

      test("takes no strange cookie for a session", async (t) => {
        const server = asker(await start(t), csrf);
        for (const cookie of ["", "%E0%A4%A", "j:[]", 'j:{"a":1}'.replaceAll('"', "%22")]) {
          assert.equal((await server.renew(cookie)).status, 401, cookie);
          assert.equal((await server.signOut(cookie)).status, 204, cookie);
        }
      });

      test("rotates, and answers a repeated attempt with the same successor", async (t) => {
        const server = asker(await start(t), csrf);
        let { cookie } = await server.signIn();
        const used = new Set([cookie]);
        for (let renewals = 0; renewals < RENEWALS; renewals++) {
          const answer = await server.renew(cookie);
          assert.equal(answer.status, 200);
          assert.match(answer.headers.get("cache-control"), /no-store/);
          assert.ok(!used.has(answer.cookie));
          used.add((cookie = answer.cookie));
        }
        const idempotencyKey = "one renewal";
        const attempts = await Promise.all(Array.from({ length: 6 }, () => server.renew(cookie, { idempotencyKey })));
        assert.deepEqual(attempts.map(({ status }) => status), Array(6).fill(200));
        assert.equal(new Set(attempts.map((attempt) => attempt.cookie)).size, 1);
        const late = await server.renew(cookie, { idempotencyKey });
        assert.equal(late.cookie, attempts[0].cookie);
        assert.equal((await server.renew(late.cookie)).status, 200);
      });

      const REUSES = {
        "with another key": { keys: ["a", "b"] },
        "without a key": { keys: ["a", null] },
        "with a key that its use had not": { keys: [null, "a"] },
        "without a key, as its use was": { keys: [null, null] },
        "with an empty key, as its use was": { keys: ["", ""] },
        "with its key, after its successor was presented": { keys: ["a", "a"], isPresented: true },
      };
      test("takes a used token for a theft", async (t) => {
        const server = asker(await start(t), csrf);
        const bystander = await server.signIn();
        for (const [how, { keys: [key, later], isPresented }] of Object.entries(REUSES)) {
          const first = await server.signIn();
          const second = await server.renew(first.cookie, { idempotencyKey: key });
          assert.equal(second.status, 200, how);
          if (isPresented) assert.equal((await server.renew(second.cookie)).status, 200, how);
          const reuse = await server.renew(first.cookie, { idempotencyKey: later });
          assert.deepEqual([reuse.status, reuse.body.error, reuse.set], [401, "invalid_grant", undefined], how);
          assert.equal((await server.renew(second.cookie)).status, 401, `${how}: the session has ended`);
          assert.equal((await server.me(second.body.access_token)).status, 401, `${how}: its access tokens too`);
        }
        assert.equal((await server.me(bystander.body.access_token)).status, 200, "no other session has ended");
        assert.equal((await server.renew("unknown")).status, 401);
        assert.equal((await server.renew(undefined)).status, 401);
        const overlong = await server.renew(bystander.cookie, { idempotencyKey: "k".repeat(256) });
        assert.equal(overlong.status, 400);
        assert.equal((await server.renew(bystander.cookie, { idempotencyKey: "k".repeat(255) })).status, 200);
      });

      test("lets one of several renewals with keys of their own through, and ends the session", async (t) => {
        const server = asker(await start(t), csrf);
        const { cookie } = await server.signIn();
        const answers = await Promise.all(Array.from({ length: 6 }, () => server.renew(cookie)));
        assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401, 401, 401]);
        const { body } = answers.find(({ status }) => status === 200);
        assert.equal((await server.me(body.access_token)).status, 401);
      });

      test("refuses forged requests, and does nothing", async (t) => {
        const server = asker(await start(t), csrf);
        const { cookie, body } = await server.signIn();
        for (const forged of [{ isForged: true }, { headers: { ...csrf.headers, origin: "https://evil.example" } }]) {
          for (const [what, attempt] of [["sign-in", server.signIn(forged)], ["renewal", server.renew(cookie, forged)], ["sign-out", server.signOut(cookie, forged)]]) {
            const answer = await attempt;
            assert.deepEqual([answer.status, answer.set], [403, undefined], what);
          }
        }
        assert.equal((await server.me(body.access_token)).status, 200);
        assert.equal((await server.renew(cookie)).status, 200);
      });

      test("signs out with any token of the session, and twice", async (t) => {
        const server = asker(await start(t), csrf);
        const first = await server.signIn();
        const second = await server.renew(first.cookie);
        for (const cookie of [first.cookie, first.cookie, "unknown", undefined]) {
          const answer = await server.signOut(cookie);
          assert.equal(answer.status, 204);
          assert.match(answer.set, /^__Host-refresh="?"?;.*Max-Age=0/i);
        }
        assert.equal((await server.renew(second.cookie)).status, 401);
        assert.equal((await server.me(second.body.access_token)).status, 401);
      });
    });
  }
}
