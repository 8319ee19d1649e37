import { Browser, Builder } from "selenium-webdriver";
import bidiBrowsingContext from "selenium-webdriver/bidi/browsingContext.js";
import bidiInput from "selenium-webdriver/bidi/input.js";
import bidiLog from "selenium-webdriver/bidi/logInspector.js";
import bidiScript from "selenium-webdriver/bidi/scriptManager.js";
import { Context, Options } from "selenium-webdriver/firefox.js";
import { addressOf, endChild, startChild } from "./child.mjs";
import { firefoxBinary, geckodriver, recordings } from "./environment.mjs";
import { keepLine } from "./recordings.mjs";

/** Keys that write nothing, as WebDriver names them. */
const KEYS = { Enter: "\uE007", Escape: "\uE00C", Tab: "\uE004" };

/** Starts Firefox; whoever starts it closes it. */
export async function startFirefox() {
  // Ports that were looked for beforehand may be taken when they are used. The browser's own scripts know in which
  // process a tab runs.
  const service = startChild(geckodriver, ["--port=0", "--websocket-port=0", "--allow-system-access"]);
  service.stderr.resume();
  const driver = await new Builder()
    .forBrowser(Browser.FIREFOX)
    .setFirefoxOptions(new Options().setBinary(firefoxBinary).addArguments("-headless").enableBidi())
    .usingServer(`http://${await addressOf(service)}`)
    .build();
  const scripts = await bidiScript([], driver);
  const input = await bidiInput(driver);
  if (recordings) {
    const log = await bidiLog(driver);
    await log.onConsoleEntry(({ text }) => keepLine(text));
  }

  // A tab that is opened while another closes is lost, now and then.
  let turn = Promise.resolve();
  const inTurn = (work) => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };

  return {
    name: "Firefox",
    async close() {
      await driver.quit();
      await endChild(service);
    },

    async open(address) {
      const tab = await inTurn(() => bidiBrowsingContext(driver, { type: "tab" }));
      await tab.navigate(address, "complete");
      return {
        async evaluate(use, input) {
          const call = `async () => JSON.stringify(await (${use})(${JSON.stringify(input)}))`;
          const { result, exceptionDetails } = await scripts.callFunctionInBrowsingContext(tab.id, call, true);
          if (!result) throw new Error(exceptionDetails.text);
          return result.value && JSON.parse(result.value);
        },
        /** Presses one key after the other. */
        async press(...keys) {
          const actions = keys.flatMap((key) => ["keyDown", "keyUp"].map((type) => ({ type, value: KEYS[key] ?? key })));
          await input.perform(tab.id, [{ type: "key", id: "keyboard", actions }]);
        },
        goto: (to) => tab.navigate(to, "complete"),
        back: () => tab.back(),
        reload: () => tab.reload(undefined, "complete"),
        close: () => inTurn(() => tab.close()),
        async kill() {
          await driver.switchTo().window(tab.id);
          await driver.setContext(Context.CHROME);
          // Otherwise the browser ends with its tab.
          await driver.executeScript('Services.env.set("MOZ_CRASHREPORTER_SHUTDOWN", "")');
          process.kill(await driver.executeScript("return gBrowser.selectedBrowser.frameLoader.remoteTab.osPid"), "SIGKILL");
          await driver.setContext(Context.CONTENT);
        },
      };
    },
  };
}
