import { messenger } from "./exchange.js";
import { DEEDS, ERRORS, EVENTS, named, REFUSALS } from "./names.js";
import { platformFetch } from "./platform.js";

/** What is said in the console, beside of statuses. */
const REMARKS = [
  "the server asks for a Retry-After of more than an hour, which is not obeyed",
  "the lifetime of an access token is not what the policy says: see the event policy-violation",
];

/**
 * What the module asks of this side. Nothing of it throws.
 *
 * @param {import("./config.js").Settings} settings
 * @param {{ record: import("./record.js").RecordEntry, tabs: import("./tabs.js").Tabs, calls: import("./calls.js").Calls,
 *   audit: import("./audit.js").Audit }} parts
 * @param {object} session What only the session can do.
 * @param {(type: string, detail: unknown) => void} session.tell
 * @param {(numbers: Float64Array, claims: unknown) => void} session.show
 * @param {() => void} session.changed
 * @param {() => void} session.wake
 * @param {(use: (keeper: any) => void) => void} session.enter
 * @param {() => import("./policy.js").Governed} session.governed
 */
export function host(settings, { record, tabs, calls, audit }, { tell, enter, governed, ...session }) {
  const tokenRejected = (/** @type {string} */ reason) => audit.add("token-rejected", { reason });
  const told = [
    ...EVENTS.map(([type, details]) => (/** @type {number[]} */ ...numbers) => tell(type, named(details, numbers))),
    (/** @type {number} */ lifetimeMs) => {
      const { min = 0, max = Infinity } = governed().lifetime;
      const detail = `An access token lives for ${lifetimeMs / 1000} s, and not from ${min / 1000} s to ${max / 1000} s.`;
      tell("policy-violation", { rule: "token.lifetime", detail });
    },
    (/** @type {number} */ reason) => tokenRejected(REFUSALS[reason]),
  ];
  return {
    ...session,
    send: messenger(settings, (...answered) => enter((keeper) => keeper.answered(...answered))),
    parseObject: (/** @type {Uint8Array} */ bytes) => {
      try {
        const value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
        if (value && typeof value === "object" && !Array.isArray(value)) return value;
      } catch {}
    },
    verify: async (/** @type {number} */ check, /** @type {string} */ text) => {
      /** @type {[number, string?]} */
      let [verdict, reason] = [2];
      try {
        const { verify } = await import("./verify.js");
        [verdict, reason] = await verify(text, settings.token ?? {}, platformFetch());
      } catch (error) {
        reportError(error);
      }
      if (reason) tokenRejected(reason);
      enter((keeper) => keeper.verified(check, verdict));
    },

    readRecord: () => record.read(),
    writeRecord: (/** @type {Float64Array} */ numbers) => record.write(numbers),
    act: (/** @type {number} */ deed, /** @type {number} */ subject) => {
      tabs[DEEDS[deed]](subject);
    },
    post: (/** @type {Float64Array} */ numbers, /** @type {string | undefined} */ text) => tabs.post(numbers, text),
    stand: (/** @type {Float64Array} */ numbers) => tabs.stand(numbers),

    settle: (/** @type {number} */ ticket, /** @type {number} */ error) =>
      error >= 0 ? calls.reject(ticket, ERRORS[error]) : calls.resolve(ticket),
    settleToken: (/** @type {number} */ ticket, /** @type {string | undefined} */ text, /** @type {number} */ generation, /** @type {number} */ first) =>
      calls.resolve(ticket, { text, generation, first }),

    say: (/** @type {number} */ status) =>
      console.warn(`sessionkeeper: ${REMARKS[status] ?? `the refresh endpoint answered with the unexpected status ${status}`}`),
    tell: (/** @type {number} */ event, /** @type {number[]} */ ...numbers) => told[event](...numbers),
    stepUpRequired: (/** @type {string | undefined} */ field, /** @type {number} */ maxAge, /** @type {string} */ url) => {
      const acrValues = field?.match(/[^ ]+/g);
      tell("step-up-required", { ...(acrValues && { acrValues }), ...(maxAge >= 0 && { maxAge }), url });
    },
  };
}
