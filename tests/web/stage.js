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

/** The members of a snapshot, in the order in which the host is told them. */
const MEMBERS = [
  "state", "reason", "claims", "tokenExpiresAt", "renewsAt", "renewing", "failures", "idleEndsAt", "endsAt",
  "skew", "uncertainty", "source", "online", "tabs",
];

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
  #request(url, headers) {
    return this.prepares ? new Request(url, { method: "POST", headers }) : undefined;
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
    return {
      renewalRequest: (key) => this.#request("/refresh", { "x-key": key }),
      logoutRequest: () => this.#request("/logout", {}),
      timeRequest: () => new Request("/time", { method: "HEAD" }),
      send: async (request) => globalThis.fetch(request),
      readRecord: () => Float64Array.from(this.record),
      writeRecord: (numbers) => {
        this.record = [...numbers];
      },
      say: (status) => this.#tell("say", [status ?? "retry-after"]),
      wake: () => this.#tasks.port2.postMessage(0),
      readAnswer: async (response) => {
        const text = await response.text();
        this.answersRead++;
        try {
          return JSON.parse(text);
        } catch {}
      },
      parseObject: (bytes) => {
        try {
          return JSON.parse(new TextDecoder().decode(bytes));
        } catch {}
      },
      show: (...members) => {
        this.picture = Object.fromEntries(MEMBERS.map((name, place) => [name, members[place] ?? null]));
        this.mostTimers = Math.max(this.mostTimers, this.timers.size);
      },
      settle: (ticket, code) => this.#settle("settle", ticket, [ticket, code || "done"]),
      settleToken: (ticket, token) => this.#settle("token", ticket, [ticket, token]),
      changed: () => this.#tell("changed", [this.picture.state]),
      started: (restored) => this.#tell("started", [restored]),
      renewed: (...args) => this.#tell("renewed", [args[0], args[2]], args),
      renewalFailed: (...args) => this.#tell("failed", args.slice(0, 2), args),
      degraded: (...args) => this.#tell("degraded", [], args),
      recovered: (...args) => this.#tell("recovered", [], args),
      tokenRejected: (reason) => this.#tell("token-rejected", [reason]),
      stepUpRequired: (...args) => this.#tell("step-up", args),
      sessionEnding: (...args) => this.#tell("ending", [], args),
      clockSkew: (...args) => this.#tell("skew", [], args),
      clockJump: (by, kind) => this.#tell("jump", [kind], [by, kind]),
      ended: (reason, by) => this.#tell("ended", [reason, by]),
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
