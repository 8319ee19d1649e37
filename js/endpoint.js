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
 * @param {EndpointConfig} endpoint
 * @returns {{ url: string, init: RequestInit & { headers: Headers } }}
 */
export function request(endpoint) {
  const { method = "POST", body, credentials = "same-origin", csrf = { header: "X-CSRF", value: "1" } } = endpoint;
  const headers = new Headers(current(endpoint.headers));
  const isText = typeof body === "string";
  if (body !== undefined && !isText && !headers.has("content-type")) headers.set("content-type", "application/json");
  if (csrf) {
    const value = "cookie" in csrf ? cookieValue(csrf.cookie) : current(csrf.value);
    if (value !== undefined) headers.set(csrf.header, value);
  }
  return { url: current(endpoint.url), init: { method, headers, credentials, body: isText ? body : JSON.stringify(body) } };
}
