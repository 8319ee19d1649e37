import { setTimeout as wait } from "node:timers/promises";
import { PATIENCE_MS } from "./environment.mjs";

const INTERVAL_MS = 50;

/** Resolves to what `condition` gives as soon as that is truthy; fails with what was awaited, a text or a function that gives one. */
export async function eventually(what, condition, patienceMs = PATIENCE_MS) {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const met = await condition();
    if (met) return met;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${typeof what === "function" ? what() : what}`);
    await wait(INTERVAL_MS);
  }
}
