// What a framework shows of a session: the part that its adapters share.

/** @typedef {import("./view.js").SessionView} SessionView */
/** @typedef {import("./view.js").IdleWarning} IdleWarning */
/** @typedef {import("./index.js").Session} Session */

/**
 * Something that can be read at any time, and that tells when it may have changed.
 *
 * @template T
 * @typedef {{ get: () => T, subscribe: (listener: () => void) => () => void }} Store
 */

/** Before there is a session, and on a server: nobody knows yet who is signed in. @type {SessionView} */
const PENDING = Object.freeze({
  session: null,
  error: null,
  state: "starting",
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

/** Of any session on a server, where nothing changes; and what a page shows while it takes over what a server rendered. @type {Store<SessionView>} */
export const SERVER_VIEW = { get: () => PENDING, subscribe: () => () => {} };

/**
 * The same for the same source, so that what is mounted late sees at once what the others see.
 *
 * @template {object} K
 * @template V
 * @param {(source: K) => V} make
 */
function kept(make) {
  /** @type {WeakMap<K, V>} */
  const made = new WeakMap();
  return (/** @type {K} */ source) => {
    let value = made.get(source);
    if (!value) made.set(source, (value = make(source)));
    return value;
  };
}

/** What is shown of a session, or of the promise of one. */
export const viewOf = kept((/** @type {Session | PromiseLike<Session>} */ source) => {
  if (!globalThis.window) return SERVER_VIEW;
  /** @type {Session | undefined} */
  let session;
  /** @type {import("./index.js").Snapshot | undefined} */
  let snapshot;
  let view = PENDING;
  /** Begins the subscriptions that were made before there was a session. @type {Set<() => void>} */
  const waiting = new Set();

  if ("then" in source) {
    const settle = () => {
      for (const begin of waiting) {
        waiting.delete(begin);
        try {
          begin();
        } catch (error) {
          // The others are told all the same.
          reportError(error);
        }
      }
    };
    const fail = (/** @type {unknown} */ error) => {
      view = Object.freeze({ ...PENDING, error });
      settle();
      // Whoever shows no errors finds it in the console at least.
      reportError(error);
    };
    source.then((given) => {
      if (typeof given?.snapshot !== "function") return fail(new TypeError("The promise has led to no session: return the session from it."));
      session = given;
      settle();
    }, fail);
  } else session = source;

  return {
    get() {
      const current = session?.snapshot();
      if (session && current && current !== snapshot) {
        snapshot = current;
        view = Object.freeze({ ...current, session, error: null });
      }
      return view;
    },

    subscribe(/** @type {() => void} */ listener) {
      let stop = session?.subscribe(listener);
      const begin = () => {
        stop = session?.subscribe(listener);
        listener();
      };
      if (!stop) waiting.add(begin);
      return () => {
        waiting.delete(begin);
        stop?.();
      };
    },
  };
});

/** The idle warning of a session as a dialog shows it, second by second. */
export const idleWarningOf = kept((/** @type {Store<SessionView>} */ view) => {
  const extend = () => view.get().session?.extend();
  /** @type {IdleWarning} */
  const none = Object.freeze({ warning: false, endsAt: null, secondsLeft: 0, extend });
  let shown = none;
  /** Those who count. @type {Set<() => void>} */
  const counting = new Set();

  /** Only a tick reads the clock: whoever reads twice in a row has to find the same. */
  const read = (isTick = false) => {
    const { idleWarning, idleEndsAt } = view.get();
    if (!idleWarning || idleEndsAt === null) return (shown = none);
    if (!isTick && idleEndsAt === shown.endsAt) return shown;
    const secondsLeft = Math.max(0, Math.ceil((idleEndsAt - Date.now()) / 1000));
    if (idleEndsAt !== shown.endsAt || secondsLeft !== shown.secondsLeft) {
      shown = Object.freeze({ warning: true, endsAt: idleEndsAt, secondsLeft, extend });
    }
    return shown;
  };

  return {
    get: () => read(),

    subscribe(/** @type {() => void} */ listener) {
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      let timer;
      const arm = () => {
        clearTimeout(timer);
        const { endsAt, secondsLeft } = read(true);
        if (endsAt !== null && secondsLeft) timer = setTimeout(run, endsAt - (secondsLeft - 1) * 1000 - Date.now());
      };
      const run = () => {
        arm();
        listener();
      };
      const stop = view.subscribe(run);
      counting.add(run);
      arm();
      return () => {
        clearTimeout(timer);
        stop();
        counting.delete(run);
        // Nobody goes on counting: whoever reads next begins with what is left by then.
        if (!counting.size) shown = none;
      };
    },
  };
});
