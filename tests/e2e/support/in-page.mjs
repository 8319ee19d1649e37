// Functions that run in a page before its own scripts. Each stands for itself: it is sent as text.

/** Tells of every event of `globalThis.session`, from the moment at which the page sets it. */
export function reportSession() {
  const TYPES = [
    "started", "renewed", "renewal-failed", "degraded", "recovered", "idle-warning", "idle-extended",
    "session-ending", "ended", "step-up-required", "clock-skew", "clock-jump", "policy-violation",
    "facility-missing",
  ];
  let current;
  Object.defineProperty(globalThis, "session", {
    configurable: true,
    get: () => current,
    set(session) {
      current = session;
      for (const type of TYPES) {
        session.addEventListener(type, ({ detail }) => globalThis.reportEvent({ type, detail, at: Date.now() }));
      }
    },
  });
}

/** Tells of every violation of the Content-Security-Policy. */
export function reportViolations() {
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    globalThis.reportViolation(`violates ${violatedDirective}: ${blockedURI}`));
}

/** Keeps the memory of every WebAssembly instance in `globalThis.memories`. */
export function keepMemories() {
  globalThis.memories = [];
  const keep = (instance) => {
    const { memory } = instance.exports;
    if (memory) globalThis.memories.push(memory);
  };
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...inputs) => {
      const result = await original.apply(WebAssembly, inputs);
      keep(result.instance ?? result);
      return result;
    };
  }
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, inputs) {
      const instance = Reflect.construct(target, inputs);
      keep(instance);
      return instance;
    },
  });
}

/** Keeps every text that a script puts where it stays, in `globalThis.written`. */
export function keepWrites() {
  globalThis.written = [];
  const plain = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
  const keep = (place, ...values) => globalThis.written.push(`${place}: ${values.map(plain).join(" ")}`);
  const watch = (owner, name) => {
    const original = owner[name];
    owner[name] = function (...inputs) {
      keep(name, ...inputs);
      return original.apply(this, inputs);
    };
  };
  watch(Storage.prototype, "setItem");
  watch(History.prototype, "pushState");
  watch(History.prototype, "replaceState");
  watch(IDBObjectStore.prototype, "put");
  watch(IDBObjectStore.prototype, "add");
  if (globalThis.Cache) watch(Cache.prototype, "put");
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  Object.defineProperty(Document.prototype, "cookie", {
    ...cookie,
    set(text) {
      keep("cookie", text);
      cookie.set.call(this, text);
    },
  });
}

/** Keeps how scripts call `fetch`, in `globalThis.fetched`. */
export function keepFetches() {
  globalThis.fetched = [];
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const { url, method, credentials, cache, redirect, keepalive } = new Request(input, init);
    globalThis.fetched.push({ path: new URL(url).pathname, method, credentials, cache, redirect, keepalive });
    return original(input, init);
  };
}

/**
 * Keeps the name of every call that reaches beyond the calling script, in `globalThis.deeds`. What is still
 * in force of them, `globalThis.inForce()` tells: the timers, and the listeners but those of sessions.
 */
export function keepDeeds() {
  const deeds = (globalThis.deeds = []);
  const timers = new Map();
  const listeners = [];
  globalThis.inForce = () => [
    ...timers.values(),
    // What has been aborted is so for good: nobody hears of it again.
    ...listeners.filter(({ signal, target }) => !signal?.aborted && !target.aborted).map(({ type }) => `listener ${type}`),
  ];

  /** Puts `act(original, inputs, target)` in the place of a function. */
  const replace = (owner, name, act) => {
    const original = owner?.[name];
    if (!original) return;
    owner[name] = function (...inputs) {
      return act((changed) => original.apply(this, changed), inputs, this ?? globalThis);
    };
  };
  const note = (owner, name, text = name) =>
    replace(owner, name, (original, inputs) => {
      deeds.push(text);
      return original(inputs);
    });
  const noteNew = (name) => {
    if (!globalThis[name]) return;
    globalThis[name] = new Proxy(globalThis[name], {
      construct(target, inputs, self) {
        deeds.push(`new ${name}`);
        return Reflect.construct(target, inputs, self);
      },
    });
  };

  const keepTimers = (set, clear, once) => {
    replace(globalThis, set, (original, [action, ...rest]) => {
      deeds.push(set);
      const fire = (...inputs) => {
        if (once) timers.delete(id);
        return action(...inputs);
      };
      const id = original([fire, ...rest]);
      timers.set(id, `${set} ${rest[0]} ms`);
      return id;
    });
    replace(globalThis, clear, (original, [id]) => {
      timers.delete(id);
      return original([id]);
    });
  };
  keepTimers("setTimeout", "clearTimeout", true);
  keepTimers("setInterval", "clearInterval", false);

  const isCapture = (options) => (typeof options === "object" ? !!options?.capture : !!options);
  replace(EventTarget.prototype, "addEventListener", (original, inputs, target) => {
    const [type, listener, options] = inputs;
    deeds.push(`addEventListener ${type}`);
    const isSession = "snapshot" in target;
    if (!isSession) listeners.push({ target, type, listener, capture: isCapture(options), signal: options?.signal });
    return original(inputs);
  });
  replace(EventTarget.prototype, "removeEventListener", (original, inputs, target) => {
    const [type, listener, options] = inputs;
    const place = listeners.findIndex((each) =>
      each.target === target && each.type === type && each.listener === listener && each.capture === isCapture(options));
    if (place >= 0) listeners.splice(place, 1);
    return original(inputs);
  });

  for (const name of ["requestAnimationFrame", "requestIdleCallback", "queueMicrotask", "fetch"]) note(globalThis, name);
  for (const name of ["getItem", "setItem", "removeItem"]) note(Storage.prototype, name);
  for (const name of ["compile", "compileStreaming", "instantiate", "instantiateStreaming"]) note(WebAssembly, name, `WebAssembly.${name}`);
  note(XMLHttpRequest.prototype, "send", "XMLHttpRequest");
  note(Navigator.prototype, "sendBeacon");
  note(globalThis.LockManager?.prototype, "request", "locks.request");
  note(globalThis.LockManager?.prototype, "query", "locks.query");
  for (const name of ["BroadcastChannel", "MessageChannel", "Worker", "SharedWorker", "EventSource", "WebSocket"]) noteNew(name);
}

/** Offers what tests of the package begin with. */
export function offerSessions() {
  /** A session of an authorization server of the stage. */
  globalThis.newSession = async (name = "auth", config = {}) => {
    const { createSession } = await import("/pkg/index.js");
    return createSession({ refresh: `/${name}/refresh`, logout: `/${name}/logout`, ...config });
  };

  /** The same, signed in. */
  globalThis.signedIn = async (name = "auth", config = {}) => {
    const session = await globalThis.newSession(name, config);
    await session.begin(await fetch(`/${name}/login`, { method: "POST" }));
    return session;
  };

  /** What became of promises: "done", or the error's code. */
  globalThis.settled = (promises) => Promise.all(promises.map((promise) => promise.then(() => "done", (error) => error.code ?? String(error))));
}
