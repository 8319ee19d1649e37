import { milliseconds } from "./duration.js";
import { fail, isSessionError } from "./errors.js";

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
 */

/** Members that are valid but not built yet: refused, so that nobody relies on an option that does nothing. */
const NOT_YET = ["idle", "maxAge", "policy", "revocation", "audit", "refresh.idleHeader", "token.jwksUrl", "token.lifetime"];

/** The members of `token` that only the second module can check. */
const VERIFIED = ["issuer", "audience", "algorithms", "types", "requiredClaims", "jwksUrl"];

/** Tokens and field values of RFC 9110 section 5. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const FIELD_VALUE = /^[\t -~\x80-\xff]*$/;

/** @type {(path: string, found: string, remedy: string) => never} */
const refuse = (path, found, remedy) => {
  path ||= "the configuration";
  throw fail("ERR_CONFIG", `${path} is ${found}, not ${remedy}`, undefined, `Set ${path} to ${remedy}.`);
};

/** What was given, without the value of a text: it may be a secret. @param {unknown} value */
const kind = (value) => {
  if (value === undefined) return "missing";
  if (value === "") return "empty";
  if (Array.isArray(value)) return "a list";
  return value === null || /number|boolean/.test(typeof value) ? String(value) : `of type ${typeof value}`;
};

/** Class instances are not: their inherited members would be overlooked. @param {unknown} value */
const isPlain = (value) => {
  if (typeof value !== "object" || !value) return false;
  const prototype = Object.getPrototypeOf(value);
  return !prototype || !Object.getPrototypeOf(prototype);
};

/**
 * A rule of a single value; `read` gives undefined for a wrong one. Only an `open` rule shows a wrong text.
 *
 * @type {(remedy: string, read: (value: any) => unknown, open?: boolean) => Rule}
 */
const rule = (remedy, read, open) => (value, path) =>
  read(value) ?? refuse(path, open && value && typeof value === "string" ? `"${value.slice(0, 24)}"` : kind(value), remedy);

/** @type {(remedy: string, test: (value: any) => unknown) => Rule} */
const is = (remedy, test) => rule(remedy, (value) => (test(value) ? value : undefined));

/** @type {(remedy: string, pattern: RegExp) => Rule} */
const text = (remedy, pattern) => is(remedy, (value) => typeof value === "string" && pattern.test(value));

/** @type {(...names: string[]) => Rule} */
const oneOf = (...names) => rule(`"${names.join('" or "')}"`, (value) => names.find((name) => name === value), true);

/** @type {(least?: string, most?: string) => Rule} */
const time = (least = "0s", most = "3650d") =>
  rule(
    `a duration from ${least} to ${most}, such as 30000 or "30s"`,
    (value) => [milliseconds(value)].find((span) => span >= milliseconds(least) && span <= milliseconds(most)),
    true,
  );

/** @type {(least: number, most: number) => Rule} */
const whole = (least, most) =>
  is(`a whole number from ${least} to ${most}`, (value) => Number.isInteger(value) && value >= least && value <= most);

/** @type {(remedy: string, pattern: RegExp, base?: string) => Rule} */
const address = (remedy, pattern, base) =>
  rule(remedy, (value) => {
    if (typeof value !== "string" || !pattern.test(value)) return undefined;
    try {
      const { protocol, username, password, href } = new URL(value, base);
      return /^https?:$/.test(protocol) && !username && !password ? href : undefined;
    } catch {
      return undefined;
    }
  });

/** @type {(inner: Rule) => Rule} */
const orFalse = (inner) => (value, path) => value === false ? value : inner(value, path);

/** @type {(inner: Rule) => Rule} */
const orFunction = (inner) => (value, path) => typeof value === "function" ? value : inner(value, path);

/** @type {(ofText: Rule, inner: Rule) => Rule} */
const orText = (ofText, inner) => (value, path) => (typeof value === "string" ? ofText : inner)(value, path);

