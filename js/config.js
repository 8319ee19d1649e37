import { milliseconds } from "./duration.js";
import { fail, isSessionError } from "./errors.js";
import { govern, PRESETS } from "./policy.js";
import { expected, matches, refuse } from "./refusal.js";

/**
 * @typedef {import("./index.js").SessionConfig} SessionConfig
 * @typedef {import("./index.js").EndpointConfig["csrf"]} Csrf
 *
 * A rule reads one member: it returns what the settings hold of it, or throws ERR_CONFIG.
 * @typedef {(value: unknown, path: string) => any} Rule
 *
 * @typedef {{ url: string | (() => string), method?: string, headers?: Record<string, string> | (() => Record<string, string>),
 *   body?: string | Record<string, unknown>, credentials?: RequestCredentials, csrf?: Csrf }} Endpoint
 *
 * The configuration as the session reads it: complete, frozen, durations in milliseconds, addresses absolute.
 * An absent member leaves the choice to the core.
 * @typedef {object} Settings
 * @property {string} name The refresh address without its query; "default" where a function gives the address.
 * @property {Endpoint & { response?: import("./index.js").RefreshConfig["response"], lifetime?: number, timeout?: number,
 *   idempotencyHeader: string | false, idleHeader?: string }} refresh
 * @property {Endpoint} [logout]
 * @property {{ issuer?: string[], audience?: string[], algorithms?: string[], types?: string[], requiredClaims?: string[],
 *   jwksUrl?: string, leeway?: number, opaque?: boolean, lifetime?: { min?: number, max?: number } }} [token]
 * @property {boolean} verify Whether the second module is needed.
 * @property {{ lead?: number, jitter?: number, hidden?: "renew" | "defer", minInterval?: number }} renewal
 * @property {{ base?: number, max?: number, giveUpAfter?: number, rejectedStatuses?: number[] }} retry
 * @property {{ warnAbove?: number, timeUrl?: string }} clock
 * @property {{ timeout?: number, warning?: number, essential?: boolean, confirm?: boolean, events?: string[], throttle?: number } | false} [idle]
 * @property {number | false} [maxAge]
 * @property {{ allow?: string[], wait?: number, signedOut?: "reject" | "pass" }} requests
 * @property {{ shareToken?: boolean } | false} tabs
 * @property {{ eventsUrl: string, credentials?: RequestCredentials }} [revocation]
 * @property {import("./index.js").AuditConfig} [audit]
 * @property {SessionConfig["policy"]} [policy]
 * @property {import("./policy.js").Governed} governed What holds while nobody is signed in.
 */

/** Tokens and field values of RFC 9110 section 5. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const FIELD_VALUE = /^[\t -~\x80-\xff]*$/;

/** Class instances are not plain: their inherited members would be overlooked. @type {(value: unknown) => boolean} */
const isPlain = (value) =>
  !!value && typeof value === "object" && !Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype);

// Rules of single values. `read` gives undefined for a wrong one.

/** @type {(remedy: string, read: (value: any) => unknown) => Rule} */
const rule = (remedy, read) => (value, path) => read(value) ?? expected(path, remedy, value);

/** @type {(remedy: string, test: (value: any) => unknown) => Rule} */
const is = (remedy, test) => rule(remedy, (value) => (test(value) ? value : undefined));

/** @type {(remedy: string, pattern: RegExp) => Rule} */
const text = (remedy, pattern) => is(remedy, (value) => matches(value, pattern));

/** @type {(...values: unknown[]) => Rule} */
const oneOf = (...values) => (value, path) =>
  values.includes(value) ? value : expected(path, values.map((each) => JSON.stringify(each)).join(" or "), value, true);

/** @type {(kind: string, test: (value: unknown) => boolean, least: number, most: number) => Rule} */
const number = (kind, test, least, most) =>
  is(`${kind} from ${least} to ${most}`, (value) => test(value) && value >= least && value <= most);

/** @type {(least?: string, most?: string) => Rule} */
const time = (least = "0s", most = "3650d") => (value, path) => {
  const span = milliseconds(value);
  if (span >= milliseconds(least) && span <= milliseconds(most)) return span;
  return expected(path, `a duration such as "30s", from ${least} to ${most}`, value, true);
};

