// What must hold of the readers of outside values, whatever the values. FUZZ_RUNS=1000000 looks for longer; a run that
// fails prints the value and its seed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import fc from "fast-check";
import { readAnswer } from "../../js/answer.js";
import { milliseconds } from "../../js/duration.js";

const numRuns = Number(process.env.FUZZ_RUNS ?? 3000);
/** @type {(what: string, ...property: any[]) => void} */
const holds = (what, ...property) => test(what, () => fc.assert(fc.property(...property), { numRuns }));

const MEMBERS = ["access_token", "token_type", "expires_in", "expires_at", "session_expires_in"];
const CORPUS = readFileSync(new URL("../fuzz/corpus/answer.jsonl", import.meta.url), "utf8").trim().split("\n");

// Values that come close to something.
const digits = fc.stringMatching(/^[0-9.eExX+\- ]{0,24}$/);
const near = fc.oneof(
  digits, fc.nat(), fc.double(), fc.maxSafeInteger(), fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.stringMatching(/^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2}))?$/),
  fc.constantFrom("Bearer", "bearer", "a.b.c", "", " ", "9".repeat(400), "0.0000001", "2023-02-30", "1e3", "Infinity", null, undefined, [], [5], {}, true),
  fc.anything(),
);
const member = fc.constantFrom(...MEMBERS, "data", "constructor", "__proto__", "0");
const invented = fc.dictionary(member, fc.oneof(near, fc.dictionary(member, near), fc.array(near, { maxLength: 3 })));
const known = fc.tuple(fc.constantFrom(...CORPUS), member, near).map(([line, key, value]) => {
  const body = JSON.parse(line);
  // An own member, whatever its name.
  if (body && typeof body === "object") Object.defineProperty(body, key, { value, enumerable: true, configurable: true, writable: true });
  return body;
});
const body = fc.oneof(invented, known, fc.jsonValue(), fc.anything());
const path = fc.oneof(member, fc.array(member, { minLength: 1, maxLength: 3 }).map((keys) => keys.join(".")), fc.string());
const mapping = fc.record(
  { accessToken: path, expiresIn: path, expiresAt: path, sessionExpiresIn: path, expiresInUnit: fc.constantFrom("s", "ms") },
  { requiredKeys: [] },
);

/** The answer; undefined where it is refused, which is the only way to fail. */
function read(value, paths) {
  try {
    return readAnswer(value, undefined, paths);
  } catch (error) {
    assert.equal(error.code, "ERR_BAD_ANSWER", String(error));
    return undefined;
  }
}

const found = (answer) => Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== undefined));

function assertSound(value, paths) {
  const answer = read(value, paths);
  if (!answer) return;
  for (const name of Object.keys(answer)) assert.ok(MEMBERS.includes(name), name);
  const { access_token, token_type, expires_in, expires_at, session_expires_in } = answer;
  if (access_token !== undefined) {
    assert.equal(typeof access_token, "string");
    assert.doesNotThrow(() => new Headers({ authorization: `Bearer ${access_token}` }));
    assert.ok([...access_token].every((symbol) => symbol > " " && symbol <= "~") && access_token);
  }
  if (token_type !== undefined) assert.equal(token_type.toLowerCase(), "bearer");
  for (const seconds of [expires_in, session_expires_in]) assert.ok(seconds === undefined || (seconds >= 0 && Number.isFinite(seconds)), seconds);
  assert.ok(expires_at === undefined || Number.isFinite(expires_at), expires_at);
  // What was read once says the same again. A date before 1970 is left to the core.
  if (!(expires_at < 0)) assert.deepEqual(found(readAnswer(found(answer))), found(answer));
}

test("the answers that are kept", () => {
  for (const line of CORPUS) assertSound(JSON.parse(line), {});
});

holds("any answer is read soundly, or refused", body, mapping, assertSound);

holds("a secret is not in the error", fc.string({ minLength: 12 }), fc.constantFrom(...MEMBERS), (secret, name) => {
  for (const value of [`${secret} é`, [secret], { secret }]) {
    assert.throws(() => readAnswer({ [name]: value }), (error) => error.code === "ERR_BAD_ANSWER" && !`${error.stack} ${error.cause}`.includes(secret));
  }
});