/** @type {(item: Rule, least?: number) => Rule} */
const list = (item, least = 0) => (value, path) =>
  Array.isArray(value) && value.length >= least
    ? Object.freeze(Array.from(value, (entry, index) => item(entry, `${path}[${index}]`)))
    : refuse(path, Array.isArray(value) ? "empty" : kind(value), "a list");

/** @type {(item: Rule) => Rule} */
const oneOrMore = (item) => orText((value, path) => Object.freeze([item(value, path)]), list(item, 1));

/** Whether at most `edits` letters tell `a` from `b`. @type {(a: string, b: string, edits: number) => boolean} */
const isSlip = (a, b, edits) => {
  if (edits < 0 || a === b) return edits >= 0;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return isSlip(restA, restB, edits);
  return isSlip(restA, b, edits - 1) || isSlip(a, restB, edits - 1) || isSlip(restA, restB, edits - 1);
};

/** @type {(path: string, key: string, names: string[]) => never} */
const refuseUnknown = (path, key, names) => {
  const slip = names.find((name) => isSlip(key.toLowerCase(), name.toLowerCase(), Math.min(2, key.length / 3)));
  const remedy = slip ? `Write ${slip} instead.` : `Remove it, or use one of ${names.join(", ")}.`;
  throw fail("ERR_CONFIG", `${path} is not known`, undefined, remedy);
};

/**
 * A rule of an object: reads its own members, each once, and refuses those that nobody knows.
 *
 * @type {(members: Record<string, Rule>, required?: string, check?: (read: any, path: string) => void) => Rule}
 */
const group = (members, required, check) => (value, path) => {
  const names = Object.keys(members);
  const read = Object.create(null);
  let at = path;
  /** @param {string} name */
  const enter = (name) => (at = path ? `${path}.${name}` : name);
  try {
    if (!isPlain(value)) refuse(path, kind(value), "a plain object");
    for (const key of Object.keys(/** @type {object} */ (value))) {
      if (!names.includes(key)) refuseUnknown(enter(key), key, names);
    }
    for (const name of names) {
      enter(name);
      const given = Object.hasOwn(/** @type {object} */ (value), name) ? /** @type {any} */ (value)[name] : undefined;
      if (given === undefined && name !== required) continue;
      read[name] = members[name](given, at);
      if (read[name] !== false && NOT_YET.includes(at)) {
        throw fail("ERR_CONFIG", `${at} is not supported by this version`, undefined, "Leave it out.");
      }
    }
  } catch (cause) {
    throw isSessionError(cause) ? cause : fail("ERR_CONFIG", `${at} cannot be read`, cause);
  }
  check?.(read, path);
  return Object.freeze(read);
};

/** @type {(lower: string, upper: string) => (read: any, path: string) => void} */
const ascending = (lower, upper) => (read, path) => {
  if (read[lower] > read[upper]) refuse(`${path}.${lower}`, "longer", `at most ${path}.${upper}`);
};

