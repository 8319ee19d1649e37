// The adapters for frameworks: what a page shows of a session, in each of them.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { forPage, forServer } from "./adapters/programs.mjs";
import { startBrowser } from "./support/browser.mjs";
import { TEST_LIMIT_MS } from "./support/environment.mjs";
import { offerSessions } from "./support/in-page.mjs";
import { openStage } from "./support/stage.mjs";

const FRAMEWORKS = [
  { name: "React 19", page: "react.jsx", server: "react-server.jsx" },
  { name: "React 18", page: "react.jsx", server: "react-server.jsx", alias: { react: "react-18", "react-dom": "react-dom-18" } },
  { name: "Vue", page: "vue.js", server: "vue-server.js" },
  { name: "Svelte", page: "svelte.js", server: "svelte-server.js" },
];

/** Offers what stands for a session where a test sets each change by hand. Runs in the page. */
function offerActors() {
  const initial = {
    state: "active", reason: null, claims: { sub: "user-ada" }, tokenExpiresAt: null, renewsAt: null, renewing: false, failures: 0,
    idleWarning: false, idleEndsAt: null, endsAt: null, clock: { skew: 0, uncertainty: Infinity, source: "none" }, online: true, tabs: 1,
  };
  globalThis.newActor = () => {
    const listeners = new Set();
    let snapshot = Object.freeze(initial);
    return {
      extensions: 0,
      get heardBy() {
        return listeners.size;
      },
      snapshot: () => snapshot,
      subscribe(listener) {
        const heard = (given) => listener(given);
        listeners.add(heard);
        return () => listeners.delete(heard);
      },
      extend() {
        this.extensions++;
      },
      change(members) {
        if (members) snapshot = Object.freeze({ ...snapshot, ...members });
        for (const listener of [...listeners]) listener(snapshot);
      },
    };
  };
  globalThis.newElement = (html = "") => {
    const element = document.body.appendChild(document.createElement("div"));
    element.innerHTML = html;
    return element;
  };
  /** Lets a framework do what it does a little later. */
  globalThis.nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  globalThis.until = async (condition) => {
    while (!condition()) await nextFrame();
  };
  globalThis.shown = (element) => element.querySelector("#state")?.textContent;
}

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** Opens a blank page that has the framework's application as `app`. */
async function open(t, framework, options = {}) {
  const opened = await openStage(t, browser, { scripts: [offerSessions, offerActors], ...options });
  const program = await forPage(framework.page, framework.alias);
  opened.stage.answers.set("/program.js", () => ({ headers: { "content-type": "text/javascript" }, body: program }));
  await opened.page.evaluate(async () => {
    globalThis.app = await import("/program.js");
  });
  return opened;
}

const shows = (page, id, text) => page.locator(`#${id}`, { hasText: new RegExp(`^${text}$`) }).waitFor();

