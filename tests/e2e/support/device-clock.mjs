// Functions that run in a page before its own scripts, and replace its clocks. Each stands for itself: it is
// sent as text.

/**
 * Lets `globalThis.deviceClock` say how far the page's clocks are wrong: `wallMs` for `Date`, which starts with
 * the milliseconds given, and `monotonicMs` for `performance.now()`. Timers run as before.
 */
export function setDeviceClock(wallMs = 0) {
  const clock = (globalThis.deviceClock = { wallMs, monotonicMs: 0 });
  const { now: wall } = Date;
  const now = () => wall() + clock.wallMs;
  globalThis.Date = new Proxy(Date, {
    construct: (target, inputs, self) => Reflect.construct(target, inputs.length ? inputs : [now()], self),
    apply: (target) => new target(now()).toString(),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
  Date.prototype.constructor = Date;
  const monotonic = performance.now.bind(performance);
  performance.now = () => monotonic() + clock.monotonicMs;
}

/**
 * Stops the page's time: `Date`, `performance.now()` and timers move only by `globalThis.time`. The timer that
 * is due next is so many milliseconds away: `next()`. `runNext()` moves on to it, lets it fire and counts it in
 * `fired`. Nothing else of the page is replaced, so what a timer sets off goes on without time passing.
 */
export function stopTime() {
  const started = Date.now();
  const timers = new Map();
  let passed = 0;
  let id = 0;
  const later = (one, other) => (other.at < one.at ? other : one);
  const earliest = () => [...timers.values()].reduce(later, { at: Infinity });
  const time = (globalThis.time = {
    fired: 0,
    armed: () => timers.size,
    next: () => earliest().at - passed,
    runNext() {
      const timer = earliest();
      passed = timer.at;
      timers.delete(timer.id);
      time.fired++;
      timer.action();
    },
  });
  globalThis.setTimeout = (action, waitMs = 0) => {
    id++;
    timers.set(id, { id, at: passed + Math.max(0, waitMs), action });
    return id;
  };
  globalThis.clearTimeout = (which) => timers.delete(which);
  Date.now = () => started + passed;
  performance.now = () => passed;
}
