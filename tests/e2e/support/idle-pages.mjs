// Pages whose session ends when nobody uses it, soon enough for a test.

import { PATIENCE_MS } from "./environment.mjs";
import { eventually } from "./eventually.mjs";
import { offerSessions } from "./in-page.mjs";
import { openStage } from "./stage.mjs";

/** Long enough for two slow cores to do something before the warning, and within it. */
export const SHORT = { timeout: "9s", warning: "6s", essential: true, throttle: 0 };

/** Lets a test hide the page, for nothing else does in a browser without a window: `globalThis.hide(whether)`. */
export function offerHiding() {
  let hidden = false;
  Object.defineProperty(document, "hidden", { get: () => hidden });
  Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
  globalThis.hide = (whether) => {
    hidden = whether;
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  };
}

/** Lets a test see, in the task in which it does something else, what there is to see of the idle time: `globalThis.idleLook()`. */
export function offerIdleLook() {
  globalThis.idleLook = () => {
    const { idleWarning, idleEndsAt } = session.snapshot();
    return { idleWarning, idleEndsAt, deadline: session.idleDeadline() };
  };
}

/**
 * A stage whose page is signed in with a session of this configuration; `add()` opens one more page, which takes
 * the session up.
 */
export async function openIdle(t, browser, { config = { idle: SHORT }, scripts = [], isSignedIn = true, ...options } = {}) {
  const visit = await openStage(t, browser, { ...options, scripts: [offerSessions, offerHiding, offerIdleLook, ...scripts] });
  const enter = (page) =>
    page.evaluate(async (config) => {
      globalThis.session = await newSession("auth", config);
    }, config);
  let begun;
  if (isSignedIn) {
    await enter(visit.page);
    begun = await visit.page.evaluate(async () => {
      await session.begin(await fetch("/auth/login", { method: "POST" }));
      return idleLook();
    });
  }
  return {
    ...visit,

    /** What the session had to say of the idle time as soon as it had begun. */
    begun,

    /** Makes the page's session and takes up the one that there is; resolves to the state and the reason. */
    async restore(page = visit.page) {
      await enter(page);
      return page.evaluate(async () => [await session.restore(), session.snapshot().reason]);
    },

    async open() {
      const page = await visit.context.newPage();
      await page.goto(visit.stage.address);
      return page;
    },

    async add() {
      const page = await this.open();
      await this.restore(page);
      return page;
    },

    renewals: () => visit.stage.at("/auth/refresh"),
    logouts: () => visit.stage.at("/auth/logout"),
  };
}

export const deadlineOf = (page) => page.evaluate(() => session.idleDeadline());

/** Resolves when a page has told of so many events of a type. */
export const hearIn = (visit, page, type, count = 1) =>
  eventually(() => `${count} × "${type}", heard ${JSON.stringify(visit.heardIn(page).map((event) => event.type))}`, () => {
    const events = visit.heardIn(page).filter((event) => event.type === type);
    return events.length >= count && events;
  }, PATIENCE_MS);

/** What a page that is signed out has to say. */
export const look = (page) =>
  page.evaluate(async () => {
    const { state, reason, claims, idleWarning, idleEndsAt } = session.snapshot();
    const call = await session.accessToken().catch(({ code }) => code);
    return { state, reason, claims, idleWarning, idleEndsAt, deadline: session.idleDeadline(), call };
  });

export const ENDED = { state: "signed-out", reason: "idle-timeout", claims: null, idleWarning: false, idleEndsAt: null, deadline: null, call: "ERR_SIGNED_OUT" };

/** Resolves when the device's clock has passed an instant. */
export const passed = (instant) => eventually("the time to pass", () => Date.now() > instant);
