// The scenes of the sample page: each plays to its end, and what it says came true outside of the page, too.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { hook, NO_SESSION, openSample, showsState } from "./support/sample-page.mjs";
import { assertPutBack, draw, FAST, outcomeOf, playScene, says, startScene } from "./support/scenes.mjs";
import { startServer } from "./support/server.mjs";
import { startVisit } from "./support/visit.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A page of a server of its own, on which nobody is signed in: the scene sees to that. */
async function visitWith(t, { lifetime = "10s", flags = [], expected = [], context = {}, query = FAST } = {}) {
  const server = await startServer("--access-lifetime", lifetime, "--faults", ...flags);
  const visit = await startVisit(t, browser, { expected: [NO_SESSION, ...expected], context: { viewport: { width: 1280, height: 900 }, ...context } });
  t.after(() => server.stop()); // after the visit's end: a page without its server complains
  await openSample(visit.page, server.address, query);
  return { ...visit, server };
}

/** The statuses that a path has answered this page with, in order; undefined where there was no answer. */
const statusesAt = async (visit, path) => (await visit.traffic.complete(path)).map(({ status }) => status);

/** Renewals after the first, which asked for a session before anybody had signed in. */
const renewalsOf = async (visit) => (await visit.traffic.complete("/auth/refresh")).slice(1);

const trailOf = async (server, ...kinds) =>
  (await server.trail()).filter(({ kind }) => kinds.includes(kind)).map(({ kind, detail }) => (detail ? `${kind} ${detail}` : kind));

