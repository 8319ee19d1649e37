// Clocks that are wrong, that are set while a session runs, and that stand still in sleep.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { NO_ICON, openBare, signInBare } from "./support/bare-page.mjs";
import { startBrowser } from "./support/browser.mjs";
import { setDeviceClock } from "./support/device-clock.mjs";
import { offerSessions } from "./support/in-page.mjs";
import { startServer } from "./support/server.mjs";
import { openStage } from "./support/stage.mjs";
import { startVisit } from "./support/visit.mjs";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;

const LIFETIME_S = 10;
const RUN_MS = MINUTE_MS;
/** What takes a minute takes longer on two slow cores. */
const LIMIT_MS = 5 * MINUTE_MS;
/** When the clock is set of a device that runs. */
const SET_AT_MS = RUN_MS / 4;
const RESET_AT_MS = RUN_MS / 2;
/** `clock.warnAbove`, by default. */
const WARN_ABOVE_MS = 30_000;

let browser;
const servers = new Map();
before(async () => {
  browser = await startBrowser();
  for (const offset of ["0s", "2h", "-1d"]) {
    servers.set(offset, await startServer("--access-lifetime", `${LIFETIME_S}s`, `--clock-offset=${offset}`));
  }
});
after(async () => {
  await browser?.close();
  for (const server of servers.values()) await server.stop();
});

/**
 * Looks at the session every second, as a page would that calls its API, and sets the device's clock meanwhile.
 * Runs in the page; resolves to what was seen and to what was not as it should be.
 */
