// The figures as tables: ratios first, then each measure with its spread.

/** @typedef {{ machine: any, versions: Record<string, string>, figures: import("./run.mjs").Figures }} Results */

const TWO = "sessionkeeper, two files";
const ONE = "sessionkeeper, one file";
const COLUMNS = [
  "oidc-client-ts",
  "react-idle-timer",
  "jwt-decode",
  "oidc-client-ts + react-idle-timer + jwt-decode",
  "jose",
  "keycloak-js",
  "@supabase/auth-js",
  "@okta/okta-auth-js",
  "@auth0/auth0-spa-js",
  "@azure/msal-browser",
];

const SHORT = { "oidc-client-ts + react-idle-timer + jwt-decode": "these three together", "@supabase/auth-js": "supabase auth-js" };

/** A contender's name where there is little room. */
export const short = (name) => SHORT[name] ?? name.replace(/^@\w+\//, "");

const median = (summary) => summary?.median;

/**
 * A measure: what is shown of it, for each contender the number that is compared, and the unit. Less is better in all.
 *
 * @typedef {{ title: string, ours?: string, unit: string, digits: number, of: (figures: any, name: string) => number | undefined }} Measure
 */

export const MEASURES = [
  { title: "bytes by brotli, two files", ours: TWO, unit: "B", digits: 0, of: (figures, name) => figures.bytes[name]?.brotli },
  { title: "bytes by brotli, one file", unit: "B", digits: 0, of: (figures, name) => figures.bytes[name]?.brotli },
  { title: "evaluation, from memory, one file", unit: "ms", digits: 1, of: (figures, name) => median(figures.evaluate[name]) },
  { title: "start-up, from memory, two files", ours: TWO, unit: "ms", digits: 1, of: (figures, name) => median(figures.start[name]) },
  { title: "start-up, from memory, one file", unit: "ms", digits: 1, of: (figures, name) => median(figures.start[name]) },
  { title: "start-up, from a server, two files", ours: TWO, unit: "ms", digits: 1, of: (figures, name) => median(figures.loopback[name]) },
  { title: "start-up, from a server, one file", unit: "ms", digits: 1, of: (figures, name) => median(figures.loopback[name]) },
  { title: "memory of JavaScript, two files", ours: TWO, unit: "KiB", digits: 0, of: (figures, name) => kib(median(figures.heap[name])) },
  { title: "memory of JavaScript, one file", unit: "KiB", digits: 0, of: (figures, name) => kib(median(figures.heap[name])) },
  { title: "memory of WebAssembly", unit: "KiB", digits: 0, of: (figures, name) => kib(figures.linear[name]) },
  { title: "wake-ups in an hour, visible", unit: "", digits: 1, of: (figures, name) => figures.wakeUps[name]?.visible.fired },
  { title: "wake-ups in an hour, hidden", unit: "", digits: 1, of: (figures, name) => figures.wakeUps[name]?.hidden.fired },
  { title: "timers set in an hour of activity", unit: "", digits: 0, of: (figures, name) => figures.timers[name]?.set },
  { title: "timers put off in an hour of activity", unit: "", digits: 0, of: (figures, name) => figures.timers[name]?.putOff },
  { title: "lateness of a renewal, median", unit: "ms", digits: 1, of: (figures, name) => median(figures.lateness[name]) },
  { title: "lateness of a renewal, 95th percentile", unit: "ms", digits: 1, of: (figures, name) => figures.lateness[name]?.p95 },
  { title: "an activity, the handler", unit: "ns", digits: 1, of: (figures, name) => median(figures.body[name]) },
  { title: "an activity, with its dispatch", unit: "ns", digits: 0, of: (figures, name) => median(figures.dispatch[name]) },
  { title: "`exp` of a token; ours adopts it", unit: "µs", digits: 1, of: (figures, name) => median(figures.reading[name]) },
  { title: "what a request takes more", unit: "µs", digits: 1, of: (figures, name) => median(figures.request[name]) },
];

function kib(bytes) {
  return bytes === undefined ? undefined : bytes / 1024;
}

export const oursOf = ({ ours = ONE }) => ours;

const cell = (...cells) => `| ${cells.join(" | ")} |`;

/** A number with its thousands apart, and without decimals where there are none. */
export function number(value, digits) {
  const text = value.toFixed(Number.isInteger(value) || value >= 1000 ? 0 : digits);
  return text.includes(".") ? text : text.replace(/\B(?=(\d{3})+$)/g, ",");
}

function ratio(theirs, ours) {
  if (ours === 0) return theirs === 0 ? "0" : `${number(theirs, 0)}, not 0`;
  const times = theirs / ours;
  return times === 0 ? "0" : `× ${times < 0.095 ? times.toFixed(2) : times < 9.95 ? times.toFixed(1) : number(times, 0)}`;
}

/** One table: what ours is, and how many times that theirs are. */
export function ratios({ figures }) {
  const rows = MEASURES.map((measure) => {
    const { title, unit, digits, of } = measure;
    const ours = of(figures, oursOf(measure));
    const theirs = COLUMNS.map((name) => of(figures, name)).map((value) => (value === undefined ? "–" : ratio(value, ours)));
    return cell(title, `${number(ours, digits)} ${unit}`.trim(), ...theirs);
  });
  return [cell("less is better", "sessionkeeper", ...COLUMNS.map(short)), cell("---", ...["", ...COLUMNS].map(() => "--:")), ...rows].join("\n");
}

/** Where a peer is better by more than a tenth: that is said, whatever it is. */
function losses({ figures }) {
  return MEASURES.flatMap((measure) => {
    const ours = measure.of(figures, oursOf(measure));
    const better = COLUMNS.filter((name) => (measure.of(figures, name) ?? Infinity) < ours * 0.9);
    if (!better.length) return [];
    const text = better.map((name) => `${short(name)} (${number(measure.of(figures, name), measure.digits)})`);
    return [`- **${measure.title}**, ${number(ours, measure.digits)} ${measure.unit}`.trimEnd() + `: better are ${text.join(", ")}.`];
  }).join("\n");
}

function details({ figures }) {
  const names = [TWO, ONE, ...COLUMNS];
  const spread = (summary, digits, by = 1) =>
    summary ? `${number(summary.median / by, digits)} (${number(summary.low / by, digits)} to ${number(summary.high / by, digits)})` : "–";
  const table = (head, row) => {
    const rows = names.map((name) => [name, ...row(name)]).filter(([, ...cells]) => cells.some((text) => text !== "–"));
    return [cell(...head), cell(...head.map((_, place) => (place ? "--:" : "---"))), ...rows.map((cells) => cell(...cells))].join("\n");
  };
  const plain = (value, digits = 0) => (value === undefined ? "–" : number(value, digits));
  return [
    "### Bytes\n",
    table(["", "as they are", "gzip -9", "brotli -11"], (name) => {
      const { raw, gzip, brotli } = figures.bytes[name];
      return [raw, gzip, brotli].map((bytes) => plain(bytes));
    }),
    "\n### Start-up, in milliseconds\n",
    table(["", "evaluated, from memory", "a session object, from memory", "the same, from a server"], (name) => [
      spread(figures.evaluate[name], 2),
      spread(figures.start[name], 2),
      spread(figures.loopback[name], 2),
    ]),
    "\n### Memory once the object is there, in KiB\n",
    table(["", "JavaScript", "WebAssembly"], (name) => [spread(figures.heap[name], 0, 1024), plain(figures.linear[name] === undefined ? undefined : figures.linear[name] / 1024)]),
    "\n### In an hour in which nothing happens\n",
    table(["", "wake-ups, visible", "renewals, visible", "wake-ups, hidden", "renewals, hidden"], (name) => {
      const measured = figures.wakeUps[name];
      if (!measured) return ["–", "–", "–", "–"];
      const { visible, hidden, renewsByItself } = measured;
      const renewed = ({ renewed }) => (renewsByItself ? plain(renewed, 1) : "only when asked");
      return [plain(visible.fired, 1), renewed(visible), plain(hidden.fired, 1), renewed(hidden)];
    }),
    "\n### In an hour in which the pointer never rests\n",
    table(["", "timers set", "timers put off"], (name) => [plain(figures.timers[name]?.set), plain(figures.timers[name]?.putOff)]),
    "\n### Lateness of a renewal in a visible page, in milliseconds\n",
    table(["", "median", "95th percentile"], (name) => [spread(figures.lateness[name], 1), plain(figures.lateness[name]?.p95, 1)]),
    "\n### Calls\n",
    table(["", "an activity's handler, ns", "with its dispatch, ns", "`exp` of a token, µs", "what a request takes more, µs"], (name) => [
      spread(figures.body[name], 1),
      spread(figures.dispatch[name], 0),
      spread(figures.reading[name], 2),
      spread(figures.request[name], 1),
    ]),
  ].join("\n");
}

function machineOf({ machine, versions }) {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Chromium ${machine.chromium}, Node.js ${machine.node.slice(1)}, ${machine.platform}, ${machine.cores} cores (${machine.model}).`,
    `Peers: ${packages.join(", ")}.`,
  ].join(" ");
}

/**
 * The document with its generated parts anew: what stands between `<!-- NAME -->` and `<!-- /NAME -->`.
 */
export async function document(results, text) {
  const parts = { ratios: ratios(results), losses: losses(results), details: details(results), machine: machineOf(results) };
  for (const [name, part] of Object.entries(parts)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the document has no place for ${begin}`);
    text = `${text.slice(0, from + begin.length)}\n\n${part}\n\n${text.slice(to)}`;
  }
  return text;
}
