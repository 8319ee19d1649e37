// A whole life with marked tokens: they are in nothing that a session tells, keeps, sends to another tab or asks for.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { keepWrites, offerSessions } from "./support/in-page.mjs";
import { accessToken } from "./support/json-web-token.mjs";
import { readPage, readStores } from "./support/places.mjs";
import { openStage, REFUSED } from "./support/stage.mjs";
import { printed } from "./support/trouble.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** Keeps whatever tabs are sent and what their locks are named, in `globalThis.broadcast`. Runs before the page's scripts. */
function keepBroadcasts() {
  globalThis.broadcast = [];
  const { postMessage } = BroadcastChannel.prototype;
  BroadcastChannel.prototype.postMessage = function (message) {
    broadcast.push(JSON.stringify(message, (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)));
    return postMessage.call(this, message);
  };
  // A blank page has none.
  if (!globalThis.LockManager) return;
  const { request } = LockManager.prototype;
  LockManager.prototype.request = function (name, ...rest) {
    broadcast.push(name);
    return request.call(this, name, ...rest);
  };
}

/** Keeps every error that a call rejects with, its causes too, in `globalThis.errors`. */
function keepErrors() {
  globalThis.errors = [];
  globalThis.kept = (promise) =>
    promise.catch((error) => {
      for (let each = error; each; each = each.cause) errors.push(`${each} ${each.message} ${each.stack} ${each.suggestion} ${JSON.stringify(each)}`);
    });
  addEventListener("error", ({ error, message }) => errors.push(`${message} ${error?.stack}`));
}

