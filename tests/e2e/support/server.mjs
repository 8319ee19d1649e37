import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { packageFolder, PATIENCE_MS, root, serverBinary } from "./environment.mjs";

const run = promisify(execFile);

const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/**
 * Starts the sample server with these flags, on a free port and with a database of its own.
 *
 * `address` is its origin; `faults(…)` arms these faults in place of those that are armed, and needs the flag
 * `--faults`; `trail()` reads its audit trail, of one kind if one is given; `operate(…)` runs an operator's command
 * on it; `halt()` ends it for as long as until
 * `restart()` starts it again, at the same address and with what it knew; `stop()` ends it, and fails when it had
 * ended by itself. `operate(…)` gives one of the operator's commands.
 */
export async function startServer(...flags) {
  const folder = await mkdtemp(join(tmpdir(), "sessionkeeper-e2e-"));
  const database = join(folder, "sample.sqlite3");
  let complaints = "";
  let child;

  const start = async (port) => {
    const args = ["--port", port, "--database", database, "--package", packageFolder, ...flags];
    child = spawn(serverBinary, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    child.stderr.on("data", (text) => (complaints += text));
    return addressOf(child).catch(async (error) => {
      await end();
      await rm(folder, { recursive: true, force: true });
      throw new Error(`${error.message}\n${complaints}`, { cause: error });
    });
  };
  /** Resolves to how it had ended by itself, null if it had not. */
  const end = async () => {
    running.delete(child);
    const ended = child.exitCode ?? child.signalCode;
    if (ended === null && child.pid) {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    }
    return ended;
  };
  const trouble = () => `the server ended by itself\n${complaints}`;
  const address = await start("0");

  return {
    address,

    async faults(...faults) {
      const ask = (method, body) =>
        fetch(`${address}/faults`, { method, headers: { "content-type": "application/json", "x-csrf": "1" }, body });
      assert.equal((await ask("DELETE")).status, 204);
      for (const fault of faults) {
        const answer = await ask("POST", JSON.stringify(fault));
        assert.equal(answer.status, 201, await answer.text());
      }
    },

    async trail(kind) {
      const { stdout } = await run(serverBinary, ["audit", "--database", database, "--json"]);
      const rows = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
      return kind ? rows.filter((row) => row.kind === kind) : rows;
    },

    async operate(...command) {
      await run(serverBinary, [...command, "--database", database]);
    },

    async halt() {
      assert.equal(await end(), null, trouble());
    },

    async restart() {
      assert.equal(await start(new URL(address).port), address);
    },

    async stop() {
      const ended = running.has(child) ? await end() : null;
      await rm(folder, { recursive: true, force: true });
      assert.equal(ended, null, trouble());
    },
  };
}

/** Resolves to the address that a server prints when it listens. */
export async function addressOf(child) {
  const lines = createInterface({ input: child.stdout });
  const found = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => reject(new Error(`the server ended with ${status} before it listened`)));
    setTimeout(() => reject(new Error(`the server told no address within ${PATIENCE_MS} ms`)), PATIENCE_MS).unref();
    lines.on("line", (line) => {
      const address = /listening on (\S+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
  });
  return found;
}
