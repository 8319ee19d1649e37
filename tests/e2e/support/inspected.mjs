// Pages with an inspector. The functions run in the page, and stand for themselves: they are sent as text.

/** What a page may do that shows an inspector: no inline style, no inline script, no text that becomes markup. */
const STRICT =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

/** Has a stage's blank page be one with a heading, and room for inspectors. */
export function offerInspectorPage(stage) {
  const body = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>stage</title>
<link rel="icon" href="/icon"><main><h1>Stage</h1></main></html>`;
  stage.answers.set("/icon", () => ({ status: 204 }));
  stage.answers.set("/inspected", () => ({ headers: { "content-type": "text/html", "content-security-policy": STRICT }, body }));
}

/** Adds an inspector of `globalThis.session` to the page. */
export async function inspect() {
  const { defineInspector } = await import("/pkg/inspector.js");
  defineInspector();
  const inspector = document.createElement("session-inspector");
  inspector.session = globalThis.session ?? null;
  document.querySelector("main").append(inspector);
  globalThis.inspector = inspector;
}

/**
 * A session that is not one: it has as many entries as are wanted, spread over a day before now, and `tell(type,
 * detail)` adds one.
 */
export function pretendSession(count) {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const now = Date.now();
  const step = DAY_MS / count;
  const entries = [];
  const add = (at, type, detail) => entries.push(Object.freeze({ sequence: entries.length, at: Math.round(at), type, detail: Object.freeze(detail) }));
  for (let place = 0; place < count; place++) {
    const at = now - DAY_MS + place * step;
    const kind = place % 50;
    if (place === 0) add(at, "started", { restored: false });
    else if (kind === 17) add(at, "renewal-failed", { cause: "server-error", attempt: 1, retryAt: Math.round(at + step) });
    else if (kind === 18) add(at, "degraded", { since: Math.round(at) });
    else if (kind === 19) add(at, "recovered", { after: Math.round(step) });
    else if (kind === 23) add(at, "idle-warning", { endsAt: Math.round(at + 60_000), remaining: 60_000 });
    else if (kind === 24) add(at, "idle-extended", { by: "this-tab" });
    else if (kind === 31) add(at, "request-replayed", { url: "https://api.example/orders" });
    else if (kind === 40) add(at, "clock-jump", { by: Math.round(step / 2), kind: "sleep" });
    else add(at, "renewed", { by: kind % 3 ? "this-tab" : "other-tab", tokenExpiresAt: Math.round(at + 2 * step), attempts: kind % 3 ? 1 : 0, took: 40 });
  }
  const metrics = {
    renewals: { succeeded: 9, failed: { timeout: 2 }, adopted: 4, retries: 2 },
    renewalTime: { p50: 80, p95: 200, max: 900 },
    requests: { authorized: 4, waited: 0, replayed: 0, refused: 0 },
    tokensRejected: {}, idleWarnings: 1, extensions: 1, wakeups: 3, activities: 7,
  };
  const snapshot = {
    state: "active", reason: null, claims: null, tokenExpiresAt: now + 600_000, renewsAt: now + 500_000, renewing: false, failures: 0,
    idleWarning: false, idleEndsAt: null, endsAt: null, clock: { skew: 2400, uncertainty: 510, source: "date" }, online: true, tabs: 1,
  };
  globalThis.session = Object.assign(new EventTarget(), {
    history: () => Object.freeze([...entries]),
    metrics: () => metrics,
    snapshot: () => snapshot,
    idleDeadline: () => now + 900_000,
    tell(type, detail) {
      add(Date.now(), type, detail);
      session.dispatchEvent(new CustomEvent(type, { detail }));
    },
  });
}
