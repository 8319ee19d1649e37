// react-idle-timer as an application uses it, and what an event costs with it and with a session.

/** A component that waits for the user to do nothing. Bundled, it offers `mount()`. */
export const IDLE_PEER = `
  import { createElement } from "react";
  import { createRoot } from "react-dom/client";
  import { useIdleTimer } from "react-idle-timer";

  function Watcher({ done }) {
    useIdleTimer({ timeout: 30 * 60_000, promptBeforeIdle: 60_000, onIdle() {}, onPrompt() {}, onActive() {} });
    requestAnimationFrame(done);
    return null;
  }

  export const mount = () =>
    new Promise((done) => createRoot(document.body.appendChild(document.createElement("div"))).render(createElement(Watcher, { done })));
`;

/**
 * Measures what the listeners for a pointer's movement take, in nanoseconds for an event, in each round: alone, less
 * what the loop takes that calls them, and with the browser's dispatch of the event. Runs in the page, where `globalThis.contenders` has a function for each
 * one, which has it listen.
 */
export async function measureListeners({ events, rounds }) {
  const { addEventListener } = EventTarget.prototype;
  /** The listeners for movements that are added meanwhile. */
  const collect = async (act) => {
    const listeners = [];
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      // React listens to everything at its root, whoever uses it.
      const isRoot = this instanceof HTMLElement;
      if (/^(mouse|pointer)move$/.test(type) && !isRoot) listeners.push([type, listener]);
      return addEventListener.call(this, type, listener, options);
    };
    try {
      await act();
      await new Promise((resolve) => setTimeout(resolve, 200));
    } finally {
      EventTarget.prototype.addEventListener = addEventListener;
    }
    return listeners;
  };
  const found = [];
  for (const [name, listen] of Object.entries(globalThis.contenders)) found.push([name, await collect(listen)]);
  const counts = found.map(([, listeners]) => listeners.length);
  if (counts.some((count) => count !== 1)) return { counts };

  const nothing = () => {};
  const run = (count, type, call) => {
    // So many that a chunk takes longer than a clock's tick.
    const CHUNK = 10_000;
    let tookMs = 0;
    for (let done = 0; done < count; done += CHUNK) {
      // Each event is one of now, as a browser's are.
      const batch = Array.from({ length: CHUNK }, () => new MouseEvent(type, { bubbles: true }));
      const started = performance.now();
      for (const event of batch) call(event);
      tookMs += performance.now() - started;
    }
    return (tookMs / count) * 1e6;
  };
  const bodies = Object.fromEntries(found.map(([name]) => [name, []]));
  const dispatches = structuredClone(bodies);
  for (let round = 0; round < rounds; round++) {
    for (const [name, [[type, listener]]] of found) {
      const loop = run(events / rounds, type, (event) => nothing.call(window, event));
      bodies[name].push(run(events / rounds, type, (event) => listener.call(window, event)) - loop);
      dispatches[name].push(run(events / rounds, type, (event) => document.body.dispatchEvent(event)));
    }
  }
  return { counts, bodies, dispatches };
}
