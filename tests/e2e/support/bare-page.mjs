// The sample server without the sample page: its sessions do what a test has them do, and nothing else.

import { ADA } from "./sample-page.mjs";

/** What the browser prints of a page that names no icon. */
export const NO_ICON = /status of 404 \(Not Found\) \(\S+\/favicon.ico\)$/;

/** Opens a page of the server that does nothing by itself. */
export const openBare = (page, address) => page.goto(`${address}/favicon.svg`);

/** Makes the page's `globalThis.session`. */
export function newSession(page, { refresh, ...config } = {}) {
  return page.evaluate(async (config) => {
    const { createSession } = await import("/pkg/index.js");
    globalThis.session = await createSession(config);
  }, { refresh: { url: "/auth/refresh", ...refresh }, logout: "/auth/logout", ...config });
}

/** Makes the page's session and takes up the one of the cookie; resolves to the state that this led to. */
export async function restore(page, config, options) {
  await newSession(page, config);
  return page.evaluate((options) => session.restore(options), options);
}

/** Tells the server who the user is, whose session the cookie stands for from then on. */
export function logIn(page, user = ADA) {
  return page.evaluate(async ({ name, password }) => {
    const headers = { "content-type": "application/json", "x-csrf": "1" };
    const body = JSON.stringify({ username: name, password });
    globalThis.answer = await fetch("/auth/login", { method: "POST", headers, body });
  }, user);
}

/** Makes the page's session, and signs the user in. */
export async function signInBare(page, config, user) {
  await newSession(page, config);
  await logIn(page, user);
  await page.evaluate(() => session.begin(answer));
}
