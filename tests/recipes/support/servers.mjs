// The servers of the recipes, each behind something that can lose an answer.

import { randomBytes, randomUUID } from "node:crypto";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { djangoPython, root } from "../../e2e/support/environment.mjs";
import { ADA } from "../../e2e/support/sample-page.mjs";
import { filesOf } from "./documents.mjs";
import { startLossy } from "./lossy.mjs";
import { startProgram } from "./program.mjs";
import { buildPage, folderWith } from "./project.mjs";

const here = `${root}tests/recipes`;
const key = () => randomBytes(32).toString("base64");
const HANDLES = `import * as page from "./session.js";
Object.assign(globalThis, page, { restored: await page.session.restore() });`;
const USERS = `export const checkPassword = async (username, password) =>
  username === "${ADA.name}" && password === "${ADA.password}" ? { id: "user-${ADA.name}" } : undefined;`;

/** Of Django's check; a secret of its length. */
const CSRF_TOKEN = "s".repeat(32);
const OWN_HEADER = { headers: { "x-csrf": "1" }, cookies: {} };

/** What the servers have in common: `env` for one behind `front`. */
const environment = (front, lifetimeS) => ({
  ORIGIN: front.address,
  PORT: "0",
  ROTATION_KEY: key(),
  ACCESS_KEY: key(),
  ACCESS_LIFETIME_S: `${lifetimeS}`,
  DATABASE: "sessions.sqlite3",
});

async function folderFor(t, files) {
  const folder = await folderWith(files);
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** `csrf` is what a server wants of a request of its own page. */
export const SERVERS = {
  Express: { start: startExpress, csrf: OWN_HEADER },
  axum: { start: startAxum, csrf: OWN_HEADER },
  Django: {
    start: startDjango,
    csrf: { headers: { "x-csrftoken": CSRF_TOKEN }, cookies: { csrftoken: CSRF_TOKEN } },
  },
};

/** Starts the Express server; `files` are those of a test, beside the recipe's or in their place, `entries` its pages. */
export async function startExpress(t, { lifetimeS = 900, files = {}, entries = ["index.js"], env = {} } = {}) {
  const front = await startLossy(t);
  const recipe = await filesOf("express");
  const { "session.js": session } = await filesOf("README");
  const folder = await folderFor(t, { "index.js": HANDLES, "session.js": session, "users.mjs": USERS, ...recipe, ...files });
  for (const entry of entries) await buildPage(folder, ...[entry].flat());
  front.serve(await startProgram(t, process.execPath, ["server.mjs"], { cwd: folder, env: { ...environment(front, lifetimeS), ...env } }));
  return { ...front, folder };
}

async function startAxum(t, { lifetimeS = 900 } = {}) {
  const front = await startLossy(t);
  const { "session.js": session } = await filesOf("README");
  const folder = await folderFor(t, { "index.js": HANDLES, "session.js": session });
  await buildPage(folder, "index.js");
  front.serve(await startProgram(t, `${root}target/debug/recipe-axum`, [], { cwd: folder, env: environment(front, lifetimeS) }));
  return front;
}

async function startDjango(t, { lifetimeS = 900 } = {}) {
  const front = await startLossy(t);
  const { "session.js": session, ...app } = await filesOf("django");
  const folder = await folderFor(t, { "index.js": HANDLES, "session.js": session, ...app, "keeping/__init__.py": "" });
  await buildPage(folder, "index.js");
  await mkdir(join(folder, "project"));
  for (const name of ["settings.py", "urls.py"]) await cp(`${here}/django/${name}`, join(folder, "project", name));
  await cp(`${here}/django/serve.py`, join(folder, "serve.py"));
  const env = { ...environment(front, lifetimeS), FOLDER: folder, USER_NAME: ADA.name, USER_PASSWORD: ADA.password };
  front.serve(await startProgram(t, djangoPython, ["-B", "serve.py"], { cwd: folder, env }));
  return front;
}

/** Asks a server without a browser. */
export function asker({ address }, csrf) {
  const post = (path, { cookie, headers = {}, body, isForged = false } = {}) => {
    const cookies = { ...(isForged ? {} : csrf.cookies), ...(cookie && { "__Host-refresh": cookie }) };
    const pairs = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
    return fetch(address + path, {
      method: "POST",
      headers: {
        ...(pairs.length && { cookie: pairs.join("; ") }),
        ...(isForged ? {} : csrf.headers),
        ...(body && { "content-type": "application/json" }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
  };
  const read = async (answer) => {
    const { status, headers } = answer;
    const set = headers.getSetCookie().find((field) => field.startsWith("__Host-refresh="));
    const text = await answer.text();
    const body = /json/.test(headers.get("content-type")) ? JSON.parse(text) : undefined;
    return { status, headers, set, cookie: set && /^[^=]+=([^;]*)/.exec(set)[1], body };
  };
  return {
    signIn: async ({ cookie, username = ADA.name, password = ADA.password, ...more } = {}) =>
      read(await post("/auth/login", { cookie, body: { username, password }, ...more })),
    renew: async (cookie, { idempotencyKey = randomUUID(), ...more } = {}) =>
      read(await post("/auth/refresh", { cookie, headers: idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }, ...more })),
    signOut: async (cookie, more = {}) => read(await post("/auth/logout", { cookie, ...more })),
    me: async (accessToken) => read(await fetch(`${address}/api/me`, { headers: accessToken ? { authorization: `Bearer ${accessToken}` } : {} })),
  };
}
