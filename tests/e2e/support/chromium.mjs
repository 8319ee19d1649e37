import { startOrdinaryBrowser } from "./browser.mjs";
import { keepLine } from "./recordings.mjs";

/** Starts Chromium as a user has it, for tests that run in Firefox too; whoever starts it closes it. */
export async function startChromium() {
  const browser = await startOrdinaryBrowser();
  const context = await browser.newContext();
  context.on("console", (message) => keepLine(message.text()));
  return {
    name: "Chromium",
    close: () => browser.close(),

    async open(address) {
      const page = await context.newPage();
      await page.goto(address);
      return {
        evaluate: (use, input) => page.evaluate(use, input),
        goto: (to) => page.goto(to),
        back: () => page.evaluate(() => history.back()),
        close: () => page.close({ runBeforeUnload: false }),
        async kill() {
          const session = await context.newCDPSession(page);
          // A page that is no more gives no answer.
          session.send("Page.crash").catch(() => {});
        },
      };
    },
  };
}
