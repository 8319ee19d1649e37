// What calls an API, through the session: each as its recipe shows it, with the Express server of the other one.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { suite, test } from "node:test";
import { root, TEST_LIMIT_MS } from "../e2e/support/environment.mjs";
import { eventually } from "../e2e/support/eventually.mjs";
import { ADA, GRACE } from "../e2e/support/sample-page.mjs";
import { startVisit } from "../e2e/support/visit.mjs";
import { filesOf, replaced } from "./support/documents.mjs";
import { asker, SERVERS, startExpress } from "./support/servers.mjs";
import { CLOSE, frame, stubbornSocket } from "./support/stubborn-socket.mjs";

const LIFETIME_S = 6;
/** The least time between two renewals that an API's refusal asks for. */
const MIN_INTERVAL_MS = 1000;
const UNAUTHORIZED = /status of 401/;
/** The pages of the recipes, by the recipe's name where it is another. */
const PAGES = { "axios.js": "axios", "ky.js": "ky", "openapi-fetch.js": "openapi-fetch", "apollo.js": "graphql", "urql.js": "graphql", "tanstack-query.jsx": "tanstack-query", "websocket.js": "websocket" };
const USERS = `const USERS = ${JSON.stringify([ADA, GRACE])};
export const checkPassword = async (username, password) => {
  const user = USERS.find((user) => user.name === username && user.password === password);
  return user && { id: "user-" + user.name };
};`;

const own = (path) => readFile(`${root}tests/recipes/${path}`, "utf8");

/** Starts the server with the page of each recipe, in a folder of its own. */
async function startWithPages(t, options) {
  const files = { "users.mjs": USERS, "server.mjs": await own("api-server.mjs") };
  const entries = Object.keys(PAGES).map((page) => [page, page.replace(/\.jsx?$/, "")]);
  for (const [page, name] of entries) {
    const { "session.js": session } = await filesOf("README");
    const hurried = replaced(session, 'logout: "/auth/logout"', `logout: "/auth/logout", renewal: { minInterval: ${MIN_INTERVAL_MS} }`);
    const shown = { "session.js": hurried, ...(await filesOf(PAGES[page])) };
    for (const [file, code] of Object.entries(shown)) {
      if (file.endsWith(".mjs")) files[file] = code;
      else files[`${name}/${file}`] = code;
    }
    files[`${name}/page-${page}`] = await own(`pages/${page}`);
  }
  return startExpress(t, { files, entries: entries.map(([page, name]) => [`${name}/page-${page}`, name]), ...options });
}

