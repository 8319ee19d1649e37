import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { inspect } from "node:util";
import { governed, readConfig, readStepUp } from "../../js/config.js";
import { isSessionError } from "../../js/errors.js";

const REFRESH = "https://app.example/auth/refresh";

// Wrong and right values of each kind of member. Undefined means absent, so it is never wrong.
const NOT_TEXT = [null, 5, true, {}, [], Symbol("s"), 5n, ""];
const time = { wrong: [null, -1, NaN, Infinity, "", "5", "5 s", "1e3s", "-5s", "3651d", true, {}, [], ["5s"], () => 5], right: [0, 1500, "30s", "1.5h", "3650d"] };
const flag = { wrong: [null, 0, 1, "", "true", {}, [], () => true], right: [true, false] };
const filled = { wrong: [...NOT_TEXT, () => "a"], right: ["a", "https://issuer.example/a?b"] };
const token = { wrong: [...NOT_TEXT, "a b", "a:", "a\n", "é", "(a)"], right: ["X-A", "x_a.b"] };
const credentials = { wrong: [null, "", "Include", "all", true, {}, 1], right: ["omit", "same-origin", "include"] };
const NOT_URL = [...NOT_TEXT, "https://", "http://a b", "ftp://a.example/", "javascript:alert(1)", "data:,x", "blob:https://a.example/1", "https://user@a.example/", "https://user:pw@a.example/", "//:pw@a.example/"];
const url = { wrong: [...NOT_URL, () => "/a"], right: ["https://a.example/x?y#z", "/x", "http://localhost:3000"] };
const urlOrFunction = { wrong: NOT_URL, right: ["/x", () => "/x"] };
const path = { wrong: [...NOT_TEXT, ".", "a.", ".a", "a..b"], right: ["a", "a.b.0"] };
const texts = { wrong: [null, 5, {}, true, [], [""], [5], ["a", null], ""], right: ["a", ["a"], ["a", "b"]] };
const listOf = (item, least = 0) => ({
  wrong: [null, 5, {}, "a", true, ...(least ? [[]] : []), ...item.wrong.map((each) => [each])],
  right: [...(least ? [] : [[]]), item.right],
});
const oneOf = (...names) => ({ wrong: [null, "", 5, true, {}, [names[0]], names[0].toUpperCase(), "no"], right: names });
const object = { wrong: [null, 5, "x", true, [], new Map(), new Date(), Object.create({ a: 1 }), class {}], right: [{}] };
const without = (kind, ...values) => ({ ...kind, wrong: kind.wrong.filter((each) => !values.includes(each)) });
const or = (kind, ...values) => ({ wrong: without(kind, ...values).wrong, right: [...kind.right, ...values] });

const ENDPOINT = {
  url: urlOrFunction,
  method: { wrong: [...NOT_TEXT, "PO ST", "CONNECT", "trace"], right: ["POST", "put", "GET"] },
  headers: { wrong: [...object.wrong.filter((each) => typeof each !== "function"), { "a b": "x" }, { a: 5 }, { a: null }, { a: "x\r\ny: z" }, { a: "é€" }, { "": "x" }], right: [{}, { A: "b", c: "" }, () => ({})] },
  body: { wrong: [null, 5, true, [], new Map(), () => "x"], right: ["", "a=b", {}, { a: [null] }] },
  credentials,
  csrf: { wrong: [null, true, "X-CSRF", [], {}, { header: "X" }, { value: "1" }, { header: "X", value: 5 }, { header: "a b", value: "1" }, { header: "X", value: "a\nb" }, { header: "X", cookie: "" }, { header: "X", cookie: () => "c" }, { header: "X", value: "1", cookie: "c" }, { header: "X", value: "1", other: 1 }], right: [false, { header: "X", value: "1" }, { header: "X", value: () => "1" }, { header: "X", cookie: "c" }] },
};
const longer = (least, ...right) => ({ wrong: [...time.wrong, ...least], right });
const IDLE = { timeout: longer([0, "999ms"], "61s", "1.5h", "3650d"), warning: { ...time, wrong: [...time.wrong, 0, "19.9s", 19_999], right: ["20s", "1m"] }, essential: flag, confirm: flag, events: listOf(filled), throttle: longer([], 0, 1500, "29m") };
const AGE = longer([0, "999ms"], "1s", "3650d");
const RANGE = { min: time, max: time };
const POLICY_NAMES = ["consumer", "payments", "admin", "aal1", "aal2", "aal3"];
const count = (least, most) => ({ wrong: [null, "5", true, {}, NaN, Infinity, least - 1, most + 1, least + 0.5], right: [least, most] });

