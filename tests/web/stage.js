/** The browser's own, which a stage stands in for. */
const { fetch, setTimeout, clearTimeout } = globalThis;

/** The stage that is up; at most one is. @type {Stage | undefined} */
let current;

addEventListener("error", (event) => current?.uncaught.push(event.message));
addEventListener("unhandledrejection", (event) => current?.uncaught.push(String(event.reason)));

/** A turn of the event loop: whatever was ready before has run. */
export const turn = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Makes so much garbage that it is collected, and gives the browser the time to tell of it. */
export async function collectGarbage() {
  for (let round = 0; round < 20; round++) {
    new Uint8Array(50_000_000).fill(round);
    await turn();
  }
}

/** The members of a snapshot, and the lists that name some of them, in the order in which the host is told them. */
const MEMBERS = [
  "state", "reason", "tokenExpiresAt", "renewsAt", "renewing", "failures", "idleEndsAt", "endsAt",
  "skew", "uncertainty", "source", "online", "tabs",
];
const STATES = ["signed-out", "starting", "active", "degraded"];
const REASONS = ["signed-out", "expired", "rejected", "invalid-token", "unreachable", "idle-timeout", "max-age", "revoked"];
const PARTIES = ["this-tab", "other-tab", "server"];
const FAILURES = ["network", "timeout", "offline", "rate-limited", "server-error", "rejected", "malformed-answer", "invalid-token"];
const SOURCES = ["date", "iat", "none"];
const JUMPS = ["sleep", "set-forward", "set-back", "unknown"];
const ERRORS = ["ERR_SIGNED_OUT", "ERR_UNAVAILABLE", "ERR_BAD_ANSWER", "ERR_TOKEN_INVALID", "ERR_WASM_LOAD", "ERR_DISPOSED"];
const REFUSALS = [
  "too-large", "malformed", "algorithm", "expiry", "issued-at", "not-before", "not-yet-valid", "expired", "opaque", "refused",
];
const [RENEWAL, LOGOUT] = [0, 1];

/** What is absent is not a number. */
const maybe = (number) => (Number.isNaN(number) ? null : number);

/** Both clocks. */
const clocks = () => [Date.now(), performance.now()];

/**
 * Everything around one session: the JavaScript side, which writes down what it is told; a `fetch` that
 * answers as it is told; and the browser's timers, counted.
 */
export class Stage {
  /** What the session did and was told, in order. @type {string[]} */
  log = [];
  /** What was thrown where nobody caught it. @type {string[]} */
  uncaught = [];
  /** The arguments of the last call of each kind. @type {Record<string, unknown[]>} */
  last = {};
  /** @type {Record<string, unknown>} */
  picture = {};
  requests = [];
  /** How to answer the next requests, in order; what is left over waits for `deliver`. */
  replies = [];
  /** How to answer every other request. */
  always = undefined;
  /** Whether the application's functions give a request. */
  prepares = true;
  /** What the browser remembers: numbers, as the core writes them. */
  record = [];
  timers = new Set();
  /** The most timers that were set at a time when the session had come to rest. */
  mostTimers = 0;
  answersRead = 0;
  keeper = undefined;
  #hooks = new Map();
  #tasks = new MessageChannel();
  #settled = new Map();

  constructor() {
    // A test that failed has left its session behind.
    current?.keeper?.dispose();
    current = this;
    this.#tasks.port1.onmessage = () => this.keeper.tick();
    globalThis.fetch = (request) => this.#fetch(request);
    globalThis.setTimeout = (callback, delay, ...rest) => {
      const fire = () => {
        this.timers.delete(id);
        callback(...rest);
      };
      const id = setTimeout(fire, delay);
      this.timers.add(id);
      return id;
    };
    globalThis.clearTimeout = (id) => {
      this.timers.delete(id);
      clearTimeout(id);
    };
  }

  /** Puts everything back. */
  strike() {
    Object.assign(globalThis, { fetch, setTimeout, clearTimeout });
    this.#tasks.port1.close();
    current = undefined;
  }

