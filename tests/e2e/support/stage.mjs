import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { packageFolder } from "./environment.mjs";
import { eventually } from "./eventually.mjs";
import { accessToken } from "./json-web-token.mjs";
import { startVisit } from "./visit.mjs";

export const STRICT_CSP = "default-src 'none'; img-src data:; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
export const CSP_WITHOUT_WASM = "default-src 'none'; img-src data:; connect-src 'self'; script-src 'self'";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

/**
 * A server whose answers a test directs: a blank page, the package under /pkg/, and any number of
 * authorization servers, /NAME/login, /NAME/refresh and /NAME/logout, each with a cookie of its own.
 *
 * `requests` holds what came, in order. `answers` maps a path to `(request) => ({ status, headers, body })`,
 * which overrules what the path does otherwise. `hold(path)` keeps the answers of a path back until the
 * function that it returns is called. The stage keeps the time that `now` tells; `lifetimeS`, how long its
 * access tokens live, may be changed.
 */
export async function startStage(t, { csp = STRICT_CSP, lifetimeS = 900, now = Date.now } = {}) {
  const requests = [];
  const answers = new Map();
  const held = new Map();
  const live = new Set();

  const authorize = (name, action, cookies) => {
    const grant = () => {
      const value = randomUUID();
      live.add(value);
      const expiresIn = stage.lifetimeS;
      return {
        headers: { "content-type": "application/json", "set-cookie": `${name}=${value}; HttpOnly; SameSite=Strict; Path=/` },
        body: JSON.stringify({ access_token: accessToken(expiresIn, {}, now()), token_type: "Bearer", expires_in: expiresIn }),
      };
    };
    const presented = cookies[name];
    if (action === "login") return grant();
    const stands = live.delete(presented);
    if (action === "logout") return { status: 204, headers: { "set-cookie": `${name}=; Max-Age=0; HttpOnly; SameSite=Strict; Path=/` } };
    return stands ? grant() : { status: 401, headers: { "content-type": "application/json" }, body: '{"error":"invalid_grant"}' };
  };

  const answer = async (request) => {
    const direct = answers.get(request.path);
    if (direct) return direct(request);
    if (request.path === "/") {
      return { headers: { "content-type": "text/html", "content-security-policy": csp }, body: "<!doctype html><title>stage</title><link rel=icon href=data:,>" };
    }
    if (request.path.startsWith("/pkg/")) {
      const file = basename(request.path);
      const body = await readFile(join(packageFolder, file)).catch(() => null);
      return body ? { headers: { "content-type": TYPES[extname(file)] ?? "text/plain" }, body } : { status: 404 };
    }
    const [, name, action] = /^\/([\w-]+)\/(login|refresh|logout)$/.exec(request.path) ?? [];
    return name ? authorize(name, action, request.cookies) : { status: 404 };
  };

  const server = createServer(async (message, response) => {
    const { pathname: path } = new URL(message.url, "http://localhost");
    const cookies = Object.fromEntries((message.headers.cookie ?? "").split("; ").map((pair) => pair.split("=")));
    const request = { method: message.method, path, headers: message.headers, cookies, body: "" };
    requests.push(request);
    request.body = await text(message);
    const { status = 200, headers = {}, body } = await answer(request);
    await held.get(path);
    const date = new Date(now()).toUTCString();
    response.writeHead(status, { date, "cache-control": "no-store", ...headers }).end(body);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });

  const stage = {
    address: `http://localhost:${server.address().port}`,
    requests,
    answers,
    lifetimeS,
    at: (path) => requests.filter((request) => request.path === path),

    hold(path) {
      const { promise, resolve } = withResolvers();
      held.set(path, promise);
      return () => {
        held.delete(path);
        resolve();
      };
    },
  };
  return stage;
}

/** Starts a stage and opens its blank page; `options` are those of both. */
export async function openStage(t, browser, options = {}) {
  const closing = [];
  // The page goes first, or it would complain of the server; and the server goes even if it did complain.
  t.after(async () => {
    try {
      await closing.pop()?.();
    } finally {
      for (const close of closing) await close();
    }
  });
  const after = (close) => closing.push(close);
  const stage = await startStage({ after }, options);
  const visit = await startVisit({ after }, browser, options);
  await visit.page.goto(stage.address);
  return { ...visit, stage };
}

/** What the browser prints when a renewal is refused. */
export const REFUSED = /status of 401 \(Unauthorized\) \(\S+\/refresh\)$/;

/** Resolves when so many requests have come to a path of the stage. */
export const came = (stage, path, count = 1) =>
  eventually(() => `${count} × ${path}, there were ${stage.at(path).length}`, () => stage.at(path).length >= count);

function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
