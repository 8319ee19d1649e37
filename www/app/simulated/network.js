// The network as this page sees it: what `fetch` of this page does, and what `navigator.onLine` says. It is the real one
// until a control or a scene says otherwise. It is loaded before the package.

import { realTimeout } from "./clock.js";

const realFetch = globalThis.fetch;
const listeners = new Set();
const observers = new Set();

let isOnline = true;
let delayMs = 0;

Object.defineProperty(navigator, "onLine", {
  configurable: true,
  get: () => isOnline && Reflect.get(Navigator.prototype, "onLine", navigator),
});

globalThis.fetch = (input, init) => {
  const answer = pass(input, init);
  if (observers.size) observe(input, init, answer);
  return answer;
};

function pass(input, init) {
  // As Chromium words it.
  if (!isOnline) return Promise.reject(new TypeError("Failed to fetch"));
  if (!delayMs) return realFetch(input, init);
  return new Promise((resolve) => realTimeout(resolve, delayMs)).then(() => realFetch(input, init));
}

/** Tells of a request and of its answer's status; nothing of what they carry but the key of a renewal. */
async function observe(input, init, answer) {
  const { pathname: path } = new URL(input instanceof Request ? input.url : input, location.href);
  const headers = input instanceof Request ? input.headers : new Headers(init?.headers);
  const exchange = { path, key: headers.get("idempotency-key"), status: null };
  for (const observer of observers) observer.sent(exchange);
  exchange.status = await answer.then(({ status }) => status, () => 0);
}

function tell() {
  for (const listener of listeners) listener();
}

/** The simulated network of this page; other tabs of this browser have the real one. */
export const network = {
  get isOnline() {
    return isOnline;
  },

  /** By how much each request is late. */
  get delayMs() {
    return delayMs;
  },

  /** Takes the network away, or gives it back. */
  setOnline(online) {
    if (online === isOnline) return;
    isOnline = online;
    dispatchEvent(new Event(online ? "online" : "offline"));
    tell();
  },

  setDelay(ms) {
    delayMs = ms;
    tell();
  },

  /** Calls back after each of these. */
  watch: (listener) => listeners.add(listener),

  /** Tells of each request of this page from now on, until the function that it returns is called. */
  observe(sent) {
    const observer = { sent };
    observers.add(observer);
    return () => observers.delete(observer);
  },
};
