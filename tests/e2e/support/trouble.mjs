// A session with the sample server while that misbehaves, and what has to hold whatever happens.

import assert from "node:assert/strict";
import { newSession, NO_ICON, openBare, signInBare } from "./bare-page.mjs";
import { eventually } from "./eventually.mjs";
import { startServer } from "./server.mjs";
import { startVisit } from "./visit.mjs";

export const LIFETIME_S = 10;
/** Tokens of this lifetime are not renewed of the session's own accord while a test lasts. */
export const QUIET_S = 600;
/** So many attempts may fail in so long. */
const MOST_FAILURES = 10;
export const GOVERNED_MS = 60_000;

export const RENEWAL = "/auth/refresh";
export const LOGOUT = "/auth/logout";

/** What the browser prints of an answer with this status. */
export const printed = (status) => new RegExp(`status of ${status} `);
/** What it prints of a request that has got no answer. */
export const UNANSWERED = /net::ERR_/;

/**
 * A server that takes orders to misbehave and gives out tokens for `lifetimeS`, with a page that is signed in with
 * it unless the test wants none.
 *
 * `renewals()` are the exchanges of the page's renewals so far, `logouts()` those of its sign-outs; `struck()`
 * resolves when the faults have struck so many requests, or all that they are armed for; `signIn()` and
 * `restore()` make the session anew, as a page does that was loaded, and resolves to the state that this led to.
 */
export async function openTroubled(t, browser, { flags = [], lifetimeS = LIFETIME_S, config = {}, expected = [], isSignedIn = true, ...options } = {}) {
  const server = await startServer("--faults", "--access-lifetime", `${lifetimeS}s`, ...flags);
  const closing = [];
  // The page goes first, or it would complain of the server; and the server goes even if it did complain.
  t.after(async () => {
    try {
      for (const close of closing) await close();
    } finally {
      await server.stop();
    }
  });
  const visit = await startVisit({ after: (close) => closing.push(close) }, browser, { expected: [NO_ICON, ...expected], ...options });
  await openBare(visit.page, server.address);
  const signIn = () => signInBare(visit.page, config);
  if (isSignedIn) await signIn();

  return {
    ...visit,
    server,
    signIn,
    renewals: () => visit.traffic.at(RENEWAL),
    logouts: () => visit.traffic.at(LOGOUT),

    struck: (times) => struck(server, times),

    async restore(page = visit.page, options = {}) {
      await newSession(page, config);
      return page.evaluate((options) => session.restore(options), options);
    },
  };
}

/** Resolves when each of the server's faults has struck so many requests, or all that it is armed for. */
export const struck = ({ address }, times = Infinity) =>
  eventually("the faults to strike", async () => {
    const { armed } = await (await fetch(`${address}/faults`)).json();
    return armed.every(({ hits }) => hits >= times);
  });

/** Asks for a renewal; resolves to "done", or to the error's code. */
export const renew = (page) => page.evaluate(() => session.renew().then(() => "done", (error) => error.code));

/** Asks for a renewal, and waits for nothing. */
export const startRenewal = (page) => page.evaluate(() => void session.renew().catch(() => {}));

/** What the page's next call gets: the API's status with its token, or the error's code, and how long that took. */
export const call = (page) =>
  page.evaluate(async () => {
    const started = performance.now();
    const took = () => performance.now() - started;
    try {
      const token = await session.accessToken();
      const tookMs = took();
      const { status } = await fetch("/api/me", { headers: { authorization: `Bearer ${token}` } });
      return { status, tookMs };
    } catch ({ code }) {
      return { code, tookMs: took() };
    }
  });

/** The keys of renewals, in order. */
export const keysOf = (exchanges) => exchanges.map(({ headers }) => headers["idempotency-key"]);

/** The user is signed in, has been all the time, and nobody was taken for a thief. */
export async function survived({ page, server, ofType, traffic }) {
  assert.equal((await call(page)).status, 200);
  const { state, reason } = await page.evaluate(() => session.snapshot());
  assert.deepEqual({ state, reason }, { state: "active", reason: null });
  assert.deepEqual(ofType("ended"), []);
  await noAlarm(server);
  heldBack({ ofType, traffic });
}

/** Nobody was taken for a thief. */
export async function noAlarm(server) {
  assert.deepEqual(await server.trail("reuse-detected"), []);
}

/** There were never more attempts that failed than may be. */
export function heldBack({ ofType, traffic }) {
  const heard = ofType("renewal-failed");
  const sent = traffic.at(RENEWAL).filter(({ status }) => status !== 200);
  for (const failures of [heard, sent]) {
    for (const { at } of failures) {
      const near = failures.filter((other) => other.at >= at && other.at < at + GOVERNED_MS);
      assert.ok(near.length <= MOST_FAILURES, `${near.length} failed attempts in ${GOVERNED_MS} ms`);
    }
  }
}
