// What single calls cost: an activity, reading a token, a request.

import { measureListeners } from "../../../tests/e2e/support/idle-peer.mjs";
import { installTokenServer } from "../in-page/server.js";

const ROUNDS = 25;

async function inPage(browser, address, measure) {
  const context = await browser.newContext();
  try {
    await context.addInitScript(installTokenServer);
    const page = await context.newPage();
    await page.goto(address);
    return await measure(page);
  } finally {
    await context.close();
  }
}

/** Nanoseconds for an event: the listener alone, and with the dispatch. */
export const activity = (browser, address, scripts) =>
  inPage(browser, address, async (page) => {
    await page.evaluate(async ({ ours, idlePeer }) => {
      const { createSession } = await import(ours);
      const session = await createSession({ refresh: "/auth/refresh", idle: {} });
      globalThis.contenders = {
        ours: () => session.begin(answerOf(86_400)),
        peer: async () => (await import(idlePeer)).mount(),
      };
    }, scripts);
    const measured = await page.evaluate(measureListeners, { events: 1_000_000, rounds: ROUNDS });
    if (!measured.bodies) throw new Error(`listeners for a movement: ${measured.counts}`);
    return measured;
  });

/**
 * Microseconds for the `exp` of a token of 1,000 characters. Ours is read when a token is adopted, which is all of
 * `begin()`: the machine, the events, the record.
 */
export const reading = (browser, address, scripts) =>
  inPage(browser, address, (page) =>
    page.evaluate(
      async ({ scripts, ROUNDS }) => {
        const [{ createSession }, { jwtDecode }, { decodeJwt }, { OktaAuth }] = await Promise.all(
          [scripts.ours, scripts.jwtDecode, scripts.jose, scripts.okta].map((script) => import(script)),
        );
        const session = await createSession({ refresh: "/auth/refresh" });
        const okta = new OktaAuth({ issuer: location.origin, clientId: "app", redirectUri: location.origin });
        let token = tokenOf(3600);
        for (let padding = 1; token.length < 1000; padding++) token = tokenOf(3600, "x".repeat(padding));
        const ways = {
          ours: (text) => session.begin({ access_token: text, expires_in: 3600 }),
          "jwt-decode": (text) => jwtDecode(text).exp,
          jose: (text) => decodeJwt(text).exp,
          "@okta/okta-auth-js": (text) => okta.token.decode(text).payload.exp,
        };
        const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
        for (let round = -2; round < ROUNDS; round++) {
          for (const [name, way] of Object.entries(ways)) {
            const CALLS = 400;
            const started = performance.now();
            for (let call = 0; call < CALLS; call++) {
              const result = way(token);
              if (name === "ours") await result;
            }
            if (round >= 0) times[name].push(((performance.now() - started) / CALLS) * 1000);
          }
        }
        if (session.state !== "active") throw new Error(session.state);
        return { length: token.length, times };
      },
      { scripts, ROUNDS },
    ),
  );

/**
 * Microseconds that a request takes more than by `fetch` itself, of a network that answers at once.
 */
export const requests = (browser, address, scripts) =>
  inPage(browser, address, (page) =>
    page.evaluate(
      async ({ scripts, ROUNDS }) => {
        const [{ createSession }, { Auth0Client }] = await Promise.all([scripts.ours, scripts.auth0].map((script) => import(script)));
        const session = await createSession({ refresh: "/auth/refresh" });
        await session.begin(answerOf(3600));
        const token = await session.accessToken();
        const client = new Auth0Client({ domain: location.host, clientId: "app" });
        const answer = async () => new Response("fine");
        globalThis.fetch = answer;
        const fetcher = client.createFetcher({ getAccessToken: async () => token, fetch: answer });
        const ways = {
          // What an application would write without a library.
          plain: () => fetch(new Request("/api", { headers: { authorization: `Bearer ${token}` } })),
          ours: () => session.fetch("/api"),
          "@auth0/auth0-spa-js": () => fetcher.fetchWithAuth(`${location.origin}/api`),
        };
        const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
        for (let round = -2; round < ROUNDS; round++) {
          for (const [name, way] of Object.entries(ways)) {
            const CALLS = 200;
            const started = performance.now();
            for (let call = 0; call < CALLS; call++) await way();
            if (round >= 0) times[name].push(((performance.now() - started) / CALLS) * 1000);
          }
        }
        return times;
      },
      { scripts, ROUNDS },
    ),
  );
