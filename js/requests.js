import { isSessionError } from "./errors.js";
import { noteOwn, platformFetch } from "./platform.js";

/**
 * What a request is sent with: the token, unless it is a cookie, its generation, and that of its session's first.
 *
 * @typedef {{ text?: string, generation: number, first: number }} Held
 */

/** Characters of a path that some servers decode before they resolve it. */
const DOT = /%(25)*2e/gi;
const SLASH = /%(25)*(2f|5c)|\\/gi;
/** A step up, perhaps with a parameter, which some servers cut off first. */
const UPWARD = /(^|\/)\.\.(;|\/|$)/;

const originOf = (/** @type {URL} */ { protocol, host }) => `${protocol}//${host}`;

/**
 * Whether an address may receive the token: the origin is the same, and the path goes on in whole segments and
 * leads nowhere else, whatever the server makes of it.
 *
 * @param {URL[]} places
 * @param {string} address
 */
export function isAllowed(places, address) {
  const url = new URL(address);
  return places.some((place) => {
    if (originOf(url) !== originOf(place)) return false;
    const prefix = place.pathname.replace(/\/$/, "");
    if (!prefix) return true;
    const rest = url.pathname.slice(prefix.length);
    return url.pathname.startsWith(prefix) && /^(\/|$)/.test(rest) && !UPWARD.test(rest.replace(DOT, ".").replace(SLASH, "/"));
  });
}

/**
 * Sends a request that may be needed again. Firefox aborts one with its page that does not say `keepalive` here, and
 * whoever says anything here has to repeat the rest.
 *
 * @param {Request} request
 */
function send(request) {
  const { keepalive, referrer, referrerPolicy } = request;
  return platformFetch()(request, keepalive ? { keepalive, referrer, referrerPolicy } : undefined);
}

/** @param {Request} request @param {Held} held */
function authorized(request, { text }) {
  if (text !== undefined) {
    request.headers.set("authorization", `Bearer ${text}`);
    return request;
  }
  const { credentials, referrer, referrerPolicy } = request;
  return credentials === "omit" ? request : new Request(request, { credentials: "include", referrer, referrerPolicy });
}

/**
 * The `fetch` of a session.
 *
 * @param {{ allow?: string[], signedOut?: "reject" | "pass" }} requests
 * @param {object} session
 * @param {(signal: AbortSignal) => Promise<Held>} session.obtain
 * @param {(generation: number, field: string, url: string, signal: AbortSignal) => Promise<void>} session.challenged
 *   Resolves when the request may be sent again.
 * @param {(what: "authorized" | "replayed" | "refused", url: string) => void} session.count
 * @returns {typeof globalThis.fetch}
 */
export function requester({ allow, signedOut }, { obtain, challenged, count }) {
  const origin = globalThis.location?.origin;
  const places = (allow ?? (origin?.startsWith("http") ? [origin] : [])).map((address) => new URL(address));
  return noteOwn(async (...call) => {
    // As it was called: without an address, the platform says so.
    let request = new Request(...call);
    const { url, method, headers, signal } = request;
    if (!isAllowed(places, url) || headers.has("authorization")) return send(request);
    let held;
    try {
      held = await obtain(signal);
    } catch (error) {
      if (signedOut === "pass" && isSessionError(error) && error.code === "ERR_SIGNED_OUT") return send(request);
      if (!signal.aborted) count("refused", url);
      throw error;
    }
    const isStream = call[1]?.body instanceof ReadableStream;
    const hasBody = !/^(GET|HEAD)$/.test(method);
    request = authorized(request, held);
    // One of the mode "no-cors" takes no such field.
    if (held.text !== undefined && !request.headers.has("authorization")) return send(request);
    count("authorized", url);
    const response = await send(hasBody && !isStream ? request.clone() : request);
    if (!(await mayReplay(response, held)) || isStream) return response;
    let next;
    try {
      next = await obtain(signal);
    } catch {
      signal.throwIfAborted();
    }
    // What one user wanted is not done for another, who has signed in since.
    if (next?.first !== held.first) return response;
    response.body?.cancel().catch(() => {});
    count("replayed", url);
    const second = await send(authorized(request, next));
    // Nothing waits for what comes of it.
    mayReplay(second, next).catch(() => {});
    return second;

    /** @param {Response} response @param {Held} held */
    async function mayReplay({ status, headers, redirected, url: last }, { generation }) {
      // Where a redirect has led elsewhere, the token was left behind: nothing is said of it.
      const isElsewhere = redirected && (originOf(new URL(last)) !== originOf(new URL(url)) || !isAllowed(places, last));
      if (status !== 401 || isElsewhere) return false;
      signal.throwIfAborted();
      try {
        await challenged(generation, headers.get("www-authenticate") ?? "", url, signal);
        return true;
      } catch {
        signal.throwIfAborted();
        return false;
      }
    }
  });
}
