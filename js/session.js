import { readAnswer } from "./answer.js";
import { choices } from "./choices.js";
import { governed } from "./config.js";
import { milliseconds } from "./duration.js";
import { request, timeRequest } from "./endpoint.js";
import { fail, isSessionError } from "./errors.js";
import { policyNumbers } from "./policy.js";
import { RecordEntry } from "./record.js";
import { Tabs } from "./tabs.js";

/** More than any server answers with; what is longer is no token answer. */
const LONGEST_ANSWER = 1 << 20;

/** An unload that has not happened by then was cancelled. */
const UNLOADED_MS = 3000;

/** What is lost without a facility of the browser. */
const LOSSES = {
  locks: "Each tab renews for itself, so that two of them may do so at once.",
  "broadcast-channel": "Each tab has a token of its own, and hears of a sign-out only when it renews.",
  storage: "A reload forgets that the session has ended, when it was used, and a renewal that was on its way.",
};

/** What is said in the console, beside of statuses. */
const REMARKS = [
  "the server asks for a Retry-After of more than an hour, which is not obeyed",
  "the lifetime of an access token is not what the policy says: see the event policy-violation",
];

/** @type {import("./index.js").Snapshot} */
const NO_SESSION = Object.freeze({
  state: "signed-out",
  reason: null,
  claims: null,
  tokenExpiresAt: null,
  renewsAt: null,
  renewing: false,
  failures: 0,
  idleWarning: false,
  idleEndsAt: null,
  endsAt: null,
  clock: Object.freeze({ skew: 0, uncertainty: Infinity, source: "none" }),
  online: true,
  tabs: 1,
});

/** @param {any} value */
const freeze = (value) => {
  if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(freeze);
  return value;
};

/**
 * The members of a token answer; throws ERR_BAD_ANSWER, and tells nothing of what the answer says.
 *
 * @param {unknown} body The text of an answer, or what it was parsed to.
 * @param {Response | undefined} response
 * @param {any} mapping
 */
