import { Browser, Builder } from "selenium-webdriver";
import bidiBrowsingContext from "selenium-webdriver/bidi/browsingContext.js";
import bidiInput from "selenium-webdriver/bidi/input.js";
import bidiLog from "selenium-webdriver/bidi/logInspector.js";
import bidiScript from "selenium-webdriver/bidi/scriptManager.js";
import { Context, Options, ServiceBuilder } from "selenium-webdriver/firefox.js";
import { firefoxBinary, geckodriver, recordings } from "./environment.mjs";
import { keepLine } from "./recordings.mjs";

/** Keys that write nothing, as WebDriver names them. */
const KEYS = { Enter: "\uE007", Escape: "\uE00C", Tab: "\uE004" };

/** Starts Firefox; whoever starts it closes it. */
export async function startFirefox() {
  const driver = await new Builder()
    .forBrowser(Browser.FIREFOX)
    .setFirefoxOptions(new Options().setBinary(firefoxBinary).addArguments("-headless").enableBidi())
    // The browser's own scripts know in which process a tab runs.
    .setFirefoxService(new ServiceBuilder(geckodriver).addArguments("--allow-system-access"))
    .build();
  const scripts = await bidiScript([], driver);
  const input = await bidiInput(driver);
  if (recordings) {
    const log = await bidiLog(driver);
    await log.onConsoleEntry(({ text }) => keepLine(text));
  }

  return {
    name: "Firefox",
    close: () => driver.quit(),

    async open(address) {
      const tab = await bidiBrowsingContext(driver, { type: "tab" });
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
        close: () => tab.close(),
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
