// What is measured: what an application imports of each library to renew its session.

import { readFile } from "node:fs/promises";

const here = new URL(".", import.meta.url);

/**
 * @typedef {object} Contender
 * @property {string} name As in the tables.
 * @property {string} source A module that imports what an application would.
 * @property {string} [driver] Its name in in-page/drivers.js, where it has a session.
 * @property {string} [module] The file that belongs to it, where the bundle does not hold everything.
 * @property {string[]} [external] What the application has in any case.
 */

export const OURS = [
  { name: "sessionkeeper, two files", source: 'export { createSession, init } from "sessionkeeper/slim";', driver: "sessionkeeper", module: "sessionkeeper_bg.wasm" },
  { name: "sessionkeeper, one file", source: 'export { createSession } from "sessionkeeper";', driver: "sessionkeeper" },
];

const REACT = ["react", "react-dom"];

export const PEERS = [
  { name: "oidc-client-ts", source: 'export { UserManager } from "oidc-client-ts";', driver: "oidc-client-ts" },
  { name: "react-idle-timer", source: 'export { useIdleTimer } from "react-idle-timer";', external: REACT },
  { name: "jwt-decode", source: 'export { jwtDecode } from "jwt-decode";' },
  { name: "jose", source: 'export { decodeJwt } from "jose";' },
  {
    name: "oidc-client-ts + react-idle-timer + jwt-decode",
    source: 'export { UserManager } from "oidc-client-ts"; export { useIdleTimer } from "react-idle-timer"; export { jwtDecode } from "jwt-decode";',
    external: REACT,
  },
  { name: "keycloak-js", source: 'export { default } from "keycloak-js";', driver: "keycloak-js" },
  { name: "@okta/okta-auth-js", source: 'export { OktaAuth } from "@okta/okta-auth-js";', driver: "@okta/okta-auth-js" },
  { name: "@auth0/auth0-spa-js", source: 'export { Auth0Client } from "@auth0/auth0-spa-js";', driver: "@auth0/auth0-spa-js" },
  { name: "@azure/msal-browser", source: 'export { PublicClientApplication } from "@azure/msal-browser";', driver: "@azure/msal-browser" },
  { name: "@supabase/auth-js", source: 'export { AuthClient } from "@supabase/auth-js";', driver: "@supabase/auth-js" },
];

export const CONTENDERS = [...OURS, ...PEERS];

/** The versions that were measured, by package. */
export async function versions() {
  const { dependencies } = JSON.parse(await readFile(new URL("package.json", here), "utf8"));
  return dependencies;
}
