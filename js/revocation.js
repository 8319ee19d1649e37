// Loaded only when the configuration asks for `revocation`.

import { followPage } from "./page.js";

const LOSS = "The session does not end when the server ends it, but when a renewal or a request is refused.";
/** A stream that has lasted for so long was well. */
const WELL_MS = 10_000;
const FIRST_BACKOFF_MS = 5000;
const LONGEST_BACKOFF_MS = 300_000;
/** After coming online, within which time it is asked again. */
const ONLINE_MS = 1000;

/**
 * The session that an event names, by its data: an id, or a JSON object with the member `sid`.
 *
 * @param {string} data
 * @returns {string | undefined}
 */
export function sessionNamed(data) {
  /** @type {any} */
  let value = data;
  try {
    value = JSON.parse(data);
  } catch {}
  if (typeof value === "object") value = value?.sid;
  else if (typeof value !== "string") value = data;
  return value === undefined || value === null || value === "" ? undefined : String(value);
}

/**
 * Keeps a stream open until it is over. The browser itself comes back after a drop, as soon as the stream has said
 * (`retry`). What fails again, or is refused, is asked again later and later: of a refusal nobody tells us the status,
 * so one that is meant for good costs as little as one that passes.
 *
 * @param {string} url
 * @param {boolean} withCredentials
 * @param {(session: string | undefined) => void} revoked
 * @param {AbortSignal} over
 */
function keepOpen(url, withCredentials, revoked, over) {
  /** @type {EventSource} */
  let stream;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let failures = 0;
  /** When the stream was opened, and when it was dropped, where the browser is coming back. */
  let [opened, dropped] = [NaN, NaN];
  /** How long the stream wants to be left alone, as far as the browser has shown. */
  let least = 0;

  const learn = () => {
    if (dropped) least = Math.min(performance.now() - dropped, LONGEST_BACKOFF_MS);
    dropped = NaN;
  };
  const open = () => {
    clearTimeout(timer);
    stream?.close();
    stream = new EventSource(url, { withCredentials });
    stream.onopen = () => {
      learn();
      opened = performance.now();
    };
    stream.addEventListener("revoked", ({ data }) => revoked(sessionNamed(data)));
    stream.onerror = () => {
      const now = performance.now();
      const wasOpen = !!opened;
      if (now - opened > WELL_MS) failures = 0;
      opened = NaN;
      learn();
      if (!failures++ && wasOpen && navigator.onLine && stream.readyState === EventSource.CONNECTING) {
        dropped = now;
        return;
      }
      stream.close();
      const backoff = navigator.onLine ? Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS) : LONGEST_BACKOFF_MS;
      timer = setTimeout(open, Math.max(least, backoff) * (1 + Math.random() / 2));
    };
  };
  const online = () => {
    if (stream.readyState === EventSource.OPEN) return;
    failures = 0;
    stream.close();
    clearTimeout(timer);
    timer = setTimeout(open, ONLINE_MS * Math.random());
  };
  open();
  addEventListener("online", online, { signal: over });
  over.addEventListener("abort", () => {
    clearTimeout(timer);
    stream.close();
  });
}

/**
 * Listens to the server for the end of a session, as long as one is held and its page is there. Of tabs that hear
 * each other, one listens for all.
 *
 * @param {import("./session.js").Session} session
 * @param {import("./index.js").RevocationConfig} config
 * @param {string | false} lock The name of the lock that says which tab listens; none where each does.
 * @param {object} heard
 * @param {(session: string | undefined) => void} heard.revoked
 * @param {(missing: "event-source", effect: string) => void} heard.lose
 * @param {AbortSignal} signal Ends it.
 */
export function listen(session, { eventsUrl, credentials }, lock, { revoked, lose }, signal) {
  if (!globalThis.EventSource) return lose("event-source", LOSS);
  let isHere = true;
  /** What is given up when this tab does not want to listen any longer. @type {AbortController | undefined} */
  let wish;

  const begin = (/** @type {AbortSignal} */ over) => {
    let isOpen = false;
    const open = () => {
      if (!isOpen && !over.aborted) keepOpen(eventsUrl, credentials === "include", revoked, over);
      isOpen = true;
    };
    if (!lock) return open();
    const released = new Promise((resolve) => over.addEventListener("abort", resolve));
    const granted = () => {
      open();
      return released;
    };
    // Without the lock, this tab listens for itself.
    navigator.locks.request(lock, { signal: over }, granted).catch(open);
  };
  const look = () => {
    const wants = isHere && !signal.aborted && session.snapshot().tokenExpiresAt !== null;
    if (wants === !!wish) return;
    wish?.abort();
    wish = wants ? new AbortController() : undefined;
    if (wish) begin(wish.signal);
  };
  const be = (/** @type {boolean} */ here) => () => {
    isHere = here;
    look();
  };

  session.on("change", look);
  // A stream belongs to the session whose cookie it was opened with.
  session.on("started", () => {
    wish?.abort();
    wish = undefined;
    look();
  });
  signal.addEventListener("abort", look);
  followPage({ look, leaving: be(false), returned: be(true) }, signal);
  document.addEventListener("freeze", be(false), { signal });
  document.addEventListener("resume", be(true), { signal });
  look();
}