const SCHEMA = {
  name: filled,
  refresh: {
    ...ENDPOINT,
    response: { accessToken: path, expiresIn: path, expiresInUnit: oneOf("s", "ms"), expiresAt: path, sessionExpiresIn: path },
    lifetime: time, timeout: time, idempotencyHeader: or(token, false), idleHeader: token,
  },
  logout: ENDPOINT,
  policy: { extends: oneOf(...POLICY_NAMES), idle: IDLE, maxAge: or(AGE, false), lifetime: RANGE, lead: time },
  token: {
    issuer: texts, audience: texts,
    algorithms: listOf({ wrong: ["", 5, null, "none", "NONE"], right: ["RS256", "ES256"] }, 1),
    types: listOf(filled, 1), requiredClaims: listOf(filled),
    leeway: { wrong: [...time.wrong, "5.1m", 300_001], right: [0, "5m"] },
    opaque: flag, jwksUrl: url, lifetime: RANGE,
  },
  renewal: {
    lead: time, jitter: { wrong: [null, "0.2", true, {}, NaN, -0.1, 1.1], right: [0, 0.2, 1] }, hidden: oneOf("renew", "defer"),
    minInterval: { wrong: [...time.wrong, 0, 999, "999ms"], right: ["1s", 5000] },
  },
  retry: { base: time, max: time, giveUpAfter: time, rejectedStatuses: listOf(count(400, 499)) },
  clock: { warnAbove: time, timeUrl: url },
  idle: IDLE,
  maxAge: or(AGE, false),
  requests: {
    allow: listOf({ wrong: [...NOT_URL, "/relative", "a.example", "https://*.example.com", "https://a.example/?", "https://a.example/?x", "https://a.example/#", "//a.example"], right: ["https://a.example", "http://localhost:3000/api/"] }),
    wait: time, signedOut: oneOf("reject", "pass"),
  },
  tabs: { shareToken: flag },
  revocation: { eventsUrl: url, credentials },
  audit: { capacity: count(1, 100_000), url, sink: { wrong: [null, "x", {}, []], right: [() => {}] }, recording: { wrong: [null, "x", 1, {}, []], right: [true, false, () => {}] } },
};
const ALSO_FALSE = ["tabs", "idle", "policy.idle"];
const ALSO_TEXT = ["refresh", "logout", "policy"];
const ALSO_FUNCTION = ["policy", "refresh.response"];

const isMember = (kind) => Array.isArray(kind.wrong);
/** Every path of the schema with its kind; an object stands for itself too. */
function* members(schema, prefix = "") {
  for (const [name, kind] of Object.entries(schema)) {
    const at = prefix + name;
    if (isMember(kind)) yield [at, kind];
    else {
      const omitted = object.wrong.filter((each) =>
        !(typeof each === "string" && ALSO_TEXT.includes(at)) && !(typeof each === "function" && ALSO_FUNCTION.includes(at)));
      yield [at, { wrong: omitted, right: [] }];
      yield* members(kind, `${at}.`);
    }
  }
}
/** A configuration that is right but for the member at the path. */
const configWith = (at, value) => {
  const config = { refresh: { url: REFRESH } };
  const names = at.split(".");
  const last = names.pop();
  let inner = config;
  for (const name of names) inner = inner[name] ??= name === "logout" ? { url: REFRESH } : name === "revocation" && last !== "eventsUrl" ? { eventsUrl: "/events" } : {};
  Object.defineProperty(inner, last, { value, enumerable: true, configurable: true, writable: true });
  return config;
};

const refused = (config, at, what = "") => {
  assert.throws(() => readConfig(config), (error) => {
    assert.ok(isSessionError(error), `${at} ${what}: ${error.stack}`);
    assert.equal(error.code, "ERR_CONFIG");
    assert.ok(error.message.includes(at), `"${error.message}" does not name ${at}`);
    assert.match(error.suggestion, /^[A-Z].*\.$/s);
    return true;
  }, `${at} ${what} was accepted`);
};
const show = (value) => inspect(value, { breakLength: Infinity });

afterEach(() => {
  delete globalThis.location;
  delete globalThis.document;
});

for (const [at, kind] of members(SCHEMA)) {
  test(`${at} refuses ${kind.wrong.length} wrong values`, () => {
    for (const value of kind.wrong) refused(configWith(at, value), at, show(value));
  });
  if (kind.right.length) {
    test(`${at} accepts its values`, () => {
      for (const value of kind.right) readConfig(configWith(at, value));
    });
  }
}

