// The loopback server: a blank page, and whatever files a measurement gives it. Nothing is kept by the browser.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, extname } from "node:path";
import { packageFolder } from "../../tests/e2e/support/environment.mjs";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

/** What makes a page isolated, so that its clock ticks in 5 µs and not in 100. */
const HEADERS = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

export async function serve(files) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const name = basename(pathname);
    const folder = pathname.startsWith("/pkg/") ? packageFolder : new URL("in-page", import.meta.url).pathname;
    const read = () => readFile(`${folder}/${name}`).catch(() => undefined);
    const body = pathname === "/" ? "<!doctype html><title>bench</title><link rel=icon href=data:,>" : (files.get(pathname) ?? (await read()));
    const type = pathname === "/" ? "text/html" : (TYPES[extname(name)] ?? "text/plain");
    response.writeHead(body === undefined ? 404 : 200, { ...HEADERS, "content-type": type }).end(body);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address();
  return {
    address: `http://localhost:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
