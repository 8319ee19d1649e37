// The device's clocks as this page sees them. They are the real ones until a control or a scene says otherwise. It is
// loaded before the package, so that nothing on the page has kept the real ones.

const RealDate = globalThis.Date;
const monotonic = performance.now.bind(performance);
const { setTimeout: later, clearTimeout: never } = globalThis;

/** What wakes a session. A device that sleeps has none of it. */
const WAKING = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus", "online", "offline", "visibilitychange"];

let shiftMs = 0;
let missedMs = 0; // what the monotonic clock has missed by sleep
let asleepSince = null; // where the monotonic clock stands, in sleep
const due = new Map(); // timers that came to their time in sleep
const listeners = new Set();

const now = () => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, inputs, self) => Reflect.construct(target, inputs.length ? inputs : [now()], self),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});
RealDate.prototype.constructor = globalThis.Date;
performance.now = () => (asleepSince ?? monotonic()) - missedMs;

globalThis.setTimeout = (action, waitMs, ...inputs) => {
  const id = later(() => (asleepSince === null ? action(...inputs) : due.set(id, () => action(...inputs))), waitMs);
  return id;
};
globalThis.clearTimeout = (id) => {
  due.delete(id);
  never(id);
};
for (const type of WAKING) {
  addEventListener(type, (event) => asleepSince === null || event.stopImmediatePropagation(), { capture: true });
}

function fire(id) {
  const action = due.get(id);
  due.delete(id);
  action?.();
}

function tell() {
  for (const listener of listeners) listener();
}

/** The simulated clocks of this page; other tabs of this browser have the real ones. */
export const clock = {
  /** By how many milliseconds `Date` is set wrong. */
  get shiftMs() {
    return shiftMs;
  },

  get isAsleep() {
    return asleepSince !== null;
  },

  /** Sets the wall clock wrong by so many milliseconds. The monotonic clock and the timers go on, as on a device. */
  set(wrongByMs) {
    shiftMs = wrongByMs;
    tell();
  },

  /** Lets the page sleep: no timer fires, and `performance.now()` stands still, as on Linux, macOS and in Safari. */
  sleep() {
    asleepSince ??= monotonic();
    tell();
  },

  /** Wakes the page. Timers that came to their time meanwhile fire now. */
  wake() {
    if (asleepSince === null) return;
    missedMs += monotonic() - asleepSince;
    asleepSince = null;
    tell();
    // Whoever clears one of them before it is its turn is not called.
    for (const id of due.keys()) later(() => fire(id));
  },

  /** Calls back after each of these. */
  watch: (listener) => listeners.add(listener),
};

/** `setTimeout` by the real clock, which goes on in simulated sleep. */
export const realTimeout = (action, waitMs) => later(action, waitMs);

/** Milliseconds on the real monotonic clock. */
export const realNow = monotonic;
