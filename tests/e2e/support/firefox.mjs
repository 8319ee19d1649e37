import { Browser, Builder } from "selenium-webdriver";
import { Context, Options, ServiceBuilder } from "selenium-webdriver/firefox.js";
import { firefoxBinary, geckodriver, PATIENCE_MS } from "./environment.mjs";

/** Starts Firefox, of whose tabs one is driven at a time; whoever starts it closes it. */
export async function startFirefox() {
  const driver = await new Builder()
    .forBrowser(Browser.FIREFOX)
    .setFirefoxOptions(new Options().setBinary(firefoxBinary).addArguments("-headless"))
    // The browser's own scripts know in which process a tab runs.
    .setFirefoxService(new ServiceBuilder(geckodriver).addArguments("--allow-system-access"))
    .build();
  await driver.manage().setTimeouts({ script: PATIENCE_MS, pageLoad: PATIENCE_MS });
  const first = await driver.getWindowHandle();
  let last = Promise.resolve();

  /** Uses a tab when those calls are done that came before. */
  const within = (handle, use) => {
    const done = last.then(async () => {
      await driver.switchTo().window(handle);
      return use();
    });
    last = done.catch(() => {});
    return done;
  };

  return {
    name: "Firefox",
    close: () => driver.quit(),

    async open(address) {
      const handle = await within(first, async () => {
        await driver.switchTo().newWindow("tab");
        await driver.get(address);
        return driver.getWindowHandle();
      });
      const here = (use) => within(handle, use);
      return {
        /** Resolves to what a function gives that runs in the page, with one input. */
        evaluate: (use, input) => here(async () => {
          const [value, error] = await driver.executeAsyncScript(
            `const [input, done] = arguments;
            (async () => (${use})(input))().then((value) => done([value ?? null]), (error) => done([null, String(error)]));`,
            input ?? null,
          );
          if (error) throw new Error(error);
          return value ?? undefined;
        }),
        goto: (to) => here(() => driver.get(to)),
        back: () => here(() => driver.navigate().back()),
        close: () => here(() => driver.close()),
        kill: () => here(async () => {
          await driver.setContext(Context.CHROME);
          const pid = await driver.executeScript("return gBrowser.selectedBrowser.frameLoader.remoteTab.osPid");
          await driver.setContext(Context.CONTENT);
          process.kill(pid, "SIGKILL");
        }),
      };
    },
  };
}