  /** The next time that the host is told this, it calls the session back, from within. */
  callBack(told, method, ...args) {
    this.#hooks.set(told, () => {
      this.log.push(`> ${method}`);
      this.keeper[method](...args);
      this.log.push(`< ${method}`);
    });
  }

  /** Answers a request that waits. */
  deliver(place, reply) {
    const { resolve, reject } = this.requests[place];
    try {
      resolve(reply());
    } catch (error) {
      reject(error);
    }
  }

  /** All that can be seen from outside, as JSON. */
  seen() {
    const { log, uncaught, last, picture, requests, record, timers, mostTimers, answersRead } = this;
    // What JSON would leave out.
    const plain = (_, value) => (value === undefined ? null : value === Infinity ? "Infinity" : value);
    return JSON.stringify({ log, uncaught, last, picture, requests, record, timers: timers.size, mostTimers, answersRead }, plain);
  }

  /** Resolves once a call is settled. */
  settled(ticket) {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`call ${ticket} is not settled; ${this.log.join(", ")}`));
      const bound = setTimeout(late, 10_000);
      this.#settled.set(ticket, () => {
        clearTimeout(bound);
        resolve();
      });
    });
  }

  #fetch(request) {
    const { resolve, reject, promise } = Promise.withResolvers();
    const { pathname: url } = new URL(request.url);
    this.requests.push({ url, method: request.method, headers: Object.fromEntries(request.headers), resolve, reject });
    this.log.push(`fetch ${url}`);
    const reply = this.replies.shift() ?? this.always;
    return reply ? reply() : promise;
  }

  /** What the application wants sent, where its functions give a request. */
  #request(errand, key) {
    if (errand !== RENEWAL && errand !== LOGOUT) return new Request("/time", { method: "HEAD" });
    const headers = errand === RENEWAL ? { "x-key": Array.from(key, (word) => word.toString(16).padStart(8, "0")).join("") } : {};
    return this.prepares ? new Request(errand === RENEWAL ? "/refresh" : "/logout", { method: "POST", headers }) : undefined;
  }

  async #send(errand, id, key) {
    const sent = clocks();
    let received = sent;
    let response, answer;
    try {
      const request = this.#request(errand, key);
      if (request) response = await globalThis.fetch(request);
      received = clocks();
      if (response?.ok && errand === RENEWAL) answer = await this.#read(response);
    } catch {
      response = undefined;
    }
    this.keeper.answered(errand, id, Float64Array.of(...sent, ...received), response, answer);
  }

  async #read(response) {
    const text = await response.text();
    this.answersRead++;
    try {
      return JSON.parse(text);
    } catch {}
  }

  #tell(told, words, args = words) {
    this.log.push([told, ...words].join(" "));
    this.last[told] = args;
    const hook = this.#hooks.get(told);
    this.#hooks.delete(told);
    hook?.();
  }

  #settle(told, ticket, words) {
    this.#tell(told, words);
    this.#settled.get(ticket)?.();
    this.#settled.delete(ticket);
  }

  host() {
    const events = [
      (restored) => this.#tell("started", [!!restored]),
      (by, ...rest) => this.#tell("renewed", [PARTIES[by], rest[1]], [PARTIES[by], ...rest]),
      (cause, ...rest) => this.#tell("failed", [FAILURES[cause], rest[0]], [FAILURES[cause], ...rest]),
      (...args) => this.#tell("degraded", [], args),
      (...args) => this.#tell("recovered", [], args),
      (...args) => this.#tell("idle-warning", [], args),
      (by) => this.#tell("idle-extended", [PARTIES[by]]),
      (...args) => this.#tell("ending", [], args),
      (reason, by) => this.#tell("ended", [REASONS[reason], PARTIES[by]]),
      (skew, uncertainty, source) => this.#tell("skew", [], [skew, uncertainty, SOURCES[source]]),
      (by, kind) => this.#tell("jump", [JUMPS[kind]], [by, JUMPS[kind]]),
      (lifetime) => this.#tell("policy-violation", [lifetime]),
      (reason) => this.#tell("token-rejected", [REFUSALS[reason]]),
    ];
    return {
      send: (...args) => this.#send(...args),
      readRecord: () => Float64Array.from(this.record),
      writeRecord: (numbers) => {
        this.record = [...numbers];
      },
      say: (status) => this.#tell("say", [status]),
      wake: () => this.#tasks.port2.postMessage(0),
      parseObject: (bytes) => {
        try {
          return JSON.parse(new TextDecoder().decode(bytes));
        } catch {}
      },
      show: (numbers, claims) => {
        const picture = Object.fromEntries(MEMBERS.map((name, place) => [name, maybe(numbers[place])]));
        const { state, reason, renewing, source, online } = picture;
        this.picture = {
          ...picture,
          claims,
          state: STATES[state],
          reason: reason === null ? null : REASONS[reason],
          renewing: !!renewing,
          source: SOURCES[source],
          online: !!online,
        };
        this.mostTimers = Math.max(this.mostTimers, this.timers.size);
      },
      settle: (ticket, error) => this.#settle("settle", ticket, [ticket, error >= 0 ? ERRORS[error] : "done"]),
      settleToken: (ticket, token) => this.#settle("token", ticket, [ticket, token]),
      changed: () => this.#tell("changed", [this.picture.state]),
      tell: (event, ...numbers) => events[event](...numbers.map(maybe)),
      stepUpRequired: (...args) => this.#tell("step-up", args),
    };
  }
}

/** An answer whose body is this. */
export const answer = (status, headers, body) => async () => new Response(body, { status, headers });

/** An answer that breaks off in the middle of its body. */
export const brokenAnswer = () => async () => {
  const start = (controller) => {
    controller.enqueue(new TextEncoder().encode('{"access_'));
    controller.error(new TypeError("the connection broke"));
  };
  return new Response(new ReadableStream({ start }));
};

/** What a redirect looks like that is not followed: no constructor makes one. */
export const redirect = () => async () => Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });

/** A request that fails after it was sent. */
export const rejection = () => () => Promise.reject(new TypeError("Failed to fetch"));

/** A request that fails where it is made. */
export const exception = () => () => {
  throw new TypeError("Failed to execute 'fetch'");
};
