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

/**
 * Starts the sample server with these flags, on a free port and with a database of its own.
 *
 * `address` is its origin; `faults(…)` arms these faults in place of those that are armed, and needs the flag
 * `--faults`; `trail()` reads its audit trail, of one kind if one is given; `stop()` ends it, and fails when it
 * had ended by itself.
 */
export async function startServer(...flags) {
  const folder = await mkdtemp(join(tmpdir(), "sessionkeeper-e2e-"));
  const database = join(folder, "sample.sqlite3");
  const child = spawn(
    serverBinary,
    ["--port", "0", "--database", database, "--package", packageFolder, ...flags],
    { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
  );
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let complaints = "";
  child.stderr.on("data", (text) => (complaints += text));
  const address = await addressOf(child).catch(async (error) => {
    kill();
    await rm(folder, { recursive: true });
    throw new Error(`${error.message}\n${complaints}`, { cause: error });
  });

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

    async stop() {
      process.removeListener("exit", kill);
      const ended = child.exitCode ?? child.signalCode;
      if (ended === null) {
        const exit = once(child, "exit");
        kill();
        await exit;
      }
      await rm(folder, { recursive: true });
      assert.equal(ended, null, `the server ended by itself\n${complaints}`);
    },
  };
}

async function addressOf(child) {
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
