import { isSessionError } from "/pkg/index.js";
import { countdown } from "./format.js";

/** Whether the server offers this for the asking: one that does not answers 404, which the browser reports as an error. */
export function isOffered(name) {
  const [navigation] = performance.getEntriesByType("navigation");
  return !!navigation?.serverTiming?.some((offer) => offer.name === name);
}

/** Sends JSON, with the session's token. */
export const send = (session, method, address, body) =>
  session.fetch(address, {
    method,
    headers: { "content-type": "application/json", "x-csrf": "1" },
    body: body && JSON.stringify(body),
  });

/** What an answer that is no success says, in a sentence or two. */
export async function refusalOf(response) {
  const wait = Number(response.headers.get("retry-after"));
  if (response.status === 429) return `Too many attempts. Wait ${countdown(wait * 1000)}, then try again.`;
  const description = await response.json().then((body) => body.error_description, () => null);
  return description ?? `The server answered ${response.status}. Try again.`;
}

/** Why there is no answer, in a sentence or two. */
export const troubleOf = (error) =>
  isSessionError(error) ? `${error.message} ${error.suggestion}` : "The server cannot be reached. Is it running?";

/**
 * Resolves to the complaint about a request, or to null where it is a success, of which `use` is then told.
 *
 * @param {() => Promise<Response>} ask
 * @param {(response: Response) => unknown} [use]
 */
export async function complaintOf(ask, use = () => {}) {
  try {
    const response = await ask();
    if (!response.ok) return await refusalOf(response);
    await use(response);
    return null;
  } catch (error) {
    return troubleOf(error);
  }
}
