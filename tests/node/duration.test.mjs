import assert from "node:assert/strict";
import test from "node:test";
import { milliseconds } from "../../js/duration.js";

const durations = [
  [0, 0], [1, 1], [1500.5, 1500.5], ["250ms", 250], ["30s", 30_000], ["15m", 900_000], ["1.5h", 5_400_000],
  ["30d", 2_592_000_000], ["0s", 0], [".5s", 500], ["007s", 7000],
];
const others = [
  -1, NaN, Infinity, -Infinity, "", " ", "30", "s", "30 s", " 30s", "30s ", "30s\n", "-30s", "+30s", "1e3s", "1.s", "1.2.3s",
  "1,5h", "30S", "30sec", "30w", "0x10s", "Infinitys", "NaNs", `${"9".repeat(400)}d`, "30s15m", "٣s",
  null, undefined, true, false, 30n, [], ["30s"], [30], {}, { valueOf: () => 30 }, () => 30, new Date(), Symbol("30s"),
];

test("a duration is milliseconds or a number with a unit", () => {
  for (const [given, expected] of durations) assert.equal(milliseconds(given), expected, String(given));
});

test("nothing else is a duration", () => {
  for (const given of others) assert.ok(Number.isNaN(milliseconds(given)), String(given));
});
