// Servers of projects: the tools' own, and a plain one for files.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { ENVIRONMENT } from "./project.mjs";

/** Long enough for a tool that compiles on two busy cores. */
const START_LIMIT_MS = 120_000;

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

const running = new Set();
const kill = (child) => {
  running.delete(child);
  try {
    // With all that it started.
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended.
  }
};
process.once("exit", () => running.forEach(kill));

/** Starts a tool that serves a project until the test ends; resolves to its address, which it prints. */
export async function startTool(t, folder, ...command) {
  const child = spawn(process.execPath, command, { cwd: folder, env: ENVIRONMENT, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const exit = once(child, "exit");
  t.after(async () => {
    kill(child);
    await exit;
  });
  let printed = "";
  return new Promise((resolve, reject) => {
    const refuse = (what) => reject(new Error(`${command.join(" ")} ${what}\n${printed}`));
    const timer = setTimeout(() => refuse("told no address"), START_LIMIT_MS);
    exit.then(([status]) => refuse(`ended with ${status}`), reject);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        printed += text;
        const address = /https?:\/\/localhost:\d+/.exec(printed)?.[0];
        if (!address) return;
        clearTimeout(timer);
        resolve(address);
      });
    }
  });
}

/** Serves the files of folders, the first that has one, until the test ends; resolves to the address. */
export async function serveFiles(t, ...folders) {
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const path = normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    for (const folder of folders) {
      const body = await readFile(join(folder, path)).catch(() => null);
      if (body) return response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(body);
    }
    response.writeHead(404).end();
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://localhost:${server.address().port}`;
}
