// A browser that is driven as W3C WebDriver has it: for those that Playwright cannot drive.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { firefoxBinary, geckodriverBinary, PATIENCE_MS } from "./environment.mjs";

/**
 * Starts Firefox with one page, which goes to an address, is reloaded, and runs functions; resolves to nothing where
 * there is none, or no driver for it. Whoever starts it closes it.
 */
export async function startFirefox() {
  if (!existsSync(firefoxBinary)) return undefined;
  const driver = spawn(geckodriverBinary, ["--port", "0"], { stdio: ["ignore", "pipe", "ignore"] });
  const end = () => driver.kill("SIGKILL");
  process.once("exit", end);
  const address = await addressOf(driver);
  if (!address) return undefined;

  const ask = async (method, path, body) => {
    const answer = await fetch(`${address}/session${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { value } = await answer.json();
    assert.equal(answer.status, 200, `${method} ${path}: ${value?.message}`);
    return value;
  };
  const options = { binary: firefoxBinary, args: ["-headless"] };
  const capabilities = { alwaysMatch: { "moz:firefoxOptions": options, timeouts: { script: PATIENCE_MS } } };
  const { sessionId } = await ask("POST", "", { capabilities }).catch((error) => {
    end();
    throw error;
  });

  return {
    goto: (url) => ask("POST", `/${sessionId}/url`, { url }),
    reload: () => ask("POST", `/${sessionId}/refresh`, {}),

    /** Resolves to what the function resolves to, with this input; the page's globals are those of its `window`. */
    async evaluate(act, input = null) {
      const script = `const done = arguments[1];
        Promise.resolve((${act})(arguments[0])).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const { value, error } = await ask("POST", `/${sessionId}/execute/async`, { script, args: [input] });
      assert.equal(error, undefined);
      return value;
    },

    async close() {
      try {
        await ask("DELETE", `/${sessionId}`);
      } finally {
        process.removeListener("exit", end);
        end();
      }
    },
  };
}

/** Resolves to where the driver listens; to nothing where there is none. */
async function addressOf(driver) {
  return new Promise((resolve, reject) => {
    driver.once("error", ({ code }) => (code === "ENOENT" ? resolve() : reject(new Error(code))));
    driver.once("exit", (status) => reject(new Error(`the driver of Firefox ended with ${status}`)));
    createInterface({ input: driver.stdout ?? [] }).on("line", (line) => {
      const port = /Listening on \S+:(\d+)/.exec(line)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
  });
}
