import assert from "node:assert/strict";
import { addressOf, endChild, startChild } from "../../e2e/support/child.mjs";

/** Starts a server that prints its address; resolves to that. It is ended with the test, and must not have ended before. */
export async function startProgram(t, program, args, { cwd, env }) {
  const child = startChild(program, args, { cwd, env: { ...process.env, ...env } });
  let complaints = "";
  child.stderr.on("data", (text) => (complaints += text));
  t.after(async () => assert.equal(await endChild(child), null, `the server ended by itself\n${complaints}`));
  return addressOf(child).catch((error) => {
    throw new Error(`${error.message}\n${complaints}`, { cause: error });
  });
}
