// A server that is not ours: the package with dj-rest-auth, and with the code that the documentation shows.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { LOGIN, LOGOUT, REFRESH, startDjango } from "./support/dj-rest-auth.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { eventually } from "./support/eventually.mjs";
import { ADA } from "./support/sample-page.mjs";
import { startVisit } from "./support/visit.mjs";

const LIFETIME_S = 10;
const RENEWALS = 3;
const PATHS = 'response: { accessToken: "access" }';
/** What the browser prints of a visitor without a session, and of a refused renewal. */
const NO_SESSION = /status of 401 \(Unauthorized\) \(\S+\/auth\/token\/refresh\/\)$/;
const REFUSED = /status of 403 \(Forbidden\) \(\S+\/auth\/token\/refresh\/\)$/;
/** Of an endpoint that changes what the project knows of a user. */
const USER = "/auth/user/";
const UNCHANGED = /status of 403 \(Forbidden\) \(\S+\/auth\/user\/\)$/;
/** Long enough for a secret of Django's. */
const SECRET = "s".repeat(32);
const TOKEN = { "x-csrftoken": SECRET };

let browser, django;
before(async () => {
  browser = await startBrowser();
  django = await startDjango({ lifetimeS: LIFETIME_S });
});
after(async () => {
  await browser?.close();
  await django?.stop();
});

const valueIn = (text, name) => new RegExp(`(?:^|[;\\n] *)${name}=([^;\\n]+)`).exec(text ?? "")?.[1];
/** The refresh token that a request carried. */
const carried = ({ headers }) => valueIn(headers.cookie, "refresh");
/** The refresh token that an answer set. */
const set = ({ answerHeaders }) => valueIn(answerHeaders["set-cookie"], "refresh");
const jtiOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")).jti;
const stateOf = (page) => page.evaluate(() => session.snapshot().state);
const isRestored = (page) => eventually("the page to have restored its session", () => page.evaluate(() => globalThis.restored));

/** Opens a page of the project and signs in. */
async function signIn(t, name, { change, expected = [] } = {}) {
  const visit = await startVisit(t, browser, { expected: [NO_SESSION, ...expected] });
  await visit.page.goto(await django.addPage(name, change));
  assert.equal(await isRestored(visit.page), "signed-out");
  await visit.page.evaluate(({ name, password }) => signIn(name, password), ADA);
  assert.equal(await stateOf(visit.page), "active");
  return visit;
}

/** Calls the API with the session's token; resolves to what it says. */
async function callApi(page) {
  const { status, body } = await page.evaluate(async () => {
    const answer = await session.fetch("/api/me");
    return { status: answer.status, body: await answer.json() };
  });
  assert.equal(status, 200);
  assert.equal(body.username, ADA.name);
  return body;
}

/** Asks for a renewal without a browser. */
const renewWith = (refresh) => django.ask(REFRESH, { refresh, csrftoken: SECRET }, TOKEN);

/** The refresh token that was set by an answer to a request without a browser. */
const refreshOf = (answer) => valueIn(answer.headers.getSetCookie().join("\n"), "refresh");

/** Signs in without a browser. */
async function signInAlone() {
  const answer = await django.ask(LOGIN, { csrftoken: SECRET }, TOKEN, { username: ADA.name, password: ADA.password });
  assert.equal(answer.status, 200);
  return { refresh: refreshOf(answer), access: (await answer.json()).access };
}

/** The server has no use for this refresh token any longer. */
async function isSpent(refresh) {
  const answer = await renewWith(refresh);
  assert.deepEqual([answer.status, (await answer.json()).detail], [401, "Token is blacklisted"]);
}