async function watch({ forMs, settings, serverAheadMs }) {
  const troubles = [];
  const seen = { looks: 0, worstErrorMs: 0, widestMs: 0 };
  const started = performance.now();
  const passed = () => performance.now() - started;
  const pending = [...settings];
  while (passed() < forMs) {
    if (pending.length && passed() >= pending[0].atMs) deviceClock.wallMs = pending.shift().wallMs;
    const token = await session.accessToken().catch((error) => error.code);
    const { status } = await fetch("/api/me", { headers: { authorization: `Bearer ${token}` } });
    const { state, clock } = session.snapshot();
    seen.looks++;
    const trouble = (what) => troubles.push(`${what} after ${Math.round(passed())} ms`);
    if (status !== 200) trouble(`the API answered ${status} to ${token.slice(0, 8)}`);
    if (state !== "active") trouble(`the session is ${state}`);
    if (clock.source === "date") {
      const errorMs = Math.abs(clock.skew - (serverAheadMs - deviceClock.wallMs));
      if (errorMs > clock.uncertainty) trouble(`the skew is ${clock.skew} ± ${clock.uncertainty}, off by ${errorMs}`);
      seen.worstErrorMs = Math.max(seen.worstErrorMs, errorMs);
      seen.widestMs = Math.max(seen.widestMs, clock.uncertainty);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  if (pending.length) troubles.push("the device's clock was not set");
  return { troubles, seen, clock: session.snapshot().clock };
}

/** A session runs for a while; resolves to its events and requests, after it has behaved as it should. */
async function run(t, { wallMs = 0, settings = [], offset = "0s", serverAheadMs = 0 }) {
  const server = servers.get(offset);
  const visit = await startVisit(t, browser, { expected: [NO_ICON] });
  await visit.context.addInitScript(setDeviceClock, wallMs);
  // No request for the time may carry it.
  await visit.context.addCookies([{ name: "everywhere", value: "1", url: server.address }]);
  const started = performance.now();
  await openBare(visit.page, server.address);
  await signInBare(visit.page);
  const { sid } = (await visit.page.evaluate(() => session.snapshot())).claims;

  const { troubles, seen, clock } = await visit.page.evaluate(watch, { forMs: RUN_MS, settings, serverAheadMs });
  const renewals = (await server.trail("renewal")).filter((row) => row.sid === sid).length;
  const lifetimes = (performance.now() - started) / 1000 / LIFETIME_S;
  t.diagnostic(`${renewals} renewals in ${lifetimes.toFixed(2)} lifetimes; skew ${clock.skew} ± ${clock.uncertainty}; ${JSON.stringify(seen)}`);

  assert.deepEqual(troubles, []);
  assert.ok(renewals >= 2, `${renewals} renewals`);
  assert.ok(renewals <= 2 + 2 * lifetimes, `${renewals} renewals in ${lifetimes.toFixed(2)} lifetimes`);
  for (const type of ["ended", "degraded", "renewal-failed"]) assert.deepEqual(visit.ofType(type), []);
  assert.equal(clock.source, "date");
  const probes = (await visit.traffic.complete("/")).filter(({ method }) => method === "HEAD");
  for (const { headers } of probes) {
    assert.equal(headers.cookie, undefined, "the request for the time carries no cookie");
    assert.equal(headers.authorization, undefined, "the request for the time carries no token");
  }
  return { ...visit, probes };
}

/** The skew was reported so many times, and each time as it was. */
function reported(visit, trueSkews) {
  const reports = visit.ofType("clock-skew").map(({ detail }) => detail);
  assert.equal(reports.length, trueSkews.length, JSON.stringify(reports));
  for (const [place, { skew, uncertainty, source }] of reports.entries()) {
    assert.equal(source, "date");
    assert.ok(Math.abs(skew - trueSkews[place]) <= uncertainty, `${skew} ± ${uncertainty} for ${trueSkews[place]}`);
    assert.ok(uncertainty <= WARN_ABOVE_MS, `± ${uncertainty}`);
  }
}

/** These jumps were reported: their kinds, each with the seconds that it went. */
async function jumped(visit, expected) {
  if (expected.length) await visit.hear("clock-jump", expected.length);
  const jumps = visit.ofType("clock-jump").map(({ detail: { kind, by } }) => [kind, Math.round(by / 1000)]);
  assert.deepEqual(jumps, expected);
}

suite("clocks", { concurrency: true, timeout: LIMIT_MS }, () => {
  const wrong = { "a year slow": -YEAR_MS, "2 hours slow": -2 * HOUR_MS, "5 minutes slow": -5 * MINUTE_MS, "5 minutes fast": 5 * MINUTE_MS, "2 hours fast": 2 * HOUR_MS, "a year fast": YEAR_MS };
  for (const [name, wallMs] of Object.entries(wrong)) {
    test(`of a device that is ${name}`, async (t) => {
      const visit = await run(t, { wallMs });
      reported(visit, [-wallMs]);
      await jumped(visit, []);
      assert.deepEqual(visit.probes, []);
    });
  }

  for (const [offset, serverAheadMs] of [["2h", 2 * HOUR_MS], ["-1d", -DAY_MS]]) {
    test(`of a server that is off by ${offset}`, async (t) => {
      const visit = await run(t, { offset, serverAheadMs });
      reported(visit, [serverAheadMs]);
      await jumped(visit, []);
      assert.deepEqual(visit.probes, []);
    });
  }

  test("of a device that is set forward by 2 hours, and back", async (t) => {
    const settings = [{ atMs: SET_AT_MS, wallMs: 2 * HOUR_MS }, { atMs: RESET_AT_MS, wallMs: 0 }];
    const visit = await run(t, { settings });
    reported(visit, [-2 * HOUR_MS]);
    await jumped(visit, [["set-forward", 7200], ["set-back", -7200]]);
    assert.equal(visit.probes.length, 1);
  });

  test("of a device that is set back by 2 hours", async (t) => {
    const visit = await run(t, { settings: [{ atMs: SET_AT_MS, wallMs: -2 * HOUR_MS }] });
    reported(visit, [2 * HOUR_MS]);
    await jumped(visit, [["set-back", -7200]]);
    assert.deepEqual(visit.probes, []);
  });
});

/** A stage whose time a test moves, and a session on it that knows the server's time. */
async function openSleeper(t) {
  const clock = { aheadMs: 0 };
  const visit = await openStage(t, browser, {
    lifetimeS: HOUR_MS / 1000,
    now: () => Date.now() + clock.aheadMs,
    scripts: [offerSessions, setDeviceClock],
  });
  visit.stage.answers.set("/api/me", ({ headers }) => {
    const { exp } = JSON.parse(Buffer.from(headers.authorization.split(".")[1], "base64url"));
    return { status: exp * 1000 > Date.now() + clock.aheadMs ? 200 : 401 };
  });
  await visit.page.evaluate(async () => {
    globalThis.session = await signedIn();
    await session.renew();
  });
  return { ...visit, clock };
}

/** The device wakes after `ms`; its clocks show what `shown` says. What the page asks for at once has come. */
function wake(page, ms, shown) {
  return page.evaluate(async ({ ms, shown }) => {
    const before = await session.accessToken();
    for (const clock of shown) deviceClock[clock] += ms;
    const call = async () => {
      const token = await session.accessToken();
      const { status } = await fetch("/api/me", { headers: { authorization: `Bearer ${token}` } });
      return [status, token !== before];
    };
    const calls = await Promise.all([call(), call(), call()]);
    const { state, clock } = session.snapshot();
    return { calls, state, error: Math.abs(clock.skew), uncertainty: clock.uncertainty, source: clock.source };
  }, { ms, shown });
}

suite("sleep", { concurrency: 2, timeout: LIMIT_MS }, () => {
  const NIGHT_MS = 8 * HOUR_MS;
  const wokenWell = async (visit, woken) => {
    assert.deepEqual(woken.calls, Array(3).fill([200, true]), "what was asked for at the wake got the new token");
    assert.equal(woken.state, "active");
    assert.equal(woken.source, "date");
    assert.ok(woken.error <= woken.uncertainty, `off by ${woken.error}, ± ${woken.uncertainty}`);
    assert.equal(visit.stage.at("/auth/refresh").length, 2, "one renewal served all");
    for (const type of ["ended", "degraded", "renewal-failed"]) assert.deepEqual(visit.ofType(type), []);
  };
  const probes = (stage) => stage.at("/").filter(({ method }) => method === "HEAD");

  test("of eight hours that the monotonic clock has missed is told from a clock that was set", async (t) => {
    const visit = await openSleeper(t);
    visit.clock.aheadMs += NIGHT_MS;
    const woken = await wake(visit.page, NIGHT_MS, ["wallMs"]);
    await wokenWell(visit, woken);
    await jumped(visit, [["sleep", NIGHT_MS / 1000]]);
    assert.equal(probes(visit.stage).length, 1);
    assert.equal(probes(visit.stage)[0].headers.cookie, undefined);
  });

  test("of eight hours that both clocks have counted asks for no time", async (t) => {
    const visit = await openSleeper(t);
    visit.clock.aheadMs += NIGHT_MS;
    const woken = await wake(visit.page, NIGHT_MS, ["wallMs", "monotonicMs"]);
    await wokenWell(visit, woken);
    await jumped(visit, []);
    assert.deepEqual(probes(visit.stage), []);
  });

  test("is seen without a call too, by the page's next look", async (t) => {
    const visit = await openSleeper(t);
    visit.clock.aheadMs += NIGHT_MS;
    await visit.page.evaluate((ms) => {
      deviceClock.wallMs += ms;
      dispatchEvent(new Event("focus"));
    }, NIGHT_MS);
    await visit.hear("renewed", 2);
    await jumped(visit, [["sleep", NIGHT_MS / 1000]]);
    assert.equal(await visit.page.evaluate(() => session.state), "active");
  });

  test("does not end a session whose server cannot be asked for the time", async (t) => {
    const visit = await openSleeper(t);
    visit.clock.aheadMs += NIGHT_MS;
    visit.stage.answers.set("/", () => ({ headers: { age: "60" } }));
    const woken = await wake(visit.page, NIGHT_MS, ["wallMs"]);
    await wokenWell(visit, woken);
    await jumped(visit, [["unknown", NIGHT_MS / 1000]]);
  });

  test("that was none leaves the token alone", async (t) => {
    const visit = await openSleeper(t);
    const woken = await wake(visit.page, NIGHT_MS, ["wallMs"]);
    assert.deepEqual(woken.calls, Array(3).fill([200, false]));
    assert.ok(Math.abs(woken.error - NIGHT_MS) <= woken.uncertainty, `${woken.error} ± ${woken.uncertainty}`);
    await jumped(visit, [["set-forward", NIGHT_MS / 1000]]);
    assert.equal(visit.stage.at("/auth/refresh").length, 1);
  });
});