const key = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !text.includes("."));
holds("a value is found where it stands, and nowhere else", fc.array(key, { minLength: 1, maxLength: 4 }), fc.nat(), fc.boolean(), (keys, seconds, inherited) => {
  const own = (value, name) => Object.defineProperty({}, name, { value, enumerable: true });
  const holder = keys.reduceRight((value, name) => (inherited ? Object.create(own(value, name)) : own(value, name)), seconds);
  assert.equal(readAnswer(holder, undefined, { expiresIn: keys.join(".") }).expires_in, inherited ? undefined : seconds);
});

holds("a span is the same as a number, as text, and in milliseconds", fc.nat(), fc.nat({ max: 999 }), (whole, thousandths) => {
  const text = `${whole}.${String(thousandths).padStart(3, "0")}`;
  for (const value of [text, Number(text)]) {
    assert.equal(readAnswer({ expires_in: value }).expires_in, Number(text));
    const inMillis = readAnswer({ expires_in: value }, undefined, { expiresInUnit: "ms" });
    assert.equal(inMillis.expires_in, Number(text) / 1000);
  }
});

const isDigits = (part) => [...part].every((symbol) => symbol >= "0" && symbol <= "9");
holds("numeric text is digits, and perhaps a fraction", digits, (text) => {
  const parts = text.split(".");
  const isNumber = parts.length <= 2 && parts.every((part) => part !== "" && isDigits(part));
  assert.equal(read({ expires_in: text })?.expires_in, isNumber ? Number(text) : undefined, text);
});

holds("nothing but an object is an answer", fc.anything().filter((value) => typeof value !== "object" || !value || Array.isArray(value)), (value) => {
  assert.deepEqual(read(value), value === undefined ? {} : undefined);
});

holds("null is as good as nothing", invented, fc.constantFrom(...MEMBERS), (value, name) => {
  const { [name]: _, ...rest } = value;
  assert.deepEqual(read({ ...rest, [name]: null }), read(rest));
});

const LAST = Date.UTC(9999, 11, 30);
const instant = fc.date({ min: new Date(86_400_000), max: new Date(LAST), noInvalidDate: true });
holds("a date is the same in every form", instant, fc.integer({ min: -840, max: 840 }), fc.boolean(), (date, offset, spaced) => {
  const two = (number) => String(number).padStart(2, "0");
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.trunc(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  for (const text of [date.toISOString(), local + zone, date.toISOString().toLowerCase()]) {
    const given = spaced ? text.replace(/t/i, " ") : text;
    assert.equal(readAnswer({ expires_at: given }).expires_at, date.getTime() / 1000, given);
  }
});

holds("a day that no calendar has is no date", fc.integer({ min: 1970, max: 2400 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 99 }), (year, month, day) => {
  const text = [year, month, day].map((number) => String(number).padStart(2, "0")).join("-");
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  for (const given of [text, `${text}T00:00:00Z`]) {
    assert.equal(read({ expires_at: given })?.expires_at, exists ? date.getTime() / 1000 : undefined, given);
  }
});

const UNITS = new Map([["ms", 1], ["s", 1000], ["m", 60_000], ["h", 3_600_000], ["d", 86_400_000]]);
/** The milliseconds of a text, told once more and slowly. */
function spanOf(text) {
  const unit = [...UNITS.keys()].find((name) => text.endsWith(name));
  const amount = text.slice(0, text.length - (unit?.length ?? 0));
  const [whole, fraction, ...more] = amount.split(".");
  const isNumber = isDigits(whole) && (fraction === undefined ? whole !== "" : isDigits(fraction) && fraction !== "");
  const span = unit && isNumber && !more.length ? Number(amount) * UNITS.get(unit) : NaN;
  return span < Infinity ? span : NaN;
}

const duration = fc.oneof(fc.stringMatching(/^[0-9.]{0,6}(ms|s|m|h|d|w|S)?$/), fc.stringMatching(/^[0-9.smhd+e -]{0,8}$/), fc.string());
holds("a duration is a number with a unit", duration, (text) => assert.equal(milliseconds(text), spanOf(text), text));

holds("a duration of milliseconds is finite and not negative", fc.oneof(fc.double(), fc.integer()), (span) => {
  assert.equal(milliseconds(span), span >= 0 && span < Infinity ? span : NaN);
});

const other = fc.oneof(fc.constantFrom(["30s"], [30], { toString: () => "30s" }, 30n), fc.anything());
holds("nothing else is a duration", other.filter((value) => !/number|string/.test(typeof value)), (value) => {
  assert.equal(milliseconds(value), NaN);
});