for (const framework of FRAMEWORKS) {
  suite(`a session in ${framework.name}`, { timeout: TEST_LIMIT_MS }, () => {
    test("is shown from before it is there until it has ended", async (t) => {
      const { page } = await open(t, framework);
      await page.evaluate(() => {
        const session = new Promise((resolve) => (globalThis.create = () => resolve(signedIn())));
        app.mount(newElement(), session);
      });
      await shows(page, "state", "starting");
      await page.evaluate(() => create());
      await shows(page, "state", "active");
      await shows(page, "user", "user-ada");
      await page.click("#sign-out");
      await shows(page, "state", "signed-out");
    });

    test("that cannot be made is shown and reported", async (t) => {
      const { page } = await open(t, framework, { expected: [/Invalid configuration/] });
      const reported = page.waitForEvent("pageerror");
      await page.evaluate(async () => {
        const { createSession } = await import("/pkg/index.js");
        app.mount(newElement(), createSession({}));
      });
      await shows(page, "error", "ERR_CONFIG");
      assert.match((await reported).message, /config\.refresh/);
      await shows(page, "state", "starting");
    });

    test("is heard as long as its component is there, and costs nothing while nothing changes", async (t) => {
      const { page } = await open(t, framework);
      const { atRest, told, changed } = await page.evaluate(async () => {
        const actor = newActor();
        const element = newElement();
        const unmount = app.mount(element, actor);
        await until(() => actor.heardBy > 0 && shown(element) === "active");
        await nextFrame();
        const atRest = { ...app.drawn };
        actor.change();
        await nextFrame();
        const told = { ...app.drawn };
        actor.change({ renewing: true, state: "degraded" });
        await until(() => shown(element) === "degraded");
        const changed = { ...app.drawn };
        unmount();
        await until(() => actor.heardBy === 0);
        return { atRest, told, changed };
      });
      assert.deepEqual(told, atRest);
      assert.equal(changed.state, atRest.state + 1);
      assert.equal(changed.online, atRest.online, "what was selected has not changed");
      assert.equal(changed.idle, atRest.idle, "there is no warning");
    });

    test("that is there late is not heard when its component has gone", async (t) => {
      const { page } = await open(t, framework);
      await page.evaluate(async () => {
        const actor = newActor();
        const element = newElement();
        let create;
        const unmount = app.mount(element, new Promise((resolve) => (create = () => resolve(actor))));
        await until(() => shown(element) === "starting");
        unmount();
        create();
        await nextFrame();
        await until(() => actor.heardBy === 0);
      });
    });

    test("that is there already is shown as it is, and to those who come later", async (t) => {
      const { page } = await open(t, framework);
      const texts = await page.evaluate(async () => {
        const actor = newActor();
        const session = Promise.resolve(actor);
        const texts = [];
        for (let times = 0; times < 2; times++) {
          const element = newElement();
          const seen = [];
          new MutationObserver(() => seen.push(shown(element))).observe(element, { childList: true, subtree: true, characterData: true });
          const unmount = app.mount(element, session);
          await until(() => seen.at(-1) === "active");
          texts.push([...seen]);
          unmount();
        }
        return texts;
      });
      assert.ok(texts[1].every((text) => text === "active"), `nothing flashes: ${texts[1]}`);
    });

    test("warns of its idle end second by second", async (t) => {
      const { page } = await open(t, framework);
      await page.evaluate(() => {
        globalThis.actor = newActor();
        globalThis.unmount = app.mount(newElement(), actor);
      });
      await shows(page, "seconds", "no warning");
      await page.evaluate(() => {
        const seconds = document.querySelector("#seconds");
        globalThis.counted = [];
        const observer = new MutationObserver(() => counted.push([Number(seconds.textContent), (actor.snapshot().idleEndsAt - Date.now()) / 1000]));
        observer.observe(seconds, { childList: true, subtree: true, characterData: true });
        actor.change({ idleWarning: true, idleEndsAt: Date.now() + 2500 });
      });
      await page.waitForFunction(() => counted.at(-1)?.[0] === 0);
      const counted = await page.evaluate(() => globalThis.counted);
      const figures = counted.map(([figure]) => figure);
      assert.deepEqual(figures, [...new Set(figures)].sort((a, b) => b - a), "each is shown once, and falling");
      assert.ok(figures.length > 1 && figures[0] <= 3, String(figures));
      for (const [figure, left] of counted) assert.ok(figure >= Math.floor(left), `${figure} s are shown of ${left}`);

      await page.click("#extend");
      assert.equal(await page.evaluate(() => actor.extensions), 1);
      await page.evaluate(() => actor.change({ idleWarning: false, idleEndsAt: null }));
      await shows(page, "seconds", "no warning");
      await page.evaluate(() => (unmount(), until(() => actor.heardBy === 0)));
    });

    test("is taken over from what a server rendered", async (t) => {
      const { render } = await forServer(framework.server, framework.alias);
      const session = { subscribe: () => assert.fail("it is heard on the server"), snapshot: () => assert.fail("it is read on the server") };
      const html = await render(session);
      assert.match(html, /id="state"[^>]*>(<!--.*?-->)*starting</);
      assert.equal(await render(Promise.reject(new Error("not on a server")).catch(() => {})), html);

      const { page } = await open(t, framework);
      await page.evaluate(async (html) => {
        globalThis.actor = newActor();
        actor.change({ idleWarning: true, idleEndsAt: Date.now() + 60_000 });
        globalThis.unmount = app.mount(newElement(html), actor, { isRendered: true });
      }, html);
      await shows(page, "state", "active");
      await shows(page, "user", "user-ada");
      await shows(page, "seconds", "(60|5\\d)");
      assert.equal(await page.locator("#state").count(), 1);
      await page.evaluate(() => (unmount(), until(() => actor.heardBy === 0)));
    });

    test("is inspected, whether the element is defined before it is rendered or after", async (t) => {
      const { page } = await open(t, framework);
      const element = page.locator("session-inspector");
      const state = element.locator("[data-part=state]");
      await page.evaluate(async () => {
        globalThis.session = await signedIn();
        app.inspect(newElement(), session);
      });
      await element.waitFor({ state: "attached" });
      await page.evaluate(async () => {
        const { defineInspector } = await import("/pkg/inspector.js");
        defineInspector();
      });
      await state.filter({ hasText: "active" }).waitFor();
      await page.evaluate(() => app.inspect(newElement(), session));
      await state.filter({ hasText: "active" }).nth(1).waitFor();
    });
  });
}
