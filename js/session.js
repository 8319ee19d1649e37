import { activityListener } from "./activity.js";
import { answerOf } from "./answer.js";
import { Audit } from "./audit.js";
import { Calls } from "./calls.js";
import { choices } from "./choices.js";
import { governed, readStepUp } from "./config.js";
import { milliseconds } from "./duration.js";
import { fail } from "./errors.js";
import { host } from "./host.js";
import { followPage } from "./page.js";
import { policyNumbers } from "./policy.js";
import { RecordEntry } from "./record.js";
import { requester } from "./requests.js";
import { freeze, NO_SESSION, picture } from "./snapshot.js";
import { Tabs } from "./tabs.js";

/** What is lost without a facility of the browser. */
const LOSSES = {
  locks: "Each tab renews for itself, so that two of them may do so at once.",
  "broadcast-channel": "Each tab has a token of its own, and hears of a sign-out only when it renews.",
  storage: "A reload forgets that the session has ended, when it was used, and a renewal that was on its way.",
};

/** Refuses at once what would fail with each event. @param {unknown} listener */
const checkListener = (listener) => {
  if (typeof listener !== "function") throw new TypeError("The listener is not a function.");
};

export class Session extends EventTarget {
  #settings;
  #snapshot = NO_SESSION;
  /** The session's machine; none on a server, and none after the end of this object. @type {any} */
  #keeper;
  /** Why there is no machine. @type {import("./index.js").SessionErrorCode} */
  #absence = "ERR_SIGNED_OUT";
  #calls = new Calls();
  /** @type {Audit} */
  #audit;
  /** @type {MessageChannel | undefined} */
  #channel;
  /** @type {Tabs} */
  #tabs;
  /** The facilities that the application was told of. @type {Set<string>} */
  #lost = new Set();
  /** What holds for whoever is signed in. @type {import("./policy.js").Governed} */
  #governed;
  /** The claims that this follows from. @type {unknown} */
  #judged;
  #watch = activityListener(() => {
    this.#audit.count("activities");
    this.touch();
  });
  /** Ends the listening to the page and to the server. */
  #over = new AbortController();
  /** Until what listens to the server is loaded, and ever after. @type {Promise<void> | undefined} */
  #listening;

  /**
   * @param {import("./config.js").Settings} settings
   * @param {new (choices: Float64Array, rejectedStatuses: any, host: object) => any} [Keeper]
   */
  constructor(settings, Keeper) {
    super();
    this.#settings = settings;
    this.#governed = settings.governed;
    this.#audit = new Audit(settings.audit);
    /** @type {typeof globalThis.fetch} */
    this.fetch = requester(settings.requests, {
      obtain: (signal) => this.#obtain(undefined, signal, true),
      challenged: (generation, field, url, signal) =>
        this.#call((keeper, ticket) => keeper.challenged(ticket, generation, field, url), signal),
      count: (what, url) => this.#audit.request(what, url),
    });
    if (!Keeper) return;
    const { name, retry, tabs } = settings;
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
    const side = host(
      settings,
      { record: new RecordEntry(name, () => this.#lose("storage")), tabs: this.#tabs, calls: this.#calls, audit: this.#audit },
      {
        tell: (type, detail) => this.#tell(type, detail),
        show: (numbers, claims) => (this.#snapshot = picture(this.#snapshot, numbers, claims)),
        changed: () => {
          this.#follow();
          this.#tell("change", this.#snapshot);
        },
        wake: () => {
          this.#audit.count("wakeups");
          this.#wake();
        },
        enter,
        governed: () => this.#governed,
      },
    );
    this.#keeper = new Keeper(choices(settings, facilities), retry.rejectedStatuses, side);
    this.#keeper.govern(policyNumbers(this.#governed));
    // Timers lie: whatever happens to the page is an occasion to look at the clocks.
    const look = () =>
      enter((keeper) => {
        keeper.connectivity(navigator.onLine);
        keeper.visibility(!document.hidden);
      });
    look();
    followPage(
      {
        look,
        leaving: (cached) => enter((keeper) => keeper.leaving(cached)),
        returned: (persisted) => {
          enter((keeper) => keeper.returned(persisted));
          look();
        },
      },
      this.#over.signal,
    );
  }

  get state() {
    return this.#snapshot.state;
  }

  snapshot() {
    return this.#snapshot;
  }

  /** @param {{ fresh?: boolean }} [options] */
  async restore(options) {
    this.#check();
    if (this.#absence !== "ERR_SIGNED_OUT" || this.#keeper) await this.#call((keeper, ticket) => keeper.restore(ticket, options?.fresh));
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
  async signOut(options) {
    if (this.#keeper) await this.#call((keeper, ticket) => keeper.signOut(ticket, options?.logout ?? true));
  }

  renew() {
    return this.#call((keeper, ticket) => keeper.renew(ticket));
  }

  /** @param {{ minValidity?: import("./index.js").Duration, signal?: AbortSignal }} [options] */
  async accessToken(options) {
    const { minValidity, signal } = options ?? {};
    const validity = minValidity === undefined ? minValidity : milliseconds(minValidity);
    if (Number.isNaN(validity)) throw fail("ERR_CONFIG", "minValidity is no duration", undefined, 'Give milliseconds, or a text such as "30s".');
    const { text } = await this.#obtain(validity, signal);
    if (text === undefined) throw fail("ERR_UNAVAILABLE", "the token is a cookie", undefined, "Use fetch().");
    return text;
  }

  extend() {
    this.#enter((keeper) => keeper.touch(true));
  }

  touch() {
    this.#enter((keeper) => keeper.touch(false));
  }

  /** @param {import("./index.js").StepUp} requirement */
  satisfies(requirement) {
    const { acrValues, amr, maxAge } = readStepUp(requirement);
    const { state, claims } = this.#snapshot;
    const methods = claims?.amr;
    let isRecent = maxAge === undefined;
    if (!isRecent) this.#enter((keeper) => (isRecent = keeper.isRecent(maxAge)));
    return (
      (state === "active" || state === "degraded") &&
      (!acrValues?.length || acrValues.includes(claims?.acr ?? "")) &&
      (!amr?.length || (Array.isArray(methods) && amr.every((method) => methods.includes(method)))) &&
      isRecent
    );
  }

  /** @param {import("./index.js").StepUp} requirement */
  requireStepUp(requirement) {
    this.#tell("step-up-required", { ...readStepUp(requirement), url: null });
  }

  metrics() {
    return this.#audit.metrics();
  }

  history() {
    return this.#audit.history();
  }

  /** @returns {readonly string[]} */
  recording() {
    return freeze([]);
  }

  /** @returns {number | null} */
  idleDeadline() {
    let deadline = NaN;
    this.#enter((keeper) => (deadline = keeper.idleDeadline()));
    return Number.isNaN(deadline) ? null : deadline;
  }

  /** @param {(snapshot: import("./index.js").Snapshot) => void} listener */
  subscribe(listener) {
    checkListener(listener);
    return this.on("change", ({ detail }) => listener(detail));
  }

  /**
   * @param {string} type
   * @param {(event: any) => void} listener
   */
  on(type, listener) {
    checkListener(listener);
    // A function of its own, so that one listener given twice is called twice and removed once.
    const heard = (/** @type {Event} */ event) => listener(event);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  dispose() {
    this.#leave("ERR_DISPOSED", (keeper) => keeper.dispose());
  }

  /**
   * A usable token and its generation, or only that where it is a cookie.
   *
   * @param {number} [minValidity]
   * @param {AbortSignal} [signal]
   * @param {boolean} [isRequest]
   * @returns {Promise<import("./requests.js").Held>}
   */
  async #obtain(minValidity, signal, isRequest) {
    signal?.throwIfAborted();
    const waiting = this.#calls.size;
    const held = this.#call((keeper, ticket) => keeper.needToken(ticket, minValidity), signal);
    if (isRequest && this.#calls.size > waiting) this.#audit.request("waited", "");
    return held;
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
    return this.#calls.open(
      (ticket) => this.#enter((keeper) => use(keeper, ticket)),
      (ticket) => this.#enter((keeper) => keeper.forget(ticket)),
      signal,
    );
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
    this.#over.abort();
    this.#watch();
    this.#channel?.port1.close();
    farewell(keeper);
    this.#tabs.leave();
    this.#snapshot = NO_SESSION;
    this.#calls.rejectAll(absence, cause);
    this.#audit.end();
    // Not while it is in the middle of something: this may have been called by a listener. One that
    // broke stays as it is.
    if (!cause) queueMicrotask(() => keeper.free());
    else this.dispatchEvent(new CustomEvent("change", { detail: NO_SESSION }));
  }

  /** Has the policy follow the claims, and listens to the user and the server as long as there is a session. */
  #follow() {
    const { state, claims, tokenExpiresAt } = this.#snapshot;
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
    const { name, revocation, tabs } = this.#settings;
    if (!revocation || tokenExpiresAt === null) return;
    this.#listening ??= import("./revocation.js").then(
      ({ listen }) => {
        const revoked = (/** @type {string | undefined} */ sid) => this.#enter((keeper) => keeper.revoked(sid));
        const { hasLocks, hasChannel } = this.#tabs;
        const lock = !!tabs && hasLocks && hasChannel && `sessionkeeper:${name}/listening`;
        listen(this, revocation, lock, { revoked, lose: (missing, effect) => this.#lose(missing, effect) }, this.#over.signal);
      },
      () => (this.#listening = undefined), // The next change tries again.
    );
  }

  /** Tells once what the browser lacks. */
  #check() {
    if (!this.#keeper || !this.#settings.tabs) return;
    if (!this.#tabs.hasLocks) this.#lose("locks");
    if (!this.#tabs.hasChannel) this.#lose("broadcast-channel");
  }

  /** @param {string} missing @param {string} [effect] */
  #lose(missing, effect = LOSSES[/** @type {keyof typeof LOSSES} */ (missing)]) {
    if (this.#lost.has(missing)) return;
    this.#lost.add(missing);
    // Not in the middle of what the machine does.
    queueMicrotask(() => this.#tell("facility-missing", { missing, effect }));
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
    if (!this.#keeper) return;
    if (type !== "change") this.#audit.add(type, detail);
    this.dispatchEvent(new CustomEvent(type, { detail: freeze(detail) }));
  }
}

if (Symbol.dispose) {
  Object.defineProperty(Session.prototype, Symbol.dispose, { value: Session.prototype.dispose });
}