/** Every way that a session tells or sends something, with a life in which all of them are gone. */
for (const [how, tabs] of [["that are not shared", { shareToken: false }], ["that are shared", {}]]) {
  suite(`tokens ${how}`, { timeout: TEST_LIMIT_MS }, () => {
    test("are nowhere but where they belong, in a whole life", async (t) => {
      const expected = [REFUSED, printed(401), printed(503), /lifetime of an access token/];
      const visit = await openStage(t, browser, { expected, scripts: [offerSessions, keepWrites, keepBroadcasts, keepErrors] });
      const { page, stage, context } = visit;
      const marked = [];
      const mark = (claims = {}, lifetimeS = 900) => {
        const marker = `marked${marked.length}`.padEnd(24, "q");
        // In whole, by its parts, and by what it says.
        const token = `${accessToken(lifetimeS, { secret: marker, ...claims })}`;
        marked.push(token, ...token.split(".").slice(1), marker);
        return token;
      };
      const json = (token, more) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify({ access_token: token, expires_in: 900, refresh_token: refresh, ...more }) });
      const refresh = `marked-refresh-${"r".repeat(20)}`;
      marked.push(refresh);
      const answers = [
        () => json(mark()),
        () => ({ status: 503, body: mark() }),
        () => ({ body: `<p>${mark()}</p>` }),
        () => json(`${mark()}.four`),
        () => json(mark({ exp: "soon" })),
        () => json(mark({ iss: "https://another.example" })),
        () => json(mark({ iat: 1, exp: 2 })),
      ];
      stage.answers.set("/auth/login", () => json(mark()));
      stage.answers.set("/auth/refresh", () => (answers.shift() ?? (() => json(mark())))());
      stage.answers.set("/audit", () => ({ status: 204 }));
      stage.answers.set("/api/me", () => ({ body: "fine" }));
      stage.answers.set("/pay", () => ({ status: 401, headers: { "www-authenticate": 'Bearer error="insufficient_user_authentication", acr_values="aal2"' } }));
      stage.answers.set("/refuses", () => ({ status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } }));

      await page.evaluate(async (tabs) => {
        const config = {
          tabs, retry: { base: 0, max: 0 }, renewal: { minInterval: "1s" }, policy: { lifetime: { max: "1m" } }, idle: { timeout: "1h", warning: "30m" },
          token: { issuer: "https://issuer.example" }, audit: { url: "/audit", sink: (entry) => sunk.push(JSON.stringify(entry)) },
        };
        globalThis.sunk = [];
        globalThis.session = await newSession("auth", config);
        await kept(session.restore());
        await kept(session.begin(await fetch("/auth/login", { method: "POST" })));
      }, tabs);
      const other = await context.newPage();
      await other.goto(stage.address);
      await other.evaluate(async (tabs) => {
        globalThis.sunk = [];
        globalThis.session = await newSession("auth", { tabs });
        await kept(session.restore());
      }, tabs);
      await page.evaluate(async () => {
        for (let turn = 0; turn < 9; turn++) await kept(session.renew());
      });
      await eventually("the server to have answered badly in each way", () => answers.length === 0);
      const bad = [mark({ exp: -1 }), mark({ iss: "x" }), `${mark()}!`, `${mark()} `, `${mark()}é`];
      await page.evaluate(async (bad) => {
        for (const access_token of bad) await kept(session.begin({ access_token, expires_in: 60 }));
        await kept(session.begin(new Response(bad[0])));
        await kept(session.begin(new Response(JSON.stringify({ access_token: bad[0] }), { status: 400 })));
        await kept(session.begin(bad[0]));
        await kept(session.fetch("/pay?x"));
        await kept(session.fetch("/refuses"));
        await kept(session.fetch("/api/me"));
        await kept(session.accessToken({ minValidity: "x" }));
        session.requireStepUp({ acrValues: ["aal2"] });
        session.extend();
      }, bad);
      const places = [];
      const look = async () => {
        for (const each of [page, other]) {
          places.push(await each.evaluate(readStores));
          const { session, ...rest } = await each.evaluate(readPage);
          places.push(rest, await each.evaluate(() => {
            // The snapshot has the claims, as it should.
            const { claims, ...snapshot } = session.snapshot();
            return {
              errors: errors.join("\n"), audit: JSON.stringify(session.history()), metrics: JSON.stringify(session.metrics()),
              snapshot: JSON.stringify(snapshot), sunk: sunk.join("\n"), session: JSON.stringify([session, { ...session }]) + String(session),
            };
          }));
        }
      };
      await look();
      await page.evaluate(() => kept(session.signOut()));
      await page.evaluate(() => kept(session.fetch("/api/me")));
      await page.evaluate(() => kept(session.renew()));
      await look();
      await eventually("the end to be sent", () => stage.at("/audit").some(({ body }) => body.includes('"ended"')));

      const errors = await page.evaluate(() => errors.length);
      assert.ok(errors >= 12, `${errors} errors`);
      const reasons = await page.evaluate(() => Object.keys(session.metrics().tokensRejected).sort());
      assert.ok(["expiry", "issuer", "malformed"].every((reason) => reasons.includes(reason)), `${reasons}`);
      const told = {
        console: visit.printed.join("\n"),
        events: JSON.stringify(visit.heard.map((event) => ({ ...event }))),
        delivered: stage.at("/audit").map(({ body }) => body).join("\n"),
        addresses: visit.traffic.at().map(({ url }) => url).join("\n"),
        referrers: stage.requests.map(({ headers }) => headers.referer).join("\n"),
        bodies: stage.requests.map(({ body }) => body).join("\n"),
      };
      for (const each of [...places, told]) {
        for (const [place, text] of Object.entries(each)) {
          for (const secret of marked) assert.ok(!text.includes(secret), `${secret.slice(0, 12)}… in ${place}`);
        }
      }
      const broadcast = (await Promise.all([page, other].map((each) => each.evaluate(() => broadcast.join("\n"))))).join("\n");
      const sent = marked.filter((secret) => broadcast.includes(secret));
      assert.ok(broadcast.length > 1000, "the tabs talked");
      if (tabs.shareToken === false) assert.deepEqual(sent, []);
      else assert.ok(sent.length > 0, "the token would have been found there");
      assert.ok(!broadcast.includes(refresh));
    });
  });
}
