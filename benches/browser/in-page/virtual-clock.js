// A clock that a measurement turns on by hand. Runs in the page before anything else does.

/**
 * Puts a virtual clock in the place of the page's, in `globalThis.virtual`. It counts the timers that are set, those that are
 * cleared before their time, and those that fire: of a page at rest, each is a time that the device wakes up.
 *
 * `advance(ms)` lets time pass; before each timer fires, what the one before has started with the browser (locks,
 * requests, messages) has come to an end.
 */
export function installVirtualClock() {
  const real = { setTimeout: globalThis.setTimeout, Date: globalThis.Date, post: MessagePort.prototype.postMessage };
  let wallMs = 1_700_000_000_000;
  let monotonicMs = 100;
  let numbers = 1;
  const timers = new Map();
  const counts = { fired: 0, set: 0, putOff: 0 };
  /** What the browser does for the page: how many of it, and how many of it are not done. */
  let started = 0;
  let pending = 0;

  const set = (action, delay, inputs, repeats) => {
    const ms = Math.max(1, Math.trunc(Number(delay)) || 0);
    const id = numbers++;
    counts.set++;
    timers.set(id, { at: monotonicMs + ms, again: repeats ? ms : undefined, run: () => action(...inputs) });
    return id;
  };
  const clear = (id) => {
    const timer = timers.get(id);
    // One that is due within a millisecond was overtaken by what does its work.
    if (timer && timer.at > monotonicMs + 1) counts.putOff++;
    timers.delete(id);
  };
  Object.assign(globalThis, {
    setTimeout: (action, delay, ...inputs) => set(action, delay, inputs, false),
    setInterval: (action, delay, ...inputs) => set(action, delay, inputs, true),
    clearTimeout: clear,
    clearInterval: clear,
    requestIdleCallback: (action) => set(action, 1, [{ didTimeout: false, timeRemaining: () => 10 }], false),
    cancelIdleCallback: clear,
    Date: class extends real.Date {
      constructor(...inputs) {
        super(...(inputs.length ? inputs : [Math.floor(wallMs)]));
      }
      static now() {
        return Math.floor(wallMs);
      }
    },
  });
  performance.now = () => monotonicMs;

  // Chance is the same each time, so that what follows from it is.
  let chance = 1;
  const number = () => (chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0);
  Math.random = () => number() / 2 ** 32;
  crypto.getRandomValues = (numbers) => {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    bytes.forEach((_, place) => (bytes[place] = number() >>> 24));
    return numbers;
  };

  /** Takes note of what is asked of the browser until it is done. */
  const follow = (owner, name) => {
    const original = owner?.[name];
    if (!original) return;
    owner[name] = function (...inputs) {
      started++;
      const result = original.apply(this, inputs);
      if (typeof result?.then === "function") {
        pending++;
        const done = () => pending--;
        result.then(done, done);
      }
      return result;
    };
  };
  follow(globalThis.LockManager?.prototype, "query");
  follow(globalThis.SubtleCrypto?.prototype, "digest");
  for (const name of ["json", "text"]) follow(globalThis.Response?.prototype, name);
  follow(globalThis.MessagePort?.prototype, "postMessage");
  follow(globalThis.BroadcastChannel?.prototype, "postMessage");
  follow(globalThis.IDBObjectStore?.prototype, "get");
  follow(globalThis.IDBObjectStore?.prototype, "put");
  // A lock's own promise lasts as long as the lock: what counts is that it is granted.
  const { request } = globalThis.LockManager?.prototype ?? {};
  if (request)
    LockManager.prototype.request = function (name, ...rest) {
      const granted = rest.pop();
      started++;
      pending++;
      let isOver = false;
      const over = () => {
        if (!isOver) pending--;
        isOver = true;
      };
      const promise = request.call(this, name, ...rest, (lock) => {
        over();
        return granted(lock);
      });
      promise.then(over, over);
      return promise;
    };

  const { port1, port2 } = new MessageChannel();
  const turn = () =>
    new Promise((resolve) => {
      port1.onmessage = resolve;
      real.post.call(port2, 0);
    });
  const pause = (ms) => new Promise((resolve) => real.setTimeout.call(globalThis, resolve, ms));
  /** Once nothing is pending, and nothing more has been started for some turns. */
  const settle = async () => {
    let seen;
    await turn();
    for (let quiet = 0; quiet < 3; ) {
      const isQuiet = pending === 0 && started === seen;
      seen = started;
      quiet = isQuiet ? quiet + 1 : 0;
      if (pending > 0) await pause(1);
      else await turn();
    }
  };

  globalThis.virtual = {
    counts,
    settle,

    async advance(ms) {
      const until = monotonicMs + ms;
      for (;;) {
        let next;
        for (const [id, { at }] of timers) if (at <= until && (!next || at < next.at)) next = { id, at };
        if (!next) break;
        const timer = timers.get(next.id);
        wallMs += Math.max(0, timer.at - monotonicMs);
        monotonicMs = Math.max(monotonicMs, timer.at);
        if (timer.again === undefined) timers.delete(next.id);
        else timer.at += timer.again;
        counts.fired++;
        timer.run();
        await settle();
      }
      wallMs += until - monotonicMs;
      monotonicMs = until;
    },
  };
}
