import { hook, signIn } from "./sample-page.mjs";

/** The sample page's idle warning, as a user or a screen reader finds it. */
export const warning = (page) => page.getByRole("alertdialog", { name: "Are you still there?" });
export const stay = (page) => page.getByRole("button", { name: "Stay signed in" });
export const signOutNow = (page) => page.getByRole("button", { name: "Sign out now" });

/** The address' query for these idle times, in seconds. */
export const idleTimes = (timeoutS, warningS) => `?idle=${timeoutS}s&warning=${warningS}s&essential`;

/** Long enough for whatever a test does within the warning, on two slow cores. */
export const LONG = idleTimes(42, 40);

/** Puts the focus on an element and lets the idle time begin then, however long it took until here: not even a warning that is given already is in the way. */
export const beQuiet = (page, id) =>
  page.evaluate((element) => {
    session.extend();
    document.querySelector(element).focus();
  }, hook(id));

/** Signs in, puts the focus on a button, and does nothing until the warning is given. */
export async function waitToBeWarned(page, address, query = LONG) {
  await signIn(page, address, { query });
  await beQuiet(page, "renew");
  await warning(page).waitFor();
}

/** The `data-testid` of the element that has the focus, "" where none has it. */
export const focused = (page) => page.evaluate(() => document.activeElement?.dataset.testid ?? "");

/** What the browser tells a screen reader of an element: role, name, description, and properties by name, or that it is ignored. */
export async function accessible(page, selector) {
  const client = await page.context().newCDPSession(page);
  const { result } = await client.send("Runtime.evaluate", { expression: `document.querySelector(${JSON.stringify(selector)})` });
  const { nodes } = await client.send("Accessibility.getPartialAXTree", { objectId: result.objectId, fetchRelatives: false });
  await client.detach();
  const [{ ignored, role, name, description, properties = [] }] = nodes;
  return {
    ignored,
    role: role?.value,
    name: name?.value,
    description: description?.value,
    ...Object.fromEntries(properties.map((property) => [property.name, property.value.value])),
  };
}

/**
 * Lets the idle time begin anew, and keeps how its countdown is drawn: each number in turn with the one that the session's
 * deadline asks for at that moment, what is said aloud, and every position of the bar with the number beside it.
 */
export const keepCountdown = (page) =>
  page.evaluate(() => {
    session.extend();
    const element = (name) => document.querySelector(`[data-testid="${name}"], [data-part="${name}"]`);
    const [seconds, said, bar] = ["idle-seconds-left", "idle-said", "idle-run-down"].map(element);
    const kept = (globalThis.countdown = { numbers: [], said: [], bar: [] });
    const watch = (target, options, note) => new MutationObserver(note).observe(target, { childList: true, ...options });
    watch(seconds, {}, () => {
      const { idleEndsAt } = session.snapshot();
      if (idleEndsAt !== null) kept.numbers.push([Number(seconds.textContent), (idleEndsAt - Date.now()) / 1000]);
    });
    watch(said, {}, () => said.textContent && kept.said.push(said.textContent));
    watch(bar, { attributeFilter: ["style"] }, () => kept.bar.push([Number(seconds.textContent), bar.style.transform]));
  });
