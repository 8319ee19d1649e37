import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { addressOf, endChild, isRunning, startChild } from "./child.mjs";
import { packageFolder, root, serverBinary } from "./environment.mjs";

const run = promisify(execFile);

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
    child = startChild(serverBinary, args, { cwd: root });
    child.stderr.on("data", (text) => (complaints += text));
    return addressOf(child).catch(async (error) => {
      await endChild(child);
      await rm(folder, { recursive: true, force: true });
      throw new Error(`${error.message}\n${complaints}`, { cause: error });
    });
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
      assert.equal(await endChild(child), null, trouble());
    },

    async restart() {
      assert.equal(await start(new URL(address).port), address);
    },

    async stop() {
      const ended = isRunning(child) ? await endChild(child) : null;
      await rm(folder, { recursive: true, force: true });
      assert.equal(ended, null, trouble());
    },
  };
}
