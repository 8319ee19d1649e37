import { byTestId, create } from "../dom.js";

const strip = byTestId("siblings");

// The server lets no page of its own be framed. This document comes from no server: it is written here, and inherits
// this page's origin and its Content-Security-Policy.
const DOCUMENT = (title) => `<!doctype html><html lang="en"><head><title>${title}</title>
<link rel="stylesheet" href="/styles/base.css"><link rel="stylesheet" href="/styles/sibling.css">
<script type="module" src="/app/scenes/sibling.js"></script></head><body><main aria-label="${title}"><b></b><p></p><p></p></main></body></html>`;

/** Opens more tabs of the session, as frames of this page. Each is as `globalThis.session` of a window of its own. */
export function openSiblings(count) {
  const opened = Array.from({ length: count }, (_, place) => {
    const frame = create("iframe");
    frame.title = `Tab ${place + 2}`;
    frame.srcdoc = DOCUMENT(frame.title);
    return frame;
  });
  strip.append(...opened);
  strip.hidden = false;
  return opened.map((frame) => ({
    frame,
    title: frame.title,

    /** Its session, once there is one. */
    get session() {
      return frame.contentWindow?.session;
    },

    /** How many renewals it has asked the server for. */
    get asked() {
      const entries = frame.contentWindow?.performance.getEntriesByType("resource") ?? [];
      return entries.filter(({ name }) => new URL(name).pathname === "/auth/refresh").length;
    },

    close: () => frame.remove(),
  }));
}

/** Closes all of them. */
export function closeSiblings() {
  strip.replaceChildren();
  strip.hidden = true;
}
