import { readFile } from "node:fs/promises";
import { root } from "./environment.mjs";
import { eventually } from "./eventually.mjs";
import { startStage } from "./stage.mjs";

const HTML = { "content-type": "text/html", "cache-control": "no-cache" };
// A page of an opaque origin loads its scripts as another origin does.
const SCRIPT = { "content-type": "text/javascript", "access-control-allow-origin": "*" };

/**
 * An origin of its own, whose pages use the class `Tabs` by itself, for one test.
 *
 * `open(tab)` opens a page; where a number is given, its `Tabs` has joined. `told(page)` resolves to what it was
 * told, as `[name, ...inputs]`; `hear(page, name, ...inputs)` does once it was told that.
 */
export async function startTabPages(t, browser) {
  const stage = await startStage(t);
  const script = await readFile(`${root}js/tabs.js`, "utf8");
  const page = `<!doctype html><title>page</title><link rel=icon href=data:,><script type=module src=/page.js></script>`;
  stage.answers.set("/tabs.js", () => ({ headers: SCRIPT, body: script }));
  stage.answers.set("/page.js", () => ({ headers: SCRIPT, body: `import { Tabs } from "/tabs.js";\n(${offerTabs})(Tabs);` }));
  stage.answers.set("/page", () => ({ headers: HTML, body: page }));
  stage.answers.set("/away", () => ({ headers: HTML, body: "<!doctype html><title>away</title><link rel=icon href=data:,>" }));
  const opened = new Set();
  t.after(async () => {
    for (const page of opened) await page.close();
  });

  const told = (page) => page.evaluate(() => globalThis.told);
  const hear = async (page, ...what) => {
    let last;
    await eventually(
      () => `${JSON.stringify(what)}, it was told ${JSON.stringify(last)}`,
      async () => {
        last = await told(page);
        return last.some((each) => what.every((part, place) => JSON.stringify(part) === JSON.stringify(each[place])));
      },
    );
  };

  return {
    stage,
    told,
    hear,

    async open(tab, path = "/page") {
      const page = await browser.open(stage.address + path);
      opened.add(page);
      if (tab === undefined) return page;
      await page.evaluate((tab) => {
        globalThis.tabs = enter("app");
        tabs.join(tab);
      }, tab);
      await hear(page, "joined");
      return page;
    },

    /** Closes, or kills, a page. */
    async end(page, how) {
      opened.delete(page);
      await page[how]();
    },

    /** Resolves to the names of the locks of these modes: "held" or "pending". */
    locks: (page, mode) => page.evaluate(async (mode) => (await navigator.locks.query())[mode].map(({ name }) => name).sort(), mode),
  };
}

/** Runs in a page, and stands for itself: it is sent as text. */
function offerTabs(Tabs) {
  const NAMES = ["joined", "peer", "around", "turnNear", "turnCame", "turnLost", "gone"];

  /**
   * A `Tabs` of a name, which keeps what it is told in `told` and then has one of these reactions. What it tells
   * from within a call is told as "re-entered".
   */
  globalThis.enter = (name, reactions = {}, told = (globalThis.told = [])) => {
    let calling = false;
    const heard = NAMES.map((name) => [name, (...inputs) => {
      const plain = inputs.map((input) => (input instanceof Float64Array ? [...input] : input));
      // Browsers tell of locks in an order of their own.
      if (name === "around") plain[1].sort((one, other) => one - other);
      told.push([calling ? "re-entered" : name, ...plain]);
      reactions[name]?.(...inputs);
    }]);
    const tabs = new Tabs(name, Object.fromEntries(heard));
    for (const call of ["join", "leave", "post", "stand", "askTurn", "stealTurn", "endTurn", "lookAround", "watch"]) {
      const original = tabs[call].bind(tabs);
      tabs[call] = (...inputs) => {
        const before = calling;
        calling = true;
        try {
          return original(...inputs);
        } finally {
          calling = before;
        }
      };
    }
    return tabs;
  };

  /** Resolves in a later task. */
  globalThis.later = (waitMs = 0) => new Promise((resolve) => setTimeout(resolve, waitMs));

  /** Lets the page's only thread do nothing else for a while, from the next task on. */
  globalThis.hang = (forMs) => {
    globalThis.hung = { from: Infinity, until: Infinity };
    setTimeout(() => {
      hung.from = Date.now();
      while (Date.now() - hung.from < forMs);
      hung.until = Date.now();
    });
  };

  globalThis.failures = [];
  addEventListener("unhandledrejection", ({ reason }) => failures.push(String(reason)));
  globalThis.offered = true;
}
