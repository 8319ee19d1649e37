// Measures the package beside its peers, in one run of one Chromium, in turn.
//
//   node benches/browser/run.mjs --document docs/benchmarks.md --picture docs/benchmarks.svg [--figures FILE]
//
// `cargo xtask bench` does that, with everything installed. With `--draw`, what is in the file of figures is drawn
// once more, and nothing is measured.

import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { startBrowser } from "../../tests/e2e/support/browser.mjs";
import { root } from "../../tests/e2e/support/environment.mjs";
import { IDLE_PEER } from "../../tests/e2e/support/idle-peer.mjs";
import { bundle, fileName, filesOf } from "./bundles.mjs";
import { bytes } from "./measures/bytes.mjs";
import { activity, reading, requests } from "./measures/calls.mjs";
import { lateness, RENEWING } from "./measures/lateness.mjs";
import { underActivity, wakeUps } from "./measures/quiet.mjs";
import { linearMemory, load } from "./measures/start-up.mjs";
import { CONTENDERS, versions } from "./peers.mjs";
import { draw } from "./picture.mjs";
import { document, ratios } from "./report.mjs";
import { serve } from "./serving.mjs";
import { summary } from "./statistics.mjs";

const { values: options } = parseArgs({
  options: {
    document: { type: "string", default: `${root}docs/benchmarks.md` },
    picture: { type: "string", default: `${root}docs/benchmarks.svg` },
    figures: { type: "string", default: `${root}target/benchmarks.json` },
    draw: { type: "boolean", default: false },
    /** How often each is loaded. */
    loads: { type: "string", default: "21" },
  },
});
const LOADS = Number(options.loads);

const say = (text) => console.error(`bench: ${text}`);

/** @typedef {Record<string, Record<string, any>>} Figures By measure, then by contender. */

async function measure() {
  const served = new Map();
  const figures = { bytes: {}, memory: {}, evaluate: {}, start: {}, loopback: {}, heap: {}, linear: {}, wakeUps: {}, timers: {}, lateness: {}, body: {}, dispatch: {}, reading: {}, request: {} };

  say("bundling");
  for (const contender of CONTENDERS) {
    const files = await filesOf(contender);
    figures.bytes[contender.name] = bytes(files.values());
    // What the page has in any case has to be in what it runs.
    if (contender.external) files.set(`${fileName(contender.name)}.js`, Buffer.from(await bundle(contender.source)));
    for (const [name, content] of files) served.set(`/bundles/${name}`, content);
  }
  served.set("/bundles/idle-peer.js", await bundle(IDLE_PEER));
  const scriptOf = (name) => `/bundles/${fileName(name)}.js`;
  const scripts = {
    ours: scriptOf("sessionkeeper, one file"),
    idlePeer: "/bundles/idle-peer.js",
    jwtDecode: scriptOf("jwt-decode"),
    jose: scriptOf("jose"),
    okta: scriptOf("@okta/okta-auth-js"),
    auth0: scriptOf("@auth0/auth0-spa-js"),
  };

  const server = await serve(served);
  const browser = await startBrowser();
  const { address } = server;
  try {
    // Those that want React in any case are no start-up of their own.
    const loaded = CONTENDERS.filter(({ external }) => !external);
    const loads = { memory: {}, server: {} };
    for (let round = 0; round < LOADS; round++) {
      say(`start-up, round ${round + 1} of ${LOADS}`);
      for (const from of ["memory", "server"]) {
        // Each is the first as often as any other.
        const first = round % loaded.length;
        for (const { name, driver, module } of [...loaded.slice(first), ...loaded.slice(0, first)]) {
          const what = { script: scriptOf(name), driver, module: module && `/bundles/${module}`, from };
          (loads[from][name] ??= []).push(await load(browser, address, what));
        }
      }
    }
    for (const { name, driver, module } of loaded) {
      const kept = (from, member) => summary(loads[from][name].map((each) => each[member]));
      figures.evaluate[name] = kept("memory", "evaluate");
      if (!driver) continue;
      figures.start[name] = kept("memory", "start");
      figures.loopback[name] = kept("server", "start");
      figures.heap[name] = kept("server", "heap");
      figures.linear[name] = await linearMemory(browser, address, { script: scriptOf(name), driver, module: module && `/bundles/${module}` });
    }

    for (const { name, driver } of CONTENDERS.filter(({ driver, module }) => driver && !module)) {
      say(`a day of ${name}, visible and hidden`);
      figures.wakeUps[name] = await wakeUps(browser, address, driver, scriptOf(name));
    }
    say("an hour of activity");
    figures.timers["sessionkeeper, one file"] = await underActivity(browser, address, "ours", scripts.ours);
    figures.timers["react-idle-timer"] = await underActivity(browser, address, "peer", scripts.idlePeer);

    say("lateness of renewals, a minute or two");
    const late = await Promise.all(
      RENEWING.map(async (driver) => {
        const name = driver === "sessionkeeper" ? "sessionkeeper, one file" : driver;
        return [name, await lateness(browser, address, driver, scriptOf(name))];
      }),
    );
    figures.lateness = Object.fromEntries(late);

    say("activities, tokens, requests");
    const { bodies, dispatches } = await activity(browser, address, scripts);
    for (const [measure, times] of [["body", bodies], ["dispatch", dispatches]]) {
      figures[measure]["sessionkeeper, one file"] = summary(times.ours);
      figures[measure]["react-idle-timer"] = summary(times.peer);
    }
    const { length, times } = await reading(browser, address, scripts);
    for (const [way, took] of Object.entries(times)) figures.reading[way === "ours" ? "sessionkeeper, one file" : way] = summary(took);
    const { plain, ours, "@auth0/auth0-spa-js": auth0 } = await requests(browser, address, scripts);
    const without = summary(plain).median;
    const more = (took) => summary(took.map((each) => each - without));
    figures.request = { "sessionkeeper, one file": more(ours), "@auth0/auth0-spa-js": more(auth0) };
    const machine = { cores: cpus().length, model: cpus()[0]?.model ?? "unknown", chromium: browser.version(), node: process.version, platform: `${process.platform} ${process.arch}`, tokenLength: length, loads: LOADS, plainMicros: without };
    return { machine, versions: await versions(), figures };
  } finally {
    await browser.close();
    server.close();
  }
}

const results = options.draw ? JSON.parse(await readFile(options.figures, "utf8")) : await measure();
if (!options.draw) await writeFile(options.figures, JSON.stringify(results, null, 2));
console.log(ratios(results));
await writeFile(options.document, await document(results, await readFile(options.document, "utf8")));
await writeFile(options.picture, draw(results));
say(`written: ${options.document}, ${options.picture}`);
