import assert from "node:assert/strict";
import { PATIENCE_MS } from "./environment.mjs";
import { eventually } from "./eventually.mjs";
import { reportSession, reportViolations } from "./in-page.mjs";
import { keepLine } from "./recordings.mjs";
import { recordTraffic } from "./traffic.mjs";

/**
 * A browser profile of its own with one page, for one test.
 *
 * `traffic` holds every request with its answer, `heard` every event of the page's `globalThis.session`,
 * `printed` every text in the console. When the test ends, the profile is closed, and errors or warnings
 * in the console, uncaught exceptions and violations of the Content-Security-Policy fail the test, but
 * those that `expected` matches.
 *
 * @param {{ expected?: RegExp[], scripts?: Function[], context?: object }} options `scripts` run in the
 *   page before its own.
 */
export async function startVisit(t, browser, { expected = [], scripts = [], context: contextOptions } = {}) {
  const context = await browser.newContext(contextOptions);
  const heard = [];
  const printed = [];
  const complaints = [];
  const complain = (text) => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  context.setDefaultTimeout(PATIENCE_MS);
  context.on("console", (message) => {
    if (keepLine(message.text())) return;
    printed.push(message.text());
    if (/error|warning/.test(message.type())) complain(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => complain(String(error.error())));
  const heardIn = new Map();
  await context.exposeBinding("reportEvent", ({ page }, event) => {
    heard.push(event);
    heardIn.set(page, [...(heardIn.get(page) ?? []), event]);
  });
  await context.exposeFunction("reportViolation", complain);
  for (const script of [reportSession, reportViolations, ...scripts]) await context.addInitScript(script);
  const traffic = recordTraffic(context);
  const page = await context.newPage();

  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, [], "the browser complained");
  });

  const ofType = (type) => heard.filter((event) => event.type === type);
  return {
    context,
    page,
    traffic,
    heard,
    printed,
    ofType,

    /** The events of one page. */
    heardIn: (page) => heardIn.get(page) ?? [],

    /** Resolves to the events of a type once there are so many. */
    hear: (type, count = 1, patienceMs = PATIENCE_MS) =>
      eventually(() => `${count} × "${type}", heard ${JSON.stringify(heard.map((event) => event.type))}`, () => {
        const events = ofType(type);
        return events.length >= count && events;
      }, patienceMs),

    /** The cookie's entry, as the browser holds it. */
    async cookie(name) {
      return (await context.cookies()).find((cookie) => cookie.name === name);
    },
  };
}
