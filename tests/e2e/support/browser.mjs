import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { chromiumBinary } from "./environment.mjs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium, without a back/forward cache unless it is wanted; whoever starts it closes it. */
export const startBrowser = ({ hasCache = false } = {}) =>
  chromium.launch({ executablePath: chromiumBinary, args: FLAGS, ignoreDefaultArgs: hasCache ? ["--disable-back-forward-cache"] : [] });

/**
 * Starts Chromium as a user has it: its pages know when another tab hides them, its timers are held back
 * then, and it has a back/forward cache. Whoever starts it closes it. It has one profile.
 */
export async function startOrdinaryBrowser({ headless = true } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "sessionkeeper-profile-"));
  const flags = [...FLAGS, ...(headless ? ["--headless"] : []), "--remote-debugging-port=0", `--user-data-dir=${folder}`];
  const child = spawn(chromiumBinary, [...flags, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "exit");
  const close = async () => {
    kill();
    await ended;
    process.removeListener("exit", kill);
    // Its children write to the last.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    // Without `noDefaults`, Playwright has every page believe that it is in front.
    const browser = await chromium.connectOverCDP(await addressOf(child), { noDefaults: true });
    return { newContext: async () => browser.contexts()[0], close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function addressOf(child) {
  const complaints = [];
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Chromium did not start\n${complaints.join("\n")}`)));
    createInterface({ input: child.stderr }).on("line", (line) => {
      complaints.push(line);
      const address = /DevTools listening on (\S+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
  });
}