test("an unknown member is refused at every level, with the names to choose from", () => {
  const levels = ["", ...[...members(SCHEMA)].filter(([, kind]) => !kind.right.length).map(([at]) => at)];
  assert.ok(levels.length >= 14);
  for (const level of levels) {
    for (const name of ["unknown", "__proto__", "constructor", "toString", "hasOwnProperty", "Url", ""]) {
      const at = level ? `${level}.${name}` : name;
      refused(configWith(at, 1), at);
      refused(configWith(at, undefined), at, "as undefined");
    }
  }
  assert.throws(() => readConfig(configWith("renewal.leed", "5s")), { suggestion: /\blead\b/ });
});

test("only an object is a configuration", () => {
  for (const config of [undefined, null, 5, "x", true, [], () => {}, new Map(), Object.create({ refresh: REFRESH })]) refused(config, "config");
});

test("what must be there is missed", () => {
  refused({}, "refresh");
  refused({ refresh: undefined }, "refresh");
  refused({ refresh: {} }, "refresh.url");
  refused({ refresh: { url: undefined } }, "refresh.url");
  refused({ refresh: REFRESH, logout: {} }, "logout.url");
  refused({ refresh: REFRESH, revocation: {} }, "revocation.eventsUrl");
  for (const text of NOT_URL.filter((each) => typeof each === "string")) refused({ refresh: text }, "refresh", text);
});

test("undefined is absent", () => {
  const undefinedMembers = Object.fromEntries(Object.keys(SCHEMA).map((name) => [name, undefined]));
  assert.deepEqual(readConfig({ ...undefinedMembers, refresh: REFRESH }), readConfig({ refresh: REFRESH }));
});

test("false switches off what can be switched off", () => {
  for (const at of ALSO_FALSE) if (!at.startsWith("policy")) assert.equal(readConfig(configWith(at, false))[at], false);
  assert.equal(readConfig(configWith("refresh.idempotencyHeader", false)).refresh.idempotencyHeader, false);
  assert.equal(readConfig(configWith("refresh.csrf", false)).refresh.csrf, false);
  for (const at of ["policy", "token", "renewal", "retry", "clock", "requests", "revocation", "audit", "logout"]) refused(configWith(at, false), at);
});

test("where signatures are verified, only algorithms are accepted that can be", () => {
  const config = (...algorithms) => ({ refresh: REFRESH, token: { jwksUrl: "/jwks", algorithms } });
  readConfig(config("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"));
  for (const name of ["HS256", "HS384", "HS512", "hs256", "ES256K", "RS1", "none", "dir", "ES256 "]) refused(config("ES256", name), "token.algorithms");
  readConfig({ refresh: REFRESH, token: { algorithms: ["HS256"] } });
});

test("members are judged together", () => {
  refused(configWith("retry", { base: "2s", max: "1s" }), "retry.base");
  readConfig(configWith("retry", { base: "1s", max: "1s" }));
  refused(configWith("token.lifetime", { min: "2m", max: "1m" }), "token.lifetime.min");
  refused(configWith("idle", { warning: "30m", timeout: "30m" }), "idle.warning");
  refused(configWith("idle.timeout", "1m"), "idle.warning", "the default of a minute");
  refused(configWith("idle.throttle", "29.1m"), "idle.throttle");
  readConfig(configWith("idle", { warning: "5s", essential: true }));
  for (const method of ["GET", "get", "HEAD"]) refused({ refresh: { url: REFRESH, method, body: "" } }, "refresh.body");
});

const of = (config) => {
  const { idle, maxAge, lifetime, lead } = readConfig({ refresh: REFRESH, ...config }).governed;
  return JSON.parse(JSON.stringify({ idle: idle && [idle.timeout, idle.warning], maxAge, lifetime, lead }));
};
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

test("the policies are those of the table", () => {
  const table = {
    consumer: [[30, 1], 30 * DAY, 15, 60], payments: [[10, 1], DAY / 2, 5, 15], admin: [[15, 1], DAY / 3, 5, 15],
    aal1: [undefined, 30 * DAY, 0, 60], aal2: [[60, 2], DAY, 0, 30], aal3: [[15, 1], DAY / 2, 0, 15],
  };
  for (const [policy, [idle, maxAge, min, max]] of Object.entries(table)) {
    const expected = { maxAge, lifetime: { min: min * MINUTE, max: max * MINUTE } };
    if (idle) expected.idle = idle.map((minutes) => minutes * MINUTE);
    for (const how of [policy, { extends: policy }, () => policy]) assert.deepEqual(of({ policy: how }), expected, policy);
  }
});