suite("dj-rest-auth", { timeout: TEST_LIMIT_MS }, () => {
  test("keeps a session from its sign-in to its sign-out", async (t) => {
    const visit = await signIn(t, "life");
    const { page, traffic } = visit;
    await visit.hear("renewed", RENEWALS);

    const [signedIn] = await traffic.complete(LOGIN);
    const renewals = (await traffic.complete(REFRESH)).filter(({ status }) => status === 200);
    assert.ok(renewals.length >= RENEWALS, `the server saw ${renewals.length} renewals`);
    for (const [place, renewal] of renewals.entries()) {
      assert.equal(carried(renewal), set(place ? renewals[place - 1] : signedIn), "each carries what the last answer set");
      assert.ok(renewal.headers["x-csrftoken"]);
      assert.doesNotMatch(renewal.answer, /"refresh"/);
      await isSpent(carried(renewal));
    }
    assert.equal(new Set(renewals.map(carried)).size, renewals.length, "the cookie is another one each time");

    const { jti } = await callApi(page);
    const granted = (await traffic.complete(REFRESH)).filter(({ status }) => status === 200);
    assert.ok(granted.some(({ answer }) => jtiOf(JSON.parse(answer).access) === jti), "the API was called with a renewed token");
    const cookie = await visit.cookie("refresh");
    assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.path, cookie.sameSite], [true, true, "/auth/", "Strict"]);
    assert.doesNotMatch(await page.evaluate(() => document.cookie), /refresh/);

    // Well before the next renewal is due.
    await visit.hear("renewed", visit.ofType("renewed").length + 1);
    await page.reload();
    assert.equal(await isRestored(page), "active");
    await callApi(page);
    assert.deepEqual((await visit.hear("started", 2)).map(({ detail }) => detail.restored), [false, true]);
    assert.equal(traffic.at(LOGIN).length, 1);

    await page.evaluate(() => session.signOut());
    assert.equal(await stateOf(page), "signed-out");
    const signedOut = (await traffic.complete(LOGOUT)).at(-1);
    assert.equal(signedOut.status, 200);
    await isSpent(carried(signedOut));
    assert.equal(await visit.cookie("refresh"), undefined);
    assert.deepEqual((await visit.hear("ended")).map(({ detail }) => detail), [{ reason: "signed-out", by: "this-tab" }]);

    await page.reload();
    assert.equal(await isRestored(page), "signed-out");
    assert.deepEqual(visit.ofType("renewal-failed"), []);
  });

  test("is understood by a function too", async (t) => {
    const byFunction = `response: (body, { status, url }) => {
      (globalThis.asked ??= []).push({ members: Object.keys(body), status, path: new URL(url).pathname });
      const expiresAt = body.access_expiration && Date.parse(body.access_expiration) / 1000;
      return { access_token: body.access, expires_at: expiresAt };
    }`;
    const { page } = await signIn(t, "function", { change: replaced(PATHS, byFunction) });
    await page.evaluate(() => session.renew());
    await callApi(page);
    const [login, renewal] = await page.evaluate(() => globalThis.asked);
    assert.deepEqual(login, { members: ["access", "refresh", "user"], status: 200, path: LOGIN });
    assert.deepEqual(renewal, { members: ["access", "access_expiration"], status: 200, path: REFRESH });
  });

  test("is understood with the expiry of its answers", async (t) => {
    const paths = 'response: { accessToken: "access", expiresAt: "access_expiration" }';
    const { page, traffic } = await signIn(t, "expiry", { change: replaced(PATHS, paths) });
    await page.evaluate(() => session.renew());
    await callApi(page);
    const { answer } = (await traffic.complete(REFRESH)).find(({ status }) => status === 200);
    assert.match(JSON.parse(answer).access_expiration, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test("refuses a session that does not answer its check for forged requests", async (t) => {
    const withoutCheck = replaced('{ header: "X-CSRFToken", cookie: "csrftoken" }', '{ header: "X-Requested-With", value: "XMLHttpRequest" }');
    const visit = await startVisit(t, browser, { expected: [REFUSED] });
    await visit.page.goto(await django.addPage("forged", withoutCheck));
    assert.equal(await isRestored(visit.page), "signed-out");
    const [renewal] = await visit.traffic.complete(REFRESH);
    assert.equal(renewal.status, 403);
  });

  test("lets the page change something with Django's token", async (t) => {
    const { page, traffic } = await signIn(t, "change", { expected: [UNCHANGED] });
    const change = (how, name) =>
      page.evaluate(async ({ how, name, url }) => {
        const asked = { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ first_name: name }) };
        const answer = await { call, fetch: session.fetch }[how](url, asked);
        return answer.status;
      }, { how, name, url: USER });
    const nameOf = () => page.evaluate(async (url) => (await (await call(url)).json()).first_name, USER);
    assert.equal(await change("fetch", "Nobody"), 403);
    assert.equal(await nameOf(), "");
    assert.equal(await change("call", "Augusta"), 200);
    assert.equal(await nameOf(), "Augusta");
    const reads = (await traffic.complete(USER)).filter(({ method }) => method === "GET");
    assert.deepEqual(reads.map(({ headers }) => headers["x-csrftoken"]), [undefined, undefined]);
    assert.equal(await stateOf(page), "active");
  });

  test("neither a used token nor a new password ends a session", async () => {
    const { refresh, access } = await signInAlone();
    const stolen = await renewWith(refresh);
    assert.equal(stolen.status, 200);
    await isSpent(refresh);
    const authorized = { ...TOKEN, authorization: `Bearer ${access}` };
    const passwords = { new_password1: ADA.password, new_password2: ADA.password };
    const changed = await django.ask("/auth/password/change/", { csrftoken: SECRET }, authorized, passwords);
    assert.equal(changed.status, 200);
    assert.equal((await renewWith(refreshOf(stolen))).status, 200);
  });

  test("has forged requests refused, and nothing done", async () => {
    const body = { username: ADA.name, password: ADA.password };
    const { refresh } = await signInAlone();
    const forged = [
      [{ refresh }, {}],
      [{ refresh, csrftoken: SECRET }, {}],
      [{ refresh, csrftoken: SECRET }, { "x-csrftoken": "t".repeat(32) }],
      [{ refresh, csrftoken: SECRET }, { ...TOKEN, origin: "https://evil.example" }],
      // As behind a proxy of which Django was not told.
      [{ refresh, csrftoken: SECRET }, { ...TOKEN, origin: django.address.replace("http:", "https:") }],
    ];
    for (const path of [LOGIN, REFRESH, LOGOUT]) {
      for (const [cookies, headers] of forged) {
        const answer = await django.ask(path, cookies, headers, path === LOGIN ? body : undefined);
        assert.equal(answer.status, 403, path);
        assert.deepEqual(answer.headers.getSetCookie(), []);
      }
    }
    assert.equal((await renewWith(refresh)).status, 200, "the refresh token is as good as before");
  });
});

/** A change of code: this text in the place of that one, which has to be there. */
function replaced(before, now) {
  return (code) => {
    assert.ok(code.includes(before), `the documented code has ${before}`);
    return code.replace(before, () => now);
  };
}
