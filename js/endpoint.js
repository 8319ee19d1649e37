/** @typedef {import("./index.js").EndpointConfig} EndpointConfig */

/**
 * @template T
 * @param {T | (() => T)} value
 * @returns {T}
 */
const current = (value) => (typeof value === "function" ? /** @type {() => T} */ (value)() : value);

/**
 * The text of a readable cookie; undefined when there is none.
 *
 * @param {string} name
 */
function cookieValue(name) {
  const pair = globalThis.document?.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  const text = pair?.slice(name.length + 1);
  try {
    return text && decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The request that an endpoint stands for now: the application's functions are asked at each call,
 * and what they throw is thrown.
 *
 * It goes past every cache, shows a redirect instead of following it, and outlives the page, so that a
 * cookie on its way arrives.
 *
 * @param {EndpointConfig} endpoint
 * @param {Record<string, string> | false} [fields] More header fields.
 * @returns {{ url: string, init: RequestInit & { headers: Headers } }}
 */
export function request(endpoint, fields) {
  const { method = "POST", body, credentials = "same-origin", csrf = { header: "X-CSRF", value: "1" } } = endpoint;
  const headers = new Headers(current(endpoint.headers));
  const isText = typeof body === "string";
  if (body !== undefined && !isText && !headers.has("content-type")) headers.set("content-type", "application/json");
  if (csrf) {
    const value = "cookie" in csrf ? cookieValue(csrf.cookie) : current(csrf.value);
    if (value !== undefined) headers.set(csrf.header, value);
  }
  for (const [name, value] of Object.entries(fields || {})) headers.set(name, value);
  return {
    url: current(endpoint.url),
    init: {
      method,
      headers,
      credentials,
      body: isText ? body : JSON.stringify(body),
      cache: "no-store",
      redirect: "manual",
      keepalive: true,
    },
  };
}

/**
 * A request for the server's time, which says nothing and which no cache answers: to an address that
 * was given, else to the root of the endpoint's origin.
 *
 * @param {string | undefined} timeUrl
 * @param {EndpointConfig} endpoint
 * @returns {{ url: string, init: RequestInit }}
 */
export function timeRequest(timeUrl, endpoint) {
  const url = timeUrl ?? new URL("/", new URL(current(endpoint.url), globalThis.location?.href)).href;
  return { url, init: { method: "HEAD", credentials: "omit", cache: "no-store", redirect: "manual" } };
}