test("nothing is asked for by default", () => {
  assert.deepEqual(of({}), { lifetime: {} });
  assert.deepEqual(of({ idle: {} }), { idle: [30 * MINUTE, MINUTE], lifetime: {} });
});

test("explicit options win over a policy, and a policy over the one that it extends, member by member", () => {
  assert.deepEqual(of({ policy: "admin", idle: { timeout: "5m" }, maxAge: "1h", token: { lifetime: { max: "2h" } }, renewal: { lead: "10s" } }), {
    idle: [5 * MINUTE, MINUTE], maxAge: 60 * MINUTE, lifetime: { min: 5 * MINUTE, max: 120 * MINUTE }, lead: 10_000,
  });
  assert.deepEqual(of({ policy: { extends: "aal2", idle: { timeout: "20m" }, lifetime: { min: "1m" }, lead: "1m" } }), {
    idle: [20 * MINUTE, 2 * MINUTE], maxAge: DAY, lifetime: { min: MINUTE, max: 30 * MINUTE }, lead: MINUTE,
  });
  assert.deepEqual(of({ policy: "admin", idle: false, maxAge: false }), { lifetime: { min: 5 * MINUTE, max: 15 * MINUTE } });
  assert.deepEqual(of({ policy: { extends: "admin", idle: false, maxAge: false } }), { lifetime: { min: 5 * MINUTE, max: 15 * MINUTE } });
  assert.deepEqual(of({ policy: { extends: "aal1", idle: {} } }).idle, [30 * MINUTE, MINUTE], "it is on where it is asked for");
});

test("a policy function that throws is named, with what it threw", () => {
  const cause = new TypeError("claims is null");
  const policy = () => {
    throw cause;
  };
  assert.throws(() => readConfig({ refresh: REFRESH, policy }), (error) => error.code === "ERR_CONFIG" && /config\.policy/.test(error.message) && error.cause === cause);
});

test("where a text is the shorter way, whoever gives nothing is told of it", () => {
  for (const config of [{}, { refresh: undefined }, { refresh: 5 }]) {
    assert.throws(() => readConfig(config), { code: "ERR_CONFIG", suggestion: /^Set config\.refresh to an http\(s\) URL/ });
  }
});

test("a policy and the options are judged together", () => {
  refused({ refresh: REFRESH, policy: "none" }, "policy");
  refused({ refresh: REFRESH, policy: { idle: { warning: "30m" } } }, "policy.idle.warning");
  refused({ refresh: REFRESH, policy: { idle: { warning: "5s" } } }, "policy.idle.warning");
  refused({ refresh: REFRESH, policy: "aal2", idle: { timeout: "2m" } }, "idle.warning");
  refused({ refresh: REFRESH, policy: "consumer", token: { lifetime: { max: "10m" } } }, "token.lifetime.min");
  readConfig({ refresh: REFRESH, policy: { idle: { warning: "5s", essential: true } } });
  readConfig({ refresh: REFRESH, policy: { idle: { warning: "5s" } }, idle: { essential: true } });
});

test("a policy that is a function is asked at once, of nobody", () => {
  const asked = [];
  const settings = readConfig({ refresh: REFRESH, policy: (...claims) => (asked.push(claims), claims[0]?.admin ? "admin" : "consumer") });
  assert.deepEqual(asked, [[null]]);
  assert.equal(governed(settings, { admin: true }).idle.timeout, 15 * MINUTE);
  refused({ refresh: REFRESH, policy: () => "none" }, "policy");
  refused({ refresh: REFRESH, policy: () => undefined }, "policy");
  refused({ refresh: REFRESH, policy: () => ({ idle: { timeout: "x" } }) }, "policy.idle.timeout");
  refused({ refresh: REFRESH, policy: () => { throw new Error("mine"); } }, "config");
});

test("what the idle header tells is listened for without a deadline, too", () => {
  const { idle } = readConfig({ refresh: { url: REFRESH, idleHeader: "X-Idle" } }).governed;
  assert.equal(idle.timeout, Infinity);
  assert.deepEqual([...idle.events], ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]);
  assert.equal(of({ refresh: { url: REFRESH, idleHeader: "X-Idle" }, idle: {} }).idle[0], 30 * MINUTE);
});

