import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { addressOf } from "../../e2e/support/server.mjs";

const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts a server that prints its address; resolves to that. It is ended with the test, and must not have ended before. */
export async function startProgram(t, program, args, { cwd, env }) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let complaints = "";
  child.stderr.on("data", (text) => (complaints += text));
  t.after(async () => {
    running.delete(child);
    const ended = child.exitCode ?? child.signalCode;
    if (ended === null && child.pid) {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    }
    assert.equal(ended, null, `the server ended by itself\n${complaints}`);
  });
  return addressOf(child).catch((error) => {
    throw new Error(`${error.message}\n${complaints}`, { cause: error });
  });
}
