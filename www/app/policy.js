import { byTestId, write } from "./dom.js";

// What the package's policies say, in words.
const POLICIES = {
  none: {},
  consumer: { idle: "30 min", warning: "1 min", maxAge: "30 days" },
  payments: { idle: "10 min", warning: "1 min", maxAge: "12 h" },
  admin: { idle: "15 min", warning: "1 min", maxAge: "8 h" },
  aal1: { maxAge: "30 days" },
  aal2: { idle: "60 min", warning: "2 min", maxAge: "24 h" },
  aal3: { idle: "15 min", warning: "1 min", maxAge: "12 h" },
};

// Timeouts and warnings in place of the policy's, for those who do not want to wait so long.
const TIMES = ["60s,20s", "3m,1m"];

const policy = byTestId("policy");
const times = byTestId("idle-times");
const note = byTestId("policy-note");

/**
 * The policy that the address asks for: `?policy=admin`, and in place of its times `&idle=60s&warning=20s`.
 * A warning of less than 20 s wants `&essential`, which WCAG 2.2.1 allows where a longer one would make no sense.
 */
export function chosenPolicy(claims, address = location) {
  const query = new URLSearchParams(address.search);
  const { name, timeout, warning } = asked(query);
  const idle = timeout || warning ? { timeout, warning, essential: query.has("essential") } : undefined;
  // The token of a step-up lives short under any policy.
  const lifetime = claims?.acr === "aal2" ? { min: 0 } : undefined;
  return { extends: name === "none" ? undefined : name, idle, lifetime };
}

/** Lets the next sign-in be by the policy that is chosen in the form. The address keeps it for a reload. */
export function watchPolicy() {
  const { name, timeout, warning } = asked(new URLSearchParams(location.search));
  policy.append(...Object.keys(POLICIES).map((each) => new Option(each, each)));
  policy.value = name;

  const own = `${timeout ?? ""},${warning ?? ""}`;
  const offered = new Set([",", ...TIMES, own]);
  times.append(...[...offered].map((each) => new Option(inWords(each), each)));
  times.value = own;

  for (const select of [policy, times]) select.addEventListener("change", keep);
  describe();
}

function asked(query) {
  const given = (member) => query.get(member) || undefined;
  return { name: given("policy") ?? "none", timeout: given("idle"), warning: given("warning") };
}

function keep() {
  const address = new URL(location.href);
  const [timeout, warning] = times.value.split(",");
  const members = { policy: policy.value === "none" ? "" : policy.value, idle: timeout, warning };
  for (const [member, value] of Object.entries(members)) {
    if (value) address.searchParams.set(member, value);
    else address.searchParams.delete(member);
  }
  history.replaceState(history.state, "", address);
  describe();
}

const plain = (duration) => duration.replace(/^(\d+)([a-z]+)$/, (_, number, unit) => `${number} ${unit === "m" ? "min" : unit}`);

function inWords(own) {
  const [timeout, warning] = own.split(",");
  if (!timeout && !warning) return "by the policy";
  return [timeout, warning].map((each) => (each ? plain(each) : "…")).join(" / ");
}

function describe() {
  const [timeout, warning] = times.value.split(",");
  const said = POLICIES[policy.value] ?? {};
  const idle = timeout ? plain(timeout) : said.idle ?? (warning && "30 min");
  const before = warning ? plain(warning) : said.warning ?? "1 min";
  const sentences = [idle ? `Signs out after ${idle} without activity, and warns ${before} before.` : "Does not sign out for inactivity."];
  if (said.maxAge) sentences.push(`Signs out after ${said.maxAge} in any case.`);
  write(note, sentences.join(" "));
}
