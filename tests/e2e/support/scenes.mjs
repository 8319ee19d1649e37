import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { root } from "./environment.mjs";
import { hook } from "./sample-page.mjs";

/** Where pictures of the page are drawn; nothing of it is committed. */
const PICTURES = `${root}target/pictures/`;

/** Long enough for any scene, on two slow cores. */
const SCENE_PATIENCE_MS = 80_000;

/** A scene's captions stand as long as they do for people, or shorter: what it waits for takes its time all the same. */
export const FAST = "?pace=0.3";

/** Draws the page as it is now, for people to look at. */
export async function draw(page, name, options = {}) {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}${name}.png`, ...options });
}

/** Presses a scene's button, and keeps all that the scene says: a caption may stand for less time than there is between two looks. */
export async function startScene(page, id) {
  await page.evaluate((selector) => {
    const caption = document.querySelector(selector);
    const captions = (globalThis.captions = []);
    new MutationObserver(() => captions.push(caption.textContent)).observe(caption, { childList: true });
  }, hook("scene-caption"));
  await page.click(`[data-scene="${id}"]`);
}

/** Resolves when the scene has said so: a text of its captions. */
export async function says(page, text) {
  await page.waitForFunction((text) => captions.some((caption) => caption.includes(text)), text, { timeout: SCENE_PATIENCE_MS });
}

/** Resolves to what came of the scene that plays. */
export async function outcomeOf(page) {
  const bar = page.locator(`${hook("scene")}:not([data-outcome=playing])`);
  await bar.waitFor({ timeout: SCENE_PATIENCE_MS });
  return {
    outcome: await bar.getAttribute("data-outcome"),
    verdict: await page.textContent(hook("scene-verdict")),
    checks: await page.locator(`${hook("scene-checks")} > li`).allTextContents(),
  };
}

/** Plays a scene to its end, which is to be as promised; draws it where the caption says `at`, and at its end. */
export async function playScene(page, id, { at, draws = true } = {}) {
  const began = performance.now();
  await startScene(page, id);
  if (at) {
    const over = await Promise.race([says(page, at), outcomeOf(page)]);
    if (over) assert.fail(`it ended without saying "${at}": ${over.verdict} ${over.checks.join(" ")}`);
    if (draws) await draw(page, `scene-${id}`);
  }
  const { outcome, verdict, checks } = await outcomeOf(page);
  if (draws) await draw(page, `scene-${id}-end`);
  assert.equal(outcome, "kept", `${verdict} ${checks.join(" ")}`);
  assert.ok(checks.length > 0 && checks.every((check) => check.startsWith("Kept: ")), checks.join(" "));
  return { checks, tookMs: performance.now() - began };
}

/** Nothing of a scene is left: no simulation, no tab, no fault, nothing marked. */
export async function assertPutBack(page, server) {
  const left = await page.evaluate(async () => ({
    frames: frames.length,
    marked: document.querySelectorAll("[data-lit]").length,
    simulated: document.querySelector("[data-testid=simulation]").dataset.tone,
    online: navigator.onLine,
    search: location.search,
    offMs: Math.round(Math.abs(Date.now() - (performance.timeOrigin + new Event("x").timeStamp)) / 1000),
  }));
  assert.deepEqual(left, { frames: 0, marked: 0, simulated: "calm", online: true, search: FAST, offMs: 0 });
  assert.deepEqual((await (await fetch(`${server.address}/faults`)).json()).armed, []);
}
