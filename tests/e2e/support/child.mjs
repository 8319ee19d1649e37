// Servers that a test starts as processes of their own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { PATIENCE_MS } from "./environment.mjs";

const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts a program, which does not outlive the tests. */
export function startChild(program, args, options) {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  return child;
}

/** Whether nobody has ended it yet. */
export const isRunning = (child) => running.has(child);

/** Ends it; resolves to how it had ended by itself, null if it had not. */
export async function endChild(child) {
  running.delete(child);
  const ended = child.exitCode ?? child.signalCode;
  if (ended === null && child.pid) {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }
  return ended;
}

/** Resolves to the address that a server prints when it listens. */
export async function addressOf(child) {
  const lines = createInterface({ input: child.stdout });
  const found = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => reject(new Error(`the server ended with ${status} before it listened`)));
    setTimeout(() => reject(new Error(`the server told no address within ${PATIENCE_MS} ms`)), PATIENCE_MS).unref();
    lines.on("line", (line) => {
      const address = /listening on (\S+)/i.exec(line)?.[1];
      if (address) resolve(address);
    });
  });
  return found;
}