function answerOf(body, response, mapping) {
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

export class Session extends EventTarget {
  #settings;
  #snapshot = NO_SESSION;
  /** The session's machine; none on a server, and none after the end of this object. @type {any} */
  #keeper;
  /** Why there is no machine. @type {import("./index.js").SessionErrorCode} */
  #absence = "ERR_SIGNED_OUT";
  /** Calls that wait, by ticket. @type {Map<number, { resolve: (value?: any) => void, reject: (error: unknown) => void }>} */
  #calls = new Map();
  #tickets = 0;
  /** @type {MessageChannel | undefined} */
  #channel;
  /** @type {any} */
  #record;
  /** @type {Tabs} */
  #tabs;
  /** The facilities that the application was told of. @type {Set<string>} */
  #lost = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #unloading;
  /** What holds for whoever is signed in. @type {import("./policy.js").Governed} */
  #governed;
  /** The claims that this follows from. @type {unknown} */
  #judged;
  /** What is listened to, and what ends that. @type {import("./policy.js").Idle | undefined} */
  #watched;
  #watching = new AbortController();
  /** Until the throttle has passed. @type {ReturnType<typeof setTimeout> | undefined} */
  #deaf;

  /**
   * @param {import("./config.js").Settings} settings
   * @param {new (choices: Float64Array, rejectedStatuses: any, keyHeader: string | undefined, host: object) => any} [Keeper]
   */
  constructor(settings, Keeper) {
    super();
    this.#settings = settings;
    this.#governed = settings.governed;
    if (!Keeper) return;
    const { name, retry, tabs } = settings;
    this.#record = new RecordEntry(name, () => this.#lose("storage"));
    /** @type {(use: (keeper: any) => void) => void} */
    const enter = (use) => this.#enter(use);
    this.#tabs = new Tabs(name, {
      peer: (numbers, token) => enter((keeper) => keeper.peer(numbers, token)),
      around: (standings, present) => enter((keeper) => keeper.around(standings, present)),
      turnNear: (id) => enter((keeper) => keeper.turnNear(id)),
      turnCame: (id) => enter((keeper) => keeper.turnCame(id)),
      turnLost: (id) => enter((keeper) => keeper.turnLost(id)),
      joined: () => {
        this.#check();
        enter((keeper) => keeper.joined());
      },
      gone: (tab) => enter((keeper) => keeper.gone(tab)),
    });
    const facilities = tabs ? [this.#tabs.hasLocks, this.#tabs.hasChannel, tabs.shareToken !== false] : [];
    this.#keeper = new Keeper(choices(settings, facilities), retry.rejectedStatuses, this.#host());
    this.#keeper.govern(policyNumbers(this.#governed));
    this.#look();
    this.#listen("addEventListener");
  }

  get state() {
    return this.#snapshot.state;
  }

  snapshot() {
    return this.#snapshot;
  }

  /** @param {{ fresh?: boolean }} [options] */
  async restore({ fresh = false } = {}) {
    this.#check();
    if (this.#absence !== "ERR_SIGNED_OUT" || this.#keeper) await this.#call((keeper, ticket) => keeper.restore(ticket, fresh));
    return this.state;
  }

  /** @param {any} answer */
  async begin(answer) {
    const mapping = this.#settings.refresh.response;
    const isResponse = !!answer && typeof answer === "object" && "bodyUsed" in answer;
    if (isResponse && !answer.ok) throw fail("ERR_BAD_ANSWER", `its status is ${answer.status}`);
    const body = isResponse
      ? await answer.text().catch((/** @type {unknown} */ cause) => {
          throw fail("ERR_BAD_ANSWER", "its body cannot be read", cause);
        })
      : answer;
    const members = answerOf(body, isResponse ? answer : undefined, mapping);
    this.#check();
    return this.#call((keeper, ticket) => keeper.begin(ticket, members));
  }

  /** @param {{ logout?: boolean }} [options] */
  async signOut({ logout = true } = {}) {
    if (this.#keeper) await this.#call((keeper, ticket) => keeper.signOut(ticket, logout));
  }

  renew() {
    return this.#call((keeper, ticket) => keeper.renew(ticket));
  }

  /** @param {{ minValidity?: import("./index.js").Duration, signal?: AbortSignal }} [options] */
  async accessToken({ minValidity, signal } = {}) {
    const validity = minValidity === undefined ? minValidity : milliseconds(minValidity);
    if (Number.isNaN(validity)) throw fail("ERR_CONFIG", "minValidity is no duration", undefined, 'Give milliseconds, or a text such as "30s".');
    signal?.throwIfAborted();
    return this.#call((keeper, ticket) => keeper.needToken(ticket, validity), signal);
  }

  extend() {
    this.#enter((keeper) => keeper.touch(true));
  }

  touch() {
    this.#enter((keeper) => keeper.touch(false));
  }

  /** @returns {number | null} */
  idleDeadline() {
    let deadline;
    this.#enter((keeper) => (deadline = keeper.idleDeadline()));
    return deadline ?? null;
  }

  /** @param {(snapshot: import("./index.js").Snapshot) => void} listener */
  subscribe(listener) {
    return this.on("change", ({ detail }) => listener(detail));
  }

  /**
   * @param {string} type
   * @param {(event: any) => void} listener
   */
  on(type, listener) {
    // A function of its own, so that one listener given twice is called twice and removed once.
    const heard = (/** @type {Event} */ event) => listener(event);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  dispose() {
    this.#leave("ERR_DISPOSED", (keeper) => keeper.dispose());
  }

  /**
   * A promise that the machine settles.
   *
   * @param {(keeper: any, ticket: number) => void} use
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  #call(use, signal) {
    if (!this.#keeper) return Promise.reject(fail(this.#absence));
    const ticket = this.#tickets++;
    const promise = new Promise((resolve, reject) => {
      this.#calls.set(ticket, { resolve, reject });
    });
    const abort = () => {
      this.#calls.get(ticket)?.reject(signal?.reason);
      this.#calls.delete(ticket);
      this.#enter((keeper) => keeper.forget(ticket));
    };
    signal?.addEventListener("abort", abort);
    this.#enter((keeper) => use(keeper, ticket));
    return signal ? promise.finally(() => signal.removeEventListener("abort", abort)) : promise;
  }

  /** Uses the machine; if it breaks, that is the end of this object. @param {(keeper: any) => void} use */
  #enter(use) {
    try {
      if (this.#keeper) use(this.#keeper);
    } catch (cause) {
      this.#leave("ERR_INTERNAL", () => {}, cause);
    }
  }

  /**
   * Gives the machine up: nothing is heard of it from now on.
   *
   * @param {import("./index.js").SessionErrorCode} absence
   * @param {(keeper: any) => void} farewell
   * @param {unknown} [cause]
   */
  #leave(absence, farewell, cause) {
    const keeper = this.#keeper;
    if (!keeper) return;
    this.#absence = absence;
    this.#keeper = undefined;
    this.#listen("removeEventListener");
    this.#watch();
    this.#channel?.port1.close();
    farewell(keeper);
    this.#tabs.leave();
    this.#snapshot = NO_SESSION;
    for (const call of this.#calls.values()) call.reject(fail(absence, undefined, cause));
    this.#calls.clear();
    // Not while it is in the middle of something: this may have been called by a listener. One that
    // broke stays as it is.
    if (!cause) queueMicrotask(() => keeper.free());
    else this.dispatchEvent(new CustomEvent("change", { detail: NO_SESSION }));
  }

  /** Timers lie: whatever happens to the page is an occasion to look at the clocks. */
  #look = () =>
    this.#enter((keeper) => {
      keeper.connectivity(navigator.onLine);
      keeper.visibility(!document.hidden);
    });

  /** Before the page goes: in Firefox it is too late for the back/forward cache when it does. */
  #unload = () => {
    this.#enter((keeper) => keeper.leaving(false));
    this.#unloading = setTimeout(() => this.#return({ persisted: false }), UNLOADED_MS);
  };

  /** @param {{ persisted: boolean }} event */
  #hide = ({ persisted }) => {
    clearTimeout(this.#unloading);
    this.#enter((keeper) => keeper.leaving(persisted));
  };

  /** Nothing that was read before the page went is good any longer. @param {{ persisted: boolean }} event */
  #return = ({ persisted }) => {
    this.#enter((keeper) => keeper.returned(persisted));
    this.#look();
  };

  /** Has the policy follow the claims, and listens to the user as long as there is a session. */
  #follow() {
    const { state, claims } = this.#snapshot;
    if (claims && claims !== this.#judged) {
      this.#judged = claims;
      try {
        if (typeof this.#settings.policy === "function") this.#governed = governed(this.#settings, claims);
      } catch (error) {
        reportError(error);
      }
      this.#enter((keeper) => keeper.govern(policyNumbers(this.#governed)));
    }
    this.#watch(state === "signed-out" ? undefined : this.#governed.idle);
  }

  /** Listens to what the user does; to nothing any longer where nothing is given. @param {import("./policy.js").Idle} [idle] */
  #watch(idle) {
    if (idle === this.#watched) return;
    this.#watched = idle;
    this.#watching.abort();
    clearTimeout(this.#deaf);
    if (!idle) return;
    const { signal } = (this.#watching = new AbortController());
    const { throttle, events } = idle;
    let isDeaf = false;
    // Called for every move of the pointer, where even the look at an event's time would cost ten times as much.
    const heard = () => {
      if (isDeaf) return;
      isDeaf = true;
      this.#deaf = setTimeout(() => (isDeaf = false), throttle);
      this.touch();
    };
    for (const type of events) addEventListener(type, heard, { capture: true, passive: true, signal });
  }

  /** Tells once what the browser lacks. */
  #check() {
    if (!this.#keeper || !this.#settings.tabs) return;
    if (!this.#tabs.hasLocks) this.#lose("locks");
    if (!this.#tabs.hasChannel) this.#lose("broadcast-channel");
  }

  /** @param {keyof typeof LOSSES} missing */
  #lose(missing) {
    if (this.#lost.has(missing)) return;
    this.#lost.add(missing);
    // Not in the middle of what the machine does.
    queueMicrotask(() => this.#tell("facility-missing", { missing, effect: LOSSES[missing] }));
  }

  /** @param {"addEventListener" | "removeEventListener"} change */
  #listen(change) {
    if (change === "removeEventListener") clearTimeout(this.#unloading);
    for (const type of ["online", "offline", "focus"]) globalThis[change](type, this.#look);
    globalThis[change]("beforeunload", this.#unload);
    globalThis[change]("pagehide", this.#hide);
    globalThis[change]("pageshow", /** @type {any} */ (this.#return));
    for (const type of ["visibilitychange", "freeze", "resume"]) document[change](type, this.#look);
  }

  /** A task of its own, which no browser holds back in a hidden page. */
  #wake() {
    if (!this.#channel) {
      this.#channel = new MessageChannel();
      this.#channel.port1.onmessage = () => this.#enter((keeper) => keeper.tick());
    }
    this.#channel.port2.postMessage(0);
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail) {
    if (this.#keeper) this.dispatchEvent(new CustomEvent(type, { detail: freeze(detail) }));
  }

  /** @param {number} ticket @param {(call: any) => void} how */
  #settle(ticket, how) {
    const call = this.#calls.get(ticket);
    this.#calls.delete(ticket);
    if (call) how(call);
  }

  /** What the machine asks of this side. Nothing of it throws. */
  #host() {
    const { refresh, logout, clock, token } = this.#settings;
    return {
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
      send: async (/** @type {Request} */ request) => fetch(request, { keepalive: request.keepalive }),
      readRecord: () => this.#record.read(),
      writeRecord: (/** @type {Float64Array} */ numbers) => this.#record.write(numbers),
      say: (/** @type {number} */ status) =>
        console.warn(
          `sessionkeeper: ${REMARKS[status] ?? `the refresh endpoint answered with the unexpected status ${status}`}`,
        ),
      join: (/** @type {number} */ tab) => this.#tabs.join(tab),
      leave: () => this.#tabs.leave(),
      post: (/** @type {Float64Array} */ numbers, /** @type {string | undefined} */ token) => this.#tabs.post(numbers, token),
      stand: (/** @type {Float64Array} */ numbers) => this.#tabs.stand(numbers),
      lookAround: () => this.#tabs.lookAround(),
      watch: (/** @type {number} */ tab) => this.#tabs.watch(tab),
      askTurn: (/** @type {number} */ id) => this.#tabs.askTurn(id),
      stealTurn: (/** @type {number} */ id) => this.#tabs.stealTurn(id),
      endTurn: (/** @type {number} */ id) => this.#tabs.endTurn(id),
      wake: () => this.#wake(),
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
        let passed;
        try {
          const { verify } = await import("./verify.js");
          passed = !(await verify(text, token ?? {}));
        } catch (error) {
          reportError(error);
        }
        this.#enter((keeper) => keeper.verified(check, passed));
      },
      settle: (/** @type {number} */ ticket, /** @type {any} */ code) =>
        this.#settle(ticket, ({ resolve, reject }) => (code ? reject(fail(code)) : resolve())),
      settleToken: (/** @type {number} */ ticket, /** @type {string} */ text) =>
        this.#settle(ticket, ({ resolve }) => resolve(text)),
      show: (
        /** @type {any} */ state,
        /** @type {any} */ reason = null,
        /** @type {any} */ claims,
        /** @type {number | null} */ tokenExpiresAt = null,
        /** @type {number | null} */ renewsAt = null,
        /** @type {boolean} */ renewing,
        /** @type {number} */ failures,
        /** @type {number | null} */ idleEndsAt = null,
        /** @type {number | null} */ endsAt = null,
        /** @type {number} */ skew,
        /** @type {number} */ uncertainty,
        /** @type {any} */ source,
        /** @type {boolean} */ online,
        /** @type {number} */ tabs,
      ) => {
        let { clock } = this.#snapshot;
        if (clock.skew !== skew || clock.uncertainty !== uncertainty || clock.source !== source) {
          clock = { skew, uncertainty, source };
        }
        const idleWarning = idleEndsAt !== null;
        const shown = { state, reason, claims, tokenExpiresAt, renewsAt, renewing, failures, idleWarning, idleEndsAt, endsAt, clock, online, tabs };
        this.#snapshot = freeze({ ...NO_SESSION, ...shown });
      },
      changed: () => {
        this.#follow();
        this.#tell("change", this.#snapshot);
      },
      started: (/** @type {boolean} */ restored) => this.#tell("started", { restored }),
      renewed: (/** @type {string} */ by, /** @type {number} */ tokenExpiresAt, /** @type {number} */ attempts, /** @type {number} */ took) =>
        this.#tell("renewed", { by, tokenExpiresAt, attempts, took }),
      renewalFailed: (/** @type {string} */ cause, /** @type {number} */ attempt, /** @type {number | undefined} */ retryAt) =>
        this.#tell("renewal-failed", { cause, attempt, retryAt: retryAt ?? null }),
      degraded: (/** @type {number} */ since) => this.#tell("degraded", { since }),
      recovered: (/** @type {number} */ after) => this.#tell("recovered", { after }),
      idleWarning: (/** @type {number} */ endsAt, /** @type {number} */ remaining) => this.#tell("idle-warning", { endsAt, remaining }),
      idleExtended: (/** @type {string} */ by) => this.#tell("idle-extended", { by }),
      policyViolation: (/** @type {number} */ lifetimeMs) => {
        const { min = 0, max = Infinity } = this.#governed.lifetime;
        const detail = `An access token lives for ${lifetimeMs / 1000} s, and not from ${min / 1000} s to ${max / 1000} s.`;
        this.#tell("policy-violation", { rule: "token.lifetime", detail });
      },
      sessionEnding: (/** @type {number} */ endsAt) => this.#tell("session-ending", { endsAt }),
      clockSkew: (/** @type {number} */ skew, /** @type {number} */ uncertainty, /** @type {string} */ source) =>
        this.#tell("clock-skew", { skew, uncertainty, source }),
      clockJump: (/** @type {number} */ by, /** @type {string} */ kind) => this.#tell("clock-jump", { by, kind }),
      ended: (/** @type {string} */ reason, /** @type {string} */ by) => this.#tell("ended", { reason, by }),
    };
  }
}

if (Symbol.dispose) {
  Object.defineProperty(Session.prototype, Symbol.dispose, { value: Session.prototype.dispose });
}