/** Gives the absolute form. @type {(remedy: string, pattern: RegExp, base?: string) => Rule} */
const address = (remedy, pattern, base) =>
  rule(remedy, (value) => {
    try {
      const { href } = new URL(value, base);
      if (matches(value, pattern) && /^https?:\/\/[^/@]+\//.test(href)) return href;
    } catch {} // Not an address.
  });

// Rules made of rules.

/** @type {(inner: Rule) => Rule} */
const orFalse = (inner) => (value, path) => value === false ? value : inner(value, path);

/** @type {(inner: Rule) => Rule} */
const orFunction = (inner) => (value, path) => typeof value === "function" ? value : inner(value, path);

/** What is neither is told of the text, the shorter way. @type {(ofText: Rule, inner: Rule) => Rule} */
const orText = (ofText, inner) => (value, path) => (typeof value === "object" ? inner : ofText)(value, path);

/** @type {(item: Rule, least?: number) => Rule} */
const list = (item, least = 0) => (value, path) =>
  Array.isArray(value) && value.length >= least
    ? Object.freeze(Array.from(value, (entry, index) => item(entry, `${path}[${index}]`)))
    : expected(path, `a list of ${least} or more`, value);

/** @type {(item: Rule) => Rule} */
const oneOrMore = (item) => orText((value, path) => Object.freeze([item(value, path)]), list(item, 1));

/**
 * Reads an object's own members, each once, and refuses unknown ones. `check` judges members together.
 *
 * @type {(members: Record<string, Rule>, required?: string[], check?: (read: any, path: string) => void) => Rule}
 */
const group = (members, required = [], check) => (value, path) => {
  if (!isPlain(value)) expected(path, "a plain object", value);
  const read = Object.create(null);
  const names = Object.keys(members);
  for (const [name, given] of Object.entries(/** @type {object} */ (value))) {
    if (!names.includes(name)) refuse(`${path}.${name} is not known`, `Remove it, or use one of ${names.join(", ")}.`);
    if (given !== undefined) read[name] = members[name](given, `${path}.${name}`);
  }
  for (const name of required) if (!(name in read)) members[name](undefined, `${path}.${name}`);
  check?.(read, path);
  return Object.freeze(read);
};

/** @type {(lower: string, upper: string) => (read: any, path: string) => void} */
const ascending = (lower, upper) => (read, path) => {
  if (read[lower] > read[upper]) expected(`${path}.${lower}`, `at most ${upper}`, read[lower]);
};

const flag = oneOf(true, false);
const filled = text("a text", /./);
const lifetime = group({ min: time(), max: time() }, [], ascending("min", "max"));
const maxAge = orFalse(time("1s"));
const idle = orFalse(
  group({ timeout: time("1s"), warning: time(), essential: flag, confirm: flag, events: list(filled), throttle: time() }),
);
const policyName = oneOf(...Object.keys(PRESETS));
const policy = orText(policyName, group({ extends: policyName, idle, maxAge, lifetime, lead: time() }));

/** Those with which whoever can verify a signature could make one are not among them. */
const asymmetric = list(text("an asymmetric algorithm", /^([RPE]S(256|384|512)|EdDSA|Ed25519)$/));

/** As long as the challenge of an API says, which is bound by nothing. @type {Rule} */
const age = rule('a duration such as "30s"', (value) => {
  const span = milliseconds(value);
  return span >= 0 ? span : undefined;
});
// The detail of `step-up-required` is such a requirement: its address asks for nothing.
const stepUp = group({ acrValues: list(filled), amr: list(filled), maxAge: age, url: (address) => address });

/**
 * What is asked of a sign-in, durations in milliseconds; throws ERR_CONFIG.
 *
 * @param {unknown} requirement
 * @returns {{ acrValues?: string[], amr?: string[], maxAge?: number }}
 */
export const readStepUp = (requirement) => stepUp(requirement, "requirement");

/** Every member that may be configured, its values and their ranges. */
function schema() {
  const token = text("an HTTP token", TOKEN);
  const fieldValue = text("a header value", FIELD_VALUE);
  const memberPath = text("a dotted path", /^[^.]+(\.[^.]+)*$/);
  const credentials = oneOf("same-origin", "include", "omit");
  const url = address(
    "an http(s) URL without credentials",
    /./,
    globalThis.document?.baseURI ?? globalThis.location?.href ?? "http://localhost",
  );

  /** @type {Rule} */
  const headers = (value, path) =>
    group(Object.fromEntries(Object.keys(Object(value)).map((name) => [token(name, `${path}.${name}`), fieldValue])))(value, path);
  const csrfOfCookie = group({ header: token, cookie: token }, ["header", "cookie"]);
  const csrfOfValue = group({ header: token, value: orFunction(fieldValue) }, ["header", "value"]);

  /** @type {(more?: Record<string, Rule>) => Rule} */
  const endpoint = (more) => {
    const full = group(
      {
        url: orFunction(url),
        method: rule("a method that fetch sends", (value) =>
          matches(value, TOKEN) && !/^(connect|trace|track)$/i.test(value) ? value.toUpperCase() : undefined,
        ),
        headers: orFunction(headers),
        body: is("a text or JSON object", (value) => typeof value === "string" || (isPlain(value) && JSON.stringify(value))),
        credentials,
        csrf: orFalse((value, path) => (Object.hasOwn(Object(value), "cookie") ? csrfOfCookie : csrfOfValue)(value, path)),
        ...more,
      },
      ["url"],
      ({ method, body }, path) => {
        if (body !== undefined && /^(GET|HEAD)$/.test(method)) refuse(`${path}.body cannot be sent with ${method}`, "Use POST.");
      },
    );
    return orText((value, path) => full({ url: url(value, path) }, path), full);
  };

  return group(
    {
      name: filled,
      refresh: endpoint({
        response: orFunction(
          group({
            accessToken: memberPath,
            expiresIn: memberPath,
            expiresInUnit: oneOf("s", "ms"),
            expiresAt: memberPath,
            sessionExpiresIn: memberPath,
          }),
        ),
        lifetime: time(),
        timeout: time(),
        idempotencyHeader: orFalse(token),
        idleHeader: token,
      }),
      logout: endpoint(),
      policy: orFunction(policy),
      token: group(
        {
          issuer: oneOrMore(filled),
          audience: oneOrMore(filled),
          algorithms: list(text('an algorithm other than "none"', /^(?!none$)./i), 1),
          types: list(filled, 1),
          requiredClaims: list(filled),
          leeway: time("0s", "5m"),
          opaque: flag,
          jwksUrl: url,
          lifetime,
        },
        [],
        ({ algorithms, jwksUrl }, path) => jwksUrl && algorithms && asymmetric(algorithms, `${path}.algorithms`),
      ),
      renewal: group({
        lead: time(),
        jitter: number("a number", Number.isFinite, 0, 1),
        hidden: oneOf("renew", "defer"),
        minInterval: time("1s"),
      }),
      retry: group(
        {
          base: time(),
          max: time(),
          giveUpAfter: time(),
          rejectedStatuses: list(number("a whole number", Number.isInteger, 400, 499)),
        },
        [],
        ascending("base", "max"),
      ),
      clock: group({ warnAbove: time(), timeUrl: url }),
      idle,
      maxAge,
      requests: group({
        allow: list(address("an absolute http(s) URL without credentials, *, ? or #", /^https?:[^?#*]+$/i)),
        wait: time(),
        signedOut: oneOf("reject", "pass"),
      }),
      tabs: orFalse(group({ shareToken: flag })),
      revocation: group({ eventsUrl: url, credentials }, ["eventsUrl"]),
      audit: group({
        capacity: number("a whole number", Number.isInteger, 1, 100_000),
        url,
        sink: is("a function", (value) => typeof value === "function"),
        recording: orFunction(flag),
      }),
    },
    ["refresh"],
  );
}

/** The members of `token` that the main module does without. */
const VERIFIED = ["issuer", "audience", "algorithms", "types", "requiredClaims", "jwksUrl"];

/**
 * Checks the whole configuration; throws ERR_CONFIG naming the member and the remedy.
 *
 * @param {unknown} config
 * @returns {Settings}
 */
export function readConfig(config) {
  try {
    return settingsOf(schema()(config, "config"));
  } catch (cause) {
    throw isSessionError(cause) ? cause : fail("ERR_CONFIG", "config cannot be read", cause);
  }
}

/** @param {any} read */
function settingsOf(read) {
  const { refresh, token } = read;
  const settings = {
    __proto__: null,
    name: typeof refresh.url === "string" ? refresh.url.split(/[?#]/)[0] : "default",
    renewal: {},
    retry: {},
    clock: {},
    requests: {},
    tabs: {},
    ...read,
    refresh: Object.freeze({ __proto__: null, idempotencyHeader: "Idempotency-Key", ...refresh }),
    verify: VERIFIED.some((member) => token?.[member]),
  };
  try {
    return Object.freeze({ ...settings, __proto__: null, governed: governed(settings, null) });
  } catch (cause) {
    throw isSessionError(cause) ? cause : fail("ERR_CONFIG", "config.policy has thrown", cause, "Have it answer for null, too.");
  }
}

/**
 * What holds for a session with these claims; throws ERR_CONFIG where a policy of the application is none, and
 * what its function throws.
 *
 * @param {any} settings
 * @param {Readonly<import("./index.js").Claims> | null} claims
 */
export const governed = (settings, claims) =>
  govern(settings, typeof settings.policy === "function" ? policy(settings.policy(claims), "config.policy") : settings.policy);
