import { expected } from "./refusal.js";

/**
 * @typedef {{ timeout: number, warning: number, essential?: boolean, confirm: boolean, events: readonly string[], throttle: number }} Idle
 *
 * What holds for a session: the options, and where they say nothing, the policy.
 * @typedef {{ idle?: Idle, maxAge?: number, lifetime: { min?: number, max?: number }, lead?: number }} Governed
 */

const MINUTE_MS = 60_000;
const DAY_MIN = 1440;

/** Of minutes. @type {(idle: number, warning: number, maxAge: number, most: number, least?: number) => any} */
const preset = (idle, warning, maxAge, most, least = 0) => ({
  idle: !!idle && { timeout: idle * MINUTE_MS, warning: warning * MINUTE_MS },
  maxAge: maxAge * MINUTE_MS,
  lifetime: { min: least * MINUTE_MS, max: most * MINUTE_MS },
});

/** @type {Record<string, any>} */
export const PRESETS = {
  consumer: preset(30, 1, 30 * DAY_MIN, 60, 15),
  payments: preset(10, 1, DAY_MIN / 2, 15, 5),
  admin: preset(15, 1, DAY_MIN / 3, 15, 5),
  aal1: preset(0, 0, 30 * DAY_MIN, 60),
  aal2: preset(60, 2, DAY_MIN, 30),
  aal3: preset(15, 1, DAY_MIN / 2, 15),
};

/** A policy that says nothing, whatever a script has done to all objects. @type {any} */
const NOTHING = Object.freeze(Object.create(null));

/** What counts as the user's doing: nothing that happens without them, such as `scroll`. */
const DEFAULTS = {
  timeout: 30 * MINUTE_MS,
  warning: MINUTE_MS,
  essential: false,
  confirm: true,
  events: Object.freeze(["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]),
  throttle: 1000,
};

/** WCAG 2.2.1: enough time to answer. */
const LEAST_WARNING_MS = 20_000;

/**
 * What holds under a policy. Explicit options win, member by member; throws ERR_CONFIG where the whole makes no sense.
 *
 * @param {any} settings As they were read.
 * @param {any} policy The same of the policy.
 * @returns {Governed}
 */
export function govern({ idle, maxAge, token, renewal, refresh }, policy = NOTHING) {
  /** @type {any} */
  const named = typeof policy === "string" ? { __proto__: null, extends: policy } : policy;
  const base = named.extends ? PRESETS[named.extends] : NOTHING;
  /** @type {any} */
  let watched;
  for (const layer of [base.idle, named.idle, idle]) if (layer !== undefined) watched = layer && { ...watched, ...layer };
  if (watched) {
    watched = { __proto__: null, ...DEFAULTS, ...watched };
    const { timeout, warning, essential, throttle } = watched;
    const path = `config.${idle?.warning === undefined && named.idle?.warning !== undefined ? "policy." : ""}idle`;
    if (warning < LEAST_WARNING_MS && !essential) expected(`${path}.warning`, "at least 20s (WCAG 2.2.1), unless idle.essential is true", warning);
    if (warning >= timeout) expected(`${path}.warning`, "less than timeout", warning);
    if (throttle > timeout - warning) expected("config.idle.throttle", "at most the time before the warning", throttle);
  } else if (refresh.idleHeader) {
    watched = { ...DEFAULTS, timeout: Infinity, warning: 0 };
  }
  const lifetime = { __proto__: null, ...base.lifetime, ...named.lifetime, ...token?.lifetime };
  if (lifetime.min > lifetime.max) expected("config.token.lifetime.min", "at most max", lifetime.min);
  return /** @type {any} */ ({
    __proto__: null,
    idle: watched || undefined,
    maxAge: (maxAge ?? named.maxAge ?? base.maxAge) || undefined,
    lifetime,
    lead: renewal.lead ?? named.lead ?? base.lead,
  });
}

/**
 * The numbers of a policy, in the order in which `src/web/session/settings.rs` reads them.
 *
 * @param {Governed} governed
 */
export const policyNumbers = ({ idle, maxAge, lifetime, lead }) =>
  Float64Array.from([idle?.timeout, idle?.warning, idle?.confirm, maxAge, lifetime.min, lifetime.max, lead], Number);