/** Every member that may be configured, its values and their ranges. */
function schema() {
  const flag = is("true or false", (value) => typeof value === "boolean");
  const call = is("a function", (value) => typeof value === "function");
  const filled = text("a text", /./);
  const token = text("a name of letters, digits and hyphens", TOKEN);
  const fieldValue = text("a header value", FIELD_VALUE);
  const memberPath = text("a dotted path", /^[^.]+(\.[^.]+)*$/);
  const credentials = oneOf("same-origin", "include", "omit");
  const url = address(
    "an http(s) address without credentials",
    /./,
    globalThis.document?.baseURI ?? globalThis.location?.href ?? "http://localhost",
  );

  /** @type {Rule} */
  const headers = (value, path) =>
    group(Object.fromEntries(Object.keys(Object(value)).map((name) => [token(name, `${path}.${name}`), fieldValue])))(value, path);

  const csrf = group({ header: token, value: orFunction(fieldValue), cookie: token }, "header", (read, path) => {
    if ("value" in read === "cookie" in read) refuse(path, "ambiguous", "{ header, value } or { header, cookie }");
  });

  /** @type {(more?: Record<string, Rule>) => Rule} */
  const endpoint = (more) => {
    const inner = group(
      {
        url: orFunction(url),
        method: rule("a method that fetch can send", (value) =>
          typeof value === "string" && TOKEN.test(value) && !/^(connect|trace|track)$/i.test(value) ? value.toUpperCase() : undefined,
        ),
        headers: orFunction(headers),
        body: is("a text, or a plain object for JSON", (value) => typeof value === "string" || (isPlain(value) && JSON.stringify(value))),
        credentials,
        csrf: orFalse(csrf),
        ...more,
      },
      "url",
      ({ method, body }, path) => {
        if (body !== undefined && /^(GET|HEAD)$/.test(method)) refuse(`${path}.method`, `${method} with a body`, "POST");
      },
    );
    return orText((value, path) => inner({ url: url(value, path) }, path), inner);
  };

  const span = group({ min: time(), max: time() }, undefined, ascending("min", "max"));
  const maxAge = orFalse(time());
  const idle = orFalse(
    group(
      { timeout: time(), warning: time(), essential: flag, confirm: flag, events: list(filled), throttle: time() },
      undefined,
      ({ warning, timeout, essential }, path) => {
        if (warning < 20_000 && !essential) refuse(`${path}.warning`, "too short to react (WCAG 2.2.1)", "20s or more");
        if (warning >= timeout) refuse(`${path}.warning`, "too long", `less than ${path}.timeout`);
      },
    ),
  );
  const policyName = oneOf("consumer", "payments", "admin", "aal1", "aal2", "aal3");

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
      policy: orFunction(
        orText(policyName, group({ extends: policyName, idle, maxAge, lifetime: span, lead: time() })),
      ),
      token: group({
        issuer: oneOrMore(filled),
        audience: oneOrMore(filled),
        algorithms: list(text('an algorithm, never "none"', /^(?!none$)./i), 1),
        types: list(filled, 1),
        requiredClaims: list(filled),
        leeway: time("0s", "5m"),
        opaque: flag,
        jwksUrl: url,
        lifetime: span,
      }),
      renewal: group({
        lead: time(),
        jitter: is("a number from 0 to 1", (value) => typeof value === "number" && value >= 0 && value <= 1),
        hidden: oneOf("renew", "defer"),
        minInterval: time("1s"),
      }),
      retry: group(
        { base: time(), max: time(), giveUpAfter: time(), rejectedStatuses: list(whole(400, 499)) },
        undefined,
        ascending("base", "max"),
      ),
      clock: group({ warnAbove: time(), timeUrl: url }),
      idle,
      maxAge,
      requests: group({
        allow: list(address("an absolute http(s) address without credentials, wildcard, query or fragment", /^https?:[^?#*]+$/i)),
        wait: time(),
        signedOut: oneOf("reject", "pass"),
      }),
      tabs: orFalse(group({ shareToken: flag })),
      revocation: group({ eventsUrl: url, credentials }, "eventsUrl"),
      audit: group({ capacity: whole(1, 100_000), url, sink: call }),
    },
    "refresh",
  );
}

/**
 * Checks the whole configuration, and throws ERR_CONFIG naming the member and the remedy.
 *
 * @param {unknown} config
 * @returns {Settings}
 */
export function readConfig(config) {
  const read = schema()(config, "");
  const { refresh, token } = read;
  return Object.freeze({
    name: typeof refresh.url === "string" ? refresh.url.split(/[?#]/)[0] : "default",
    renewal: {},
    retry: {},
    clock: {},
    requests: {},
    tabs: {},
    ...read,
    refresh: Object.freeze({ idempotencyHeader: "Idempotency-Key", ...refresh }),
    verify: VERIFIED.some((member) => token?.[member] !== undefined),
  });
}