test("members that throw when read are refused", () => {
  const thrower = { get() { throw new RangeError("mine"); }, enumerable: true };
  const hostile = [
    Object.defineProperty({ refresh: REFRESH }, "renewal", thrower),
    { refresh: REFRESH, renewal: Object.defineProperty({}, "lead", thrower) },
    { refresh: REFRESH, requests: { allow: Object.defineProperty([""], 0, thrower) } },
    { refresh: { url: REFRESH, headers: Object.defineProperty({}, "a", thrower) } },
    new Proxy({}, { ownKeys: thrower.get }),
    new Proxy({}, { getPrototypeOf: thrower.get }),
    { refresh: { url: REFRESH, body: { toJSON: thrower.get } } },
  ];
  for (const config of hostile) {
    assert.throws(() => readConfig(config), (error) => isSessionError(error) && error.code === "ERR_CONFIG" && error.cause instanceof RangeError);
  }
  const circular = {};
  circular.self = circular;
  refused({ refresh: { url: REFRESH, body: circular } }, "config");
});

test("each member is read once", () => {
  let reads = 0;
  const config = { refresh: REFRESH, get name() { return reads++ ? 5 : "once"; } };
  assert.equal(readConfig(config).name, "once");
});

test("a polluted prototype changes nothing", () => {
  const clean = readConfig({ refresh: REFRESH });
  const polluted = { idle: {}, timeout: 5, logout: "https://evil.example", cookie: "c", url: "https://evil.example", jitter: 9 };
  try {
    Object.assign(Object.prototype, polluted);
    const settings = readConfig({ refresh: REFRESH, tabs: {} });
    assert.equal(settings.logout, undefined);
    assert.equal(settings.idle, undefined);
    assert.equal(settings.governed.idle, undefined);
    assert.equal(readConfig({ refresh: REFRESH, policy: "admin", idle: { warning: "20s" } }).governed.idle.timeout, 900_000);
    assert.equal(settings.refresh.timeout, undefined);
    assert.equal(settings.refresh.url, REFRESH);
    assert.equal(readConfig({ refresh: { url: REFRESH, csrf: { header: "X", value: "1" } } }).refresh.csrf.value, "1");
    refused({ refresh: {} }, "refresh.url");
  } finally {
    for (const name of Object.keys(polluted)) delete Object.prototype[name];
  }
  assert.deepEqual(readConfig({ refresh: REFRESH }), clean);
});

test("no message repeats a text that may be a secret", () => {
  const secret = "s3cr3t-t0k3n";
  const configs = [
    { refresh: `https://user:${secret}@a.example` }, { refresh: { url: `ftp://${secret}` } }, { refresh: REFRESH, token: secret },
    { refresh: { url: REFRESH, csrf: secret } }, { refresh: { url: REFRESH, headers: { A: `${secret}\n` } } }, { refresh: { url: REFRESH, headers: secret } },
    { refresh: { url: REFRESH, csrf: { header: "X", value: `${secret}\n` } } }, { refresh: REFRESH, requests: { allow: [`https://a.example?${secret}`] } },
    { refresh: { url: REFRESH, body: [secret] } }, { refresh: REFRESH, requests: secret }, secret, [secret],
  ];
  for (const config of configs) {
    assert.throws(() => readConfig(config), (error) => {
      assert.equal(error.code, "ERR_CONFIG");
      return ![error.message, error.suggestion, String(error.cause ?? "")].some((text) => text.includes(secret));
    });
  }
});

test("a wrong duration and a wrong name are shown", () => {
  assert.throws(() => readConfig(configWith("renewal.lead", "10 minutes")), { message: /renewal\.lead must be a duration .*not 10 minutes/ });
  assert.throws(() => readConfig(configWith("renewal.hidden", "later")), { message: /"renew" or "defer", not later/ });
  assert.throws(() => readConfig(configWith("renewal.jitter", 2)), { message: /from 0 to 1, not 2/ });
});

test("the settings of the shortest configuration", () => {
  const settings = readConfig({ refresh: REFRESH });
  assert.deepEqual(JSON.parse(JSON.stringify(settings)), {
    name: REFRESH, refresh: { url: REFRESH, idempotencyHeader: "Idempotency-Key" },
    renewal: {}, retry: {}, clock: {}, requests: {}, tabs: {}, verify: false, governed: { lifetime: {} },
  });
  assert.ok(Object.isFrozen(settings) && Object.isFrozen(settings.refresh));
});

