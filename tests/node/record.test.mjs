import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { RecordEntry } from "../../js/record.js";

const NAME = "https://app.example/auth/refresh";
const KEY = `sessionkeeper:${NAME}`;
const NUMBERS = [1, 1_700_000_000_000, 0, 1_700_000_100_000, 0, 0, 0, 4_294_967_295, 0, 7, 1];

/** Storage with room for so many characters. */
class Storage {
  entries = new Map();
  room = Infinity;
  getItem = (key) => this.entries.get(key) ?? null;
  removeItem = (key) => void this.entries.delete(key);

  setItem(key, text) {
    const others = [...this.entries].filter(([other]) => other !== key);
    if ([...others, [key, text]].flat().join("").length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.entries.set(key, String(text));
  }
}

let storage, missing, entry;
/** What scripts get for `localStorage`. */
const provide = (get) => Object.defineProperty(globalThis, "localStorage", { get, configurable: true });
const read = () => [...entry.read()];
const write = (...numbers) => entry.write(Float64Array.from(numbers));
const original = Object.getOwnPropertyDescriptor(globalThis, "localStorage");

beforeEach(() => {
  storage = new Storage();
  missing = [];
  provide(() => storage);
  entry = new RecordEntry(NAME, () => missing.push(NAME));
});
afterEach(() => {
  delete globalThis.localStorage;
  if (original) Object.defineProperty(globalThis, "localStorage", original);
});

test("what was written is read, by this object and by another", () => {
  assert.deepEqual(read(), []);
  write(...NUMBERS);
  assert.deepEqual(read(), NUMBERS);
  assert.deepEqual([...new RecordEntry(NAME, () => {}).read()], NUMBERS);
  assert.deepEqual([...storage.entries], [[KEY, NUMBERS.join(" ")]], "one entry");
  assert.deepEqual(missing, []);
});

test("a record without numbers is no entry", () => {
  write(...NUMBERS);
  write();
  assert.equal(storage.entries.size, 0);
  assert.deepEqual(read(), []);
});

test("what nobody wrote does no harm", () => {
  for (const text of ["", " ", "soon", '{"ended":true}', "NaN NaN NaN", "1 -1 9", "9".repeat(1 << 20), "1 ".repeat(1 << 20)]) {
    storage.entries.set(KEY, text);
    assert.ok(read().length <= 14, "a record that is longer than any");
  }
  assert.deepEqual(missing, []);
});

test("without storage the record lives as long as the object", () => {
  const denied = () => {
    throw new DOMException("denied", "SecurityError");
  };
  for (const get of [denied, () => null, () => undefined]) {
    missing = [];
    provide(get);
    entry = new RecordEntry(NAME, () => missing.push(NAME));
    assert.deepEqual(read(), []);
    write(...NUMBERS);
    assert.deepEqual(read(), NUMBERS);
    write();
    assert.deepEqual(read(), []);
    assert.ok(missing.length > 0, "it is said");
  }
});

test("what is handed over is not kept: its memory is the module's", () => {
  provide(() => null);
  const numbers = Float64Array.from(NUMBERS);
  entry.write(numbers);
  numbers.fill(0);
  assert.deepEqual(read(), NUMBERS);
});

test("a full storage keeps nothing that is no longer true, and what there is room for", () => {
  write(1, 0, 1);
  storage.room = KEY.length + 5;
  write(...NUMBERS);
  assert.deepEqual(read(), NUMBERS);
  assert.equal(storage.entries.size, 0);
  assert.ok(missing.length > 0);
  write(1, 0, 1);
  assert.deepEqual([...storage.entries], [[KEY, "1 0 1"]]);
  assert.deepEqual(read(), [1, 0, 1]);
  write(...NUMBERS);
  assert.ok(missing.length > 0, "it is said");
});