export function clients(browser) {
  suite("a session's requests", { timeout: 2 * TEST_LIMIT_MS }, () => {
    let server;
    const closing = [];

    test("are served", async () => {
      server = await startWithPages({ after: (close) => closing.push(close) }, { lifetimeS: 900 });
    });

    const open = async (t, name, options) => {
      const visit = await startVisit(t, browser(), { expected: [UNAUTHORIZED], ...options });
      await visit.page.goto(`${server.address}/${name}.html`);
      await eventually("the page to have its session", () => visit.page.evaluate(() => Boolean(globalThis.session)));
      return visit;
    };
    const signIn = (page, user = ADA) =>
      page.evaluate(async ({ name, password }) => {
        const body = JSON.stringify({ username: name, password });
        await session.begin(await fetch("/auth/login", { method: "POST", headers: { "content-type": "application/json", "x-csrf": "1" }, body }));
      }, user);
    /** Resolves when an API's refusal leads to a renewal: the token is not from just now. Of a session, one refusal does so at once. */
    const rested = ({ heard }) =>
      eventually("the token to be older", () => Date.now() - Math.max(...heard.map(({ at }) => at)) > MIN_INTERVAL_MS);
    const codeOf = (page, call) => page.evaluate(`(${call})().then(() => "fulfilled", (error) => error.code ?? String(error))`);

    for (const name of ["axios", "ky", "openapi-fetch"]) {
      test(`go through ${name}`, async (t) => {
        const visit = await open(t, name);
        const { page, traffic } = visit;
        assert.equal(await codeOf(page, () => get("me")), "ERR_SIGNED_OUT");
        if (name === "axios") assert.equal(await page.evaluate(() => me()), null);
        assert.deepEqual(traffic.at("/api/me"), [], "nothing was sent");

        await signIn(page);
        assert.deepEqual(await page.evaluate(() => get("/me")), { status: 200, data: { sub: "user-ada" } });
        if (name === "axios") assert.deepEqual(await page.evaluate(() => me()), { sub: "user-ada" });
        const note = { status: 201, data: { sub: "user-ada", text: "först" } };
        assert.deepEqual(await page.evaluate(() => post("/notes", { text: "först" })), note);

        await rested(visit);
        assert.deepEqual(await page.evaluate((name) => get("/me", { "x-refuse-first": `${name}-get` }), name), { status: 200, data: { sub: "user-ada" } });
        await signIn(page);
        await rested(visit);
        assert.deepEqual(await page.evaluate((name) => post("/notes", { text: "först" }, { "x-refuse-first": `${name}-post` }), name), note, "its body was sent again");
        const renewals = (await traffic.complete("/auth/refresh")).map(({ status }) => status);
        assert.deepEqual(renewals, [200, 200], "each refusal was answered with one renewal");
        assert.deepEqual((await traffic.complete("/api/notes")).map(({ status }) => status), [201, 401, 201]);
      });
    }

    for (const name of ["apollo", "urql"]) {
      test(`go through ${name}`, async (t) => {
        const visit = await open(t, name);
        const { page, traffic } = visit;
        // Apollo Client and urql say it each in its own way; the session's error is what they were given.
        assert.equal(await codeOf(page, () => me()), "ERR_SIGNED_OUT");
        assert.deepEqual(traffic.at("/graphql"), [], "nothing was sent");

        await signIn(page);
        await rested(visit);
        assert.equal(await page.evaluate((name) => me({ "x-refuse-first": `${name}-query` }), name), "user-ada");
        await signIn(page);
        await rested(visit);
        assert.equal(await page.evaluate((name) => note("först", { "x-refuse-first": `${name}-mutation` }), name), "först");
        assert.deepEqual((await traffic.complete("/graphql")).map(({ status }) => status), [401, 200, 401, 200]);
        assert.equal(traffic.at("/auth/refresh").length, 2);
        assert.equal(await page.evaluate(() => me()), "user-ada");
        assert.match(await page.evaluate(() => cached()), /user-ada/);

        await page.evaluate(() => session.signOut());
        await eventually("the cache to be empty", async () => !/user-ada/.test(await page.evaluate(() => cached())));
        await signIn(page, GRACE);
        assert.equal(await page.evaluate(() => me()), "user-grace");
      });
    }

    test("are made by TanStack Query, which shows no user what another has seen", async (t) => {
      const { page, traffic } = await open(t, "tanstack-query");
      const shows = (text) => page.locator("#greeting", { hasText: text }).waitFor();
      await shows("Nobody is signed in.");
      assert.deepEqual(traffic.at("/api/me"), []);
      const refusal = await page.evaluate(() =>
        queryClient.fetchQuery({ queryKey: ["once"], queryFn: () => session.fetch("/api/me") }).catch(({ code }) => code));
      assert.equal(refusal, "ERR_SIGNED_OUT");

      await signIn(page);
      await shows("Hello, user-ada.");
      await page.evaluate(() => session.signOut());
      await shows("Nobody is signed in.");
      assert.equal(await page.evaluate(() => queryClient.getQueryData(["me"])), undefined);
      await signIn(page, GRACE);
      await shows("Hello, user-grace.");
      await signIn(page, ADA);
      await shows("Hello, user-ada.");
    });

    test("are no more served", async () => {
      for (const close of closing.reverse()) await close();
    });
  });

  suite("a session's WebSocket", { timeout: TEST_LIMIT_MS }, () => {
    test("is told each new token, comes back with a fresh one, and goes with the session", async (t) => {
      const server = await startWithPages(t, { lifetimeS: LIFETIME_S });
      const visit = await startVisit(t, browser(), { expected: [UNAUTHORIZED] });
      const { page } = visit;
      const addresses = [];
      const sent = [];
      page.on("websocket", (socket) => {
        addresses.push(socket.url());
        socket.on("framesent", ({ payload }) => sent.push(JSON.parse(payload)));
      });
      await page.goto(`${server.address}/websocket.html`);
      await eventually("the page to have its session", () => page.evaluate(() => Boolean(globalThis.session)));
      const hellos = (count) => eventually(`${count} greetings`, async () => (await page.evaluate(() => heard.length)) === count);
      const signIn = ({ name, password }) =>
        page.evaluate(async (body) => {
          await session.begin(await fetch("/auth/login", { method: "POST", headers: { "content-type": "application/json", "x-csrf": "1" }, body }));
        }, JSON.stringify({ username: name, password }));

      await page.evaluate(() => void (globalThis.disconnect = connect()));
      assert.deepEqual(addresses, [], "there is nobody whose connection it could be");
      await signIn(ADA);
      await hellos(1);
      const signedInAt = Date.now();
      await eventually("the first token to have lapsed", () => Date.now() > signedInAt + 1.5 * LIFETIME_S * 1000);
      assert.equal(addresses.length, 1, "the connection outlived the token");
      assert.ok(new Set(sent.map(({ token }) => token)).size >= 2, "it was told of a new one");

      await page.evaluate(() => fetch("/drop", { method: "POST" }));
      await hellos(2);
      await page.evaluate(() => session.signOut());
      await eventually("the connection to have gone", () => page.evaluate(() => fetch("/drop", { method: "POST" }).then((answer) => answer.json())).then((count) => count === 0));
      assert.equal(addresses.length, 2);
      await signIn(GRACE);
      await hellos(3);
      assert.deepEqual(await page.evaluate(() => heard.map(({ sub }) => sub)), ["user-ada", "user-ada", "user-grace"]);

      // The session is ended elsewhere: by a thief, who presents a used token.
      const stolen = (await visit.cookie("__Host-refresh")).value;
      await page.evaluate(() => session.renew());
      await fetch(`${server.address}/auth/refresh`, { method: "POST", headers: { "x-csrf": "1", cookie: `__Host-refresh=${stolen}` } });
      await visit.hear("ended", 2);
      assert.equal(visit.ofType("ended").at(-1).detail.reason, "rejected");
      await page.evaluate(() => disconnect());

      assert.ok(addresses.every((address) => address === `${server.address.replace("http", "ws")}/socket`), "no token in an address");
      assert.ok(server.at("/socket").every(({ headers }) => !/eyJ/.test(JSON.stringify(headers))), "no token in a header");
    });

    test("is refused to foreign pages, and closed where no good token comes", async (t) => {
      const server = await startWithPages(t, { lifetimeS: LIFETIME_S });
      const { WebSocket } = createRequire(`${server.folder}/server.mjs`)("ws");
      const address = `${server.address.replace("http", "ws")}/socket`;
      const closed = (origin, message) =>
        new Promise((resolve) => {
          const socket = new WebSocket(address, { origin });
          socket.on("open", () => message !== undefined && socket.send(message));
          socket.on("close", (code) => resolve(code));
          socket.on("error", (error) => resolve(error.message));
        });
      const wrong = JSON.stringify({ type: "token", token: "wrong" });
      const [foreign, ...codes] = await Promise.all([
        closed("https://evil.example", wrong),
        ...[wrong, "no JSON", JSON.stringify({ type: "message" }), JSON.stringify(null), undefined].map((message) => closed(server.address, message)),
      ]);
      assert.match(String(foreign), /40[13]/);
      assert.deepEqual(codes, Array(5).fill(4401));
    });

    test("hears nothing of a session that has ended, though its client does not let go", async (t) => {
      const server = await startWithPages(t, { lifetimeS: 900 });
      const asked = asker(server, SERVERS.Express.csrf);
      const { cookie, body } = await asked.signIn();
      const socket = await stubbornSocket(server.address);
      const state = async () => (await fetch(`${server.address}/sockets`)).json();
      socket.write(frame({ type: "token", token: body.access_token }));
      await eventually("the server to know whose it is", async () => (await state()).open === 1);
      socket.write(frame({ type: "message" }));
      await eventually("a message to be heard", async () => (await state()).messages > 0);
      const { messages } = await state();

      await asked.signOut(cookie);
      await eventually("the server to close it", () => socket.heard().includes(CLOSE));
      socket.end(frame({ type: "message" }));
      await eventually("the connection to have gone", async () => (await state()).open === 0);
      assert.equal((await state()).messages, messages);
    });
  });
}