test("the settings of a long configuration", () => {
  globalThis.location = { href: "https://app.example/deep/page?x#y" };
  const headers = () => ({});
  const settings = readConfig({
    name: "app",
    refresh: { url: "../auth/refresh?a=1", method: "put", headers, lifetime: "5m", timeout: "2s", response: { accessToken: "a.b" }, idempotencyHeader: "X-Key" },
    logout: "/auth/logout",
    token: { issuer: "https://i.example", audience: ["a", "b"], leeway: "1m", opaque: false },
    renewal: { lead: "1m", jitter: 0, hidden: "defer", minInterval: 2000 },
    retry: { base: "1s", max: "1m", giveUpAfter: "1h", rejectedStatuses: [401] },
    clock: { warnAbove: "1m", timeUrl: "/time" },
    requests: { allow: ["https://API.example.com", "https://api.example.com/v1/../v2"], wait: "5s", signedOut: "pass" },
    tabs: { shareToken: false },
    idle: false,
    maxAge: false,
  });
  assert.equal(settings.refresh.headers, headers);
  assert.deepEqual(JSON.parse(JSON.stringify(settings)), {
    name: "app",
    refresh: { url: "https://app.example/auth/refresh?a=1", method: "PUT", lifetime: 300_000, timeout: 2000, response: { accessToken: "a.b" }, idempotencyHeader: "X-Key" },
    logout: { url: "https://app.example/auth/logout" },
    token: { issuer: ["https://i.example"], audience: ["a", "b"], leeway: 60_000, opaque: false },
    renewal: { lead: 60_000, jitter: 0, hidden: "defer", minInterval: 2000 },
    retry: { base: 1000, max: 60_000, giveUpAfter: 3_600_000, rejectedStatuses: [401] },
    clock: { warnAbove: 60_000, timeUrl: "https://app.example/time" },
    requests: { allow: ["https://api.example.com/", "https://api.example.com/v2"], wait: 5000, signedOut: "pass" },
    tabs: { shareToken: false },
    idle: false,
    maxAge: false,
    verify: true,
    governed: { lifetime: {}, lead: 60_000 },
  });
});

test("the name is the refresh address without its query, or the default for a function", () => {
  assert.equal(readConfig({ refresh: `${REFRESH}?tenant=a#b` }).name, REFRESH);
  assert.equal(readConfig({ refresh: { url: () => REFRESH } }).name, "default");
  globalThis.document = { baseURI: "https://app.example/base/" };
  assert.equal(readConfig({ refresh: "refresh" }).name, "https://app.example/base/refresh");
});

test("each check that only the second module makes asks for it", () => {
  for (const token of [{ issuer: "a" }, { audience: "a" }, { algorithms: ["RS256"] }, { types: ["at+jwt"] }, { requiredClaims: [] }]) {
    assert.equal(readConfig({ refresh: REFRESH, token }).verify, true, JSON.stringify(token));
  }
  for (const token of [undefined, {}, { leeway: 0, opaque: true }, { issuer: undefined }]) {
    assert.equal(readConfig({ refresh: REFRESH, token }).verify, false, JSON.stringify(token));
  }
});

test("later changes of the configuration change nothing", () => {
  const config = { refresh: { url: REFRESH, headers: { A: "1" } }, requests: { allow: ["https://a.example"] } };
  const settings = readConfig(config);
  config.refresh.headers.A = "2";
  config.requests.allow.push("https://evil.example");
  assert.equal(settings.refresh.headers.A, "1");
  assert.deepEqual([...settings.requests.allow], ["https://a.example/"]);
});

test("what is asked of a sign-in may be what an event has told", () => {
  const told = { acrValues: ["aal2"], maxAge: 300_000, url: "https://api.example/pay" };
  const { acrValues, amr, maxAge } = readStepUp(told);
  assert.deepEqual([acrValues, amr, maxAge], [["aal2"], undefined, 300_000]);
  assert.equal(readStepUp({ ...told, url: null }).maxAge, 300_000);
  // An API may name any age.
  assert.equal(readStepUp({ maxAge: 9_223_372_036_854_776_000 }).maxAge, 9_223_372_036_854_776_000);
  assert.equal(readStepUp({ maxAge: "1.5h" }).maxAge, 5_400_000);
  for (const wrong of [null, undefined, { acr: "aal2" }, { maxAge: "soon" }, { maxAge: -1 }, { maxAge: Infinity }, { acrValues: "aal2" }, { amr: [""] }]) {
    assert.throws(() => readStepUp(wrong), { code: "ERR_CONFIG" }, inspect(wrong));
  }
});
