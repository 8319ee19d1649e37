import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { Audit } from "../../js/audit.js";
import { Delivery } from "../../js/delivery.js";

const renewed = (audit, took, attempts = 1) => audit.add("renewed", { by: "this-tab", tokenExpiresAt: 1, attempts, took });

afterEach(() => delete globalThis.reportError);

test("entries are numbered, flat and frozen, and addresses are without what may be private", () => {
  const audit = new Audit();
  audit.add("step-up-required", { acrValues: ["aal3", "aal2"], maxAge: 5, url: "https://api.example/pay?card=1#a" });
  audit.add("ended", { reason: "idle-timeout", by: "this-tab" });
  const [first, second] = audit.history();
  assert.deepEqual(first.detail, { acrValues: "aal3 aal2", maxAge: 5, url: "https://api.example/pay" });
  assert.deepEqual([first.sequence, second.sequence, second.type], [0, 1, "ended"]);
  assert.ok(Math.abs(Date.now() - first.at) < 60_000);
  for (const frozen of [audit.history(), first, first.detail]) assert.ok(Object.isFrozen(frozen));
});

test("the newest are kept, and a gap shows in their numbers", () => {
  const audit = new Audit({ capacity: 3 });
  for (let entry = 0; entry < 5; entry++) audit.add("started", { restored: true });
  assert.deepEqual(audit.history().map(({ sequence }) => sequence), [2, 3, 4]);
  const before = audit.history();
  audit.add("started", { restored: true });
  assert.equal(before.length, 3);
  assert.equal(before[0].sequence, 2, "a history does not change");
});

test("a sink is called with each entry, and one that throws disturbs nothing", () => {
  const [heard, reported] = [[], []];
  globalThis.reportError = (error) => reported.push(error.message);
  const audit = new Audit({
    sink: (entry) => {
      heard.push(entry.type);
      throw new Error("full");
    },
  });
  audit.add("started", { restored: false });
  audit.add("ended", { reason: "signed-out", by: "this-tab" });
  assert.deepEqual([heard, reported, audit.history().length], [["started", "ended"], ["full", "full"], 2]);
});

test("while the delivery is being loaded, no more than it keeps itself wait for it, and the gap shows", async () => {
  const delivered = [];
  const scope = { document: new EventTarget(), addEventListener: () => {} };
  Object.assign(globalThis, scope);
  const audit = new Audit({ capacity: 3, url: "https://app.example/audit" });
  await new Promise((resolve) => {
    mock.method(Delivery.prototype, "add", ({ sequence }) => {
      delivered.push(sequence);
      if (sequence === 1500) resolve();
    });
    for (let sequence = 0; sequence <= 1500; sequence++) audit.add("started", { restored: true });
  });
  assert.deepEqual(delivered, Array.from({ length: 1000 }, (_, place) => 501 + place));
  mock.restoreAll();
  for (const name of Object.keys(scope)) delete globalThis[name];
});

test("the numbers follow what happened", () => {
  const audit = new Audit();
  for (const took of [30, 10, 20]) renewed(audit, took);
  renewed(audit, 100, 3);
  audit.add("renewed", { by: "other-tab", tokenExpiresAt: 1, attempts: 0, took: 0 });
  audit.add("renewed", { by: "this-tab", tokenExpiresAt: 1, attempts: 0, took: 0 });
  audit.add("renewal-failed", { cause: "network", attempt: 1, retryAt: 1 });
  audit.add("renewal-failed", { cause: "rate-limited", attempt: 2, retryAt: null });
  audit.add("token-rejected", { reason: "expiry" });
  audit.add("token-rejected", { reason: "expiry" });
  audit.add("idle-warning", { endsAt: 1, remaining: 1 });
  audit.add("idle-extended", { by: "this-tab" });
  audit.add("idle-extended", { by: "other-tab" });
  audit.count("wakeups");
  audit.count("activities");
  audit.request("authorized", "https://api.example/");
  audit.request("replayed", "https://api.example/?a");
  const { renewals, renewalTime, requests, tokensRejected, ...rest } = audit.metrics();
  assert.deepEqual(renewalTime, { p50: 20, p95: 100, max: 100 });
  assert.deepEqual([renewals.succeeded, renewals.adopted, renewals.retries], [4, 1, 2]);
  assert.deepEqual([renewals.failed.network, renewals.failed["rate-limited"], renewals.failed.rejected], [1, 1, 0]);
  assert.deepEqual(requests, { authorized: 1, waited: 0, replayed: 1, refused: 0 });
  assert.deepEqual(tokensRejected, { expiry: 2 });
  assert.deepEqual(rest, { idleWarnings: 1, extensions: 1, wakeups: 1, activities: 1 });
  assert.deepEqual(audit.history().at(-1), { ...audit.history().at(-1), type: "request-replayed", detail: { url: "https://api.example/" } });
});

test("only the last hundred renewals count for their times", () => {
  const audit = new Audit();
  assert.deepEqual(audit.metrics().renewalTime, { p50: 0, p95: 0, max: 0 });
  renewed(audit, 9999);
  for (let renewal = 1; renewal <= 100; renewal++) renewed(audit, renewal);
  assert.deepEqual(audit.metrics().renewalTime, { p50: 50, p95: 95, max: 100 });
  assert.equal(audit.metrics().renewals.succeeded, 101);
});
