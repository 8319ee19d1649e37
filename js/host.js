import { readAnswer } from "./answer.js";
import { request, timeRequest } from "./endpoint.js";
import { fail, isSessionError } from "./errors.js";
import { platformFetch } from "./platform.js";

/** More than any server answers with; what is longer is no token answer. */
const LONGEST_ANSWER = 1 << 20;

/** What is said in the console, beside of statuses. */
const REMARKS = [
  "the server asks for a Retry-After of more than an hour, which is not obeyed",
  "the lifetime of an access token is not what the policy says: see the event policy-violation",
];

/**
 * The members of a token answer; throws ERR_BAD_ANSWER, and tells nothing of what the answer says.
 *
 * @param {unknown} body The text of an answer, or what it was parsed to.
 * @param {Response | undefined} response
 * @param {any} mapping
 */
export function answerOf(body, response, mapping) {
  try {
    if (typeof body === "string") {
      if (body.length > LONGEST_ANSWER) throw 0;
      body = body ? JSON.parse(body) : undefined;
    }
    return readAnswer(body, response, mapping);
  } catch (error) {
    throw isSessionError(error) ? error : fail("ERR_BAD_ANSWER");
  }
}

/**
 * Gives the request that is made, or nothing when a function of the application throws.
 *
 * @param {() => ReturnType<typeof request>} make
 */
function prepared(make) {
  try {
    const { url, init } = make();
    return new Request(url, init);
  } catch (error) {
    reportError(error);
  }
}

/**
 * What the module asks of this side. Nothing of it throws.
 *
 * @param {import("./config.js").Settings} settings
 * @param {{ record: import("./record.js").RecordEntry, tabs: import("./tabs.js").Tabs, calls: import("./calls.js").Calls,
 *   audit: import("./audit.js").Audit }} parts
 * @param {object} session What only the session can do.
 * @param {(type: string, detail: unknown) => void} session.tell
 * @param {(...drawn: any[]) => void} session.show
 * @param {() => void} session.changed
 * @param {() => void} session.wake
 * @param {(check: number, verdict: number) => void} session.verified
 * @param {() => import("./policy.js").Governed} session.governed
 */
export function host({ refresh, logout, clock, token }, { record, tabs, calls, audit }, { tell, verified, governed, ...session }) {
  const tokenRejected = (/** @type {string} */ reason) => audit.add("token-rejected", { reason });
  return {
    ...session,
    tokenRejected,
    renewalRequest: (/** @type {string} */ key, /** @type {number | undefined} */ idleMs) => {
      /** @type {Record<string, string>} */
      const fields = {};
      if (refresh.idempotencyHeader) fields[refresh.idempotencyHeader] = key;
      if (refresh.idleHeader && idleMs !== undefined) fields[refresh.idleHeader] = `${Math.floor(idleMs / 1000)}`;
      return prepared(() => request(refresh, fields));
    },
    logoutRequest: () => prepared(() => request(logout ?? refresh)),
    timeRequest: () => prepared(() => timeRequest(clock.timeUrl, refresh)),
    // Firefox forgets it of a request that says so itself, and aborts that with its page.
    send: async (/** @type {Request} */ request) => platformFetch()(request, { keepalive: request.keepalive }),
    readAnswer: async (/** @type {Response} */ response) => {
      const text = await response.text();
      try {
        return answerOf(text, response, refresh.response);
      } catch {}
    },
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
        [verdict, reason] = await verify(text, token ?? {}, platformFetch());
      } catch (error) {
        reportError(error);
      }
      if (reason) tokenRejected(reason);
      verified(check, verdict);
    },

    readRecord: () => record.read(),
    writeRecord: (/** @type {Float64Array} */ numbers) => record.write(numbers),
    join: (/** @type {number} */ tab) => tabs.join(tab),
    leave: () => tabs.leave(),
    post: (/** @type {Float64Array} */ numbers, /** @type {string | undefined} */ text) => tabs.post(numbers, text),
    stand: (/** @type {Float64Array} */ numbers) => tabs.stand(numbers),
    lookAround: () => tabs.lookAround(),
    watch: (/** @type {number} */ tab) => tabs.watch(tab),
    askTurn: (/** @type {number} */ id) => tabs.askTurn(id),
    stealTurn: (/** @type {number} */ id) => tabs.stealTurn(id),
    endTurn: (/** @type {number} */ id) => tabs.endTurn(id),

    settle: (/** @type {number} */ ticket, /** @type {any} */ code) => (code ? calls.reject(ticket, code) : calls.resolve(ticket)),
    settleToken: (/** @type {number} */ ticket, /** @type {string | undefined} */ text, /** @type {number} */ generation, /** @type {number} */ first) =>
      calls.resolve(ticket, { text, generation, first }),

    say: (/** @type {number} */ status) =>
      console.warn(`sessionkeeper: ${REMARKS[status] ?? `the refresh endpoint answered with the unexpected status ${status}`}`),
    started: (/** @type {boolean} */ restored) => tell("started", { restored }),
    renewed: (/** @type {string} */ by, /** @type {number} */ tokenExpiresAt, /** @type {number} */ attempts, /** @type {number} */ took) =>
      tell("renewed", { by, tokenExpiresAt, attempts, took }),
    renewalFailed: (/** @type {string} */ cause, /** @type {number} */ attempt, /** @type {number} */ retryAt) =>
      tell("renewal-failed", { cause, attempt, retryAt: retryAt ?? null }),
    degraded: (/** @type {number} */ since) => tell("degraded", { since }),
    recovered: (/** @type {number} */ after) => tell("recovered", { after }),
    idleWarning: (/** @type {number} */ endsAt, /** @type {number} */ remaining) => tell("idle-warning", { endsAt, remaining }),
    idleExtended: (/** @type {string} */ by) => tell("idle-extended", { by }),
    policyViolation: (/** @type {number} */ lifetimeMs) => {
      const { min = 0, max = Infinity } = governed().lifetime;
      const detail = `An access token lives for ${lifetimeMs / 1000} s, and not from ${min / 1000} s to ${max / 1000} s.`;
      tell("policy-violation", { rule: "token.lifetime", detail });
    },
    stepUpRequired: (/** @type {string | undefined} */ acrValues, /** @type {number | undefined} */ maxAge, /** @type {string} */ url) =>
      tell("step-up-required", { ...(acrValues && { acrValues: acrValues.split(" ") }), ...(maxAge !== undefined && { maxAge }), url }),
    sessionEnding: (/** @type {number} */ endsAt) => tell("session-ending", { endsAt }),
    clockSkew: (/** @type {number} */ skew, /** @type {number} */ uncertainty, /** @type {string} */ source) =>
      tell("clock-skew", { skew, uncertainty, source }),
    clockJump: (/** @type {number} */ by, /** @type {string} */ kind) => tell("clock-jump", { by, kind }),
    ended: (/** @type {string} */ reason, /** @type {string} */ by) => tell("ended", { reason, by }),
  };
}