suite("a scene", { concurrency: 2, timeout: 4 * TEST_LIMIT_MS }, () => {
  test("of a laptop that slept", async (t) => {
    const visit = await visitWith(t);
    const { page, server } = visit;
    const { tookMs } = await playScene(page, "sleep", { at: "The lid is shut" });
    assert.ok(tookMs < 40_000, `${tookMs} ms`);
    await assertPutBack(page, server);
    assert.deepEqual(visit.ofType("clock-jump").map(({ detail }) => detail.kind), ["sleep"]);
    const { detail } = visit.ofType("clock-jump")[0];
    // The server has seen nothing for as long, and then the question for the time before anything else.
    const exchanges = (await visit.traffic.complete()).filter(({ path }) => ["/", "/auth/refresh", "/api/me"].includes(path));
    const gaps = exchanges.slice(1).map(({ at }, place) => at - exchanges[place].at);
    const woke = gaps.indexOf(Math.max(...gaps)) + 1;
    assert.ok(Math.max(...gaps) > detail.by - 1000, `${gaps} for ${detail.by}`);
    assert.deepEqual(exchanges.slice(woke, woke + 3).map(({ method, path, status }) => `${method} ${path} ${status}`), ["HEAD / 200", "POST /auth/refresh 200", "GET /api/me 200"]);
    assert.deepEqual(await trailOf(server, "session-ended", "renewal-refused", "reuse-detected"), ["renewal-refused no-cookie"]);
  });

  test("of a server that is down", async (t) => {
    const visit = await visitWith(t, { expected: [/ERR_EMPTY_RESPONSE/] });
    const { page, server } = visit;
    const { tookMs } = await playScene(page, "outage", { at: "The session is degraded" });
    assert.ok(tookMs < 50_000, `${tookMs} ms`);
    await assertPutBack(page, server);
    const dropped = await trailOf(server, "fault-injected");
    const renewals = await renewalsOf(visit);
    const failed = renewals.filter(({ status }) => status === undefined);
    assert.ok(failed.length > 0 && dropped.length >= failed.length, dropped.join());
    const recovered = renewals.slice(renewals.indexOf(failed[0]), renewals.indexOf(failed.at(-1)) + 2);
    assert.equal(new Set(recovered.map(({ headers }) => headers["idempotency-key"])).size, 1);
    assert.equal(recovered.at(-1).status, 200);
    assert.deepEqual(visit.ofType("ended"), []);
  });

  test("of seven tabs", async (t) => {
    const visit = await visitWith(t);
    const { page, server } = visit;
    await startScene(page, "tabs");
    await says(page, "They took the token over");
    await page.waitForFunction(() => frames.length === 6);
    await draw(page, "scene-tabs");
    const { outcome, verdict, checks } = await outcomeOf(page);
    await draw(page, "scene-tabs-end");
    assert.equal(outcome, "kept", `${verdict} ${checks.join(" ")}`);
    await assertPutBack(page, server);
    // Every renewal of any of the tabs, as the server saw them.
    const renewals = await renewalsOf(visit);
    const told = visit.heardIn(page).filter(({ type }) => type === "renewed");
    assert.deepEqual(renewals.map(({ status }) => status), renewals.map(() => 200));
    assert.equal((await trailOf(server, "renewal", "renewal-repeated")).length, renewals.length);
    assert.ok(told.length >= renewals.length, "this page and its frames report to the same place");
  });

  test("of a stolen refresh token", async (t) => {
    const visit = await visitWith(t);
    const { page, server } = visit;
    await playScene(page, "theft", { at: "The thief has renewed with it" });
    await assertPutBack(page, server);
    await showsState(page, "signed-out");
    const [{ detail }] = await visit.hear("ended");
    // By its stream of events, or by the refused renewal, whichever comes first.
    assert.ok(detail.by === "server" && ["revoked", "rejected"].includes(detail.reason), JSON.stringify(detail));
    assert.deepEqual(await trailOf(server, "reuse-detected", "session-ended"), ["reuse-detected other-idempotency-key", "session-ended reuse"]);
    const refused = await trailOf(server, "renewal-refused");
    // The page, perhaps its second look, and the thief.
    assert.equal(refused[1], "renewal-refused reuse");
    assert.ok(refused.length >= 3 && refused.slice(2).every((each) => each === "renewal-refused session-ended"), refused.join());
    // What the thief was given never came here.
    for (const { answer } of await visit.traffic.complete()) assert.ok(!/refresh_token/.test(answer ?? ""));
  });

  test("of a clock that is wrong", async (t) => {
    const visit = await visitWith(t);
    const { page, server } = visit;
    await playScene(page, "wrong-clock", { at: "two hours back" });
    await assertPutBack(page, server);
    assert.deepEqual(visit.ofType("ended"), []);
    assert.deepEqual(visit.ofType("clock-jump").map(({ detail }) => detail.kind), ["set-forward", "set-back", "set-forward"]);
    const renewals = await renewalsOf(visit);
    assert.ok(renewals.length <= 12 && renewals.every(({ status }) => status === 200), `${renewals.length} renewals`);
    assert.ok((await statusesAt(visit, "/api/me")).every((status) => status === 200));
  });

  test("of a payment", async (t) => {
    const visit = await visitWith(t, { expected: [/status of 401 .+\/api\/payments\)$/] });
    const { page, server } = visit;
    const before = await page.textContent(hook("balance"));
    await playScene(page, "payment", { at: "code of Ada's authenticator" });
    await assertPutBack(page, server);
    assert.deepEqual(await statusesAt(visit, "/api/payments"), [401, 201]);
    assert.deepEqual(await trailOf(server, "step-up", "payment"), ["step-up code", "payment"]);
    assert.equal(before, "");
    assert.equal(await page.textContent(hook("balance")), "€4,205.10");
    assert.match(await page.textContent(`${hook("statement")} > li:first-child`), /The Analytical Society−€12\.50$/);
  });

  test("of nobody there", async (t) => {
    const visit = await visitWith(t);
    const { page, server } = visit;
    await playScene(page, "idle", { at: "A stray movement is no answer" });
    await assertPutBack(page, server);
    const [ended] = await visit.hear("ended");
    assert.deepEqual(ended.detail, { reason: "idle-timeout", by: "this-tab" });
    assert.equal(visit.ofType("idle-extended").length, 1);
    assert.deepEqual(await trailOf(server, "session-ended"), ["session-ended signed-out"]);
    const renewals = await visit.traffic.complete("/auth/refresh");
    const logouts = await visit.traffic.complete("/auth/logout");
    assert.equal(logouts.at(-1).status, 204);
    assert.ok(renewals.every(({ at }) => at <= logouts[0].at), "nothing is renewed after the end");
    assert.match(await page.textContent(hook("end-reason")), /^You were signed out because nothing happened/);
  });

  test("of a sign-out in another tab", async (t) => {
    const visit = await visitWith(t);
    const { page, server } = visit;
    await playScene(page, "elsewhere", { at: "It has signed out" });
    await assertPutBack(page, server);
    await showsState(page, "signed-out");
    assert.deepEqual(await trailOf(server, "session-ended"), ["session-ended signed-out"]);
    assert.deepEqual(visit.ofType("ended").map(({ detail }) => detail.by).sort(), ["other-tab", "this-tab"]);
  });

  test("of fifty requests", async (t) => {
    // No token is renewed of the session's own accord while it lasts.
    const visit = await visitWith(t, { lifetime: "5m", expected: [/status of 401 .+\/api\/me\)$/] });
    const { page, server } = visit;
    await playScene(page, "storm", { at: "All fifty are answered" });
    await assertPutBack(page, server);
    const calls = await statusesAt(visit, "/api/me");
    assert.equal(calls.filter((status) => status === 401).length, 50);
    assert.equal(calls.filter((status) => status === 200).length, calls.length - 50);
    assert.equal((await trailOf(server, "fault-injected")).length, 50);
  });

  test("of a tunnel", async (t) => {
    const visit = await visitWith(t);
    const { page, server } = visit;
    await playScene(page, "tunnel", { at: "The token has lapsed" });
    await assertPutBack(page, server);
    const renewals = await renewalsOf(visit);
    assert.ok(renewals.every(({ status }) => status === 200));
    assert.deepEqual(visit.ofType("ended"), []);
  });
});
