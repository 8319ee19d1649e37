// The package in projects as applications have them, without any configuration for it.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startBrowser } from "../e2e/support/browser.mjs";
import { findModule, works } from "./support/page.mjs";
import { install, pack, run } from "./support/project.mjs";
import { serveFiles, startTool } from "./support/serving.mjs";

/** Installing, building and starting a tool, on two busy cores with a slow registry. */
const LIMIT_MS = 600_000;

let browser;
before(async () => {
  browser = await startBrowser();
  await pack();
});
after(() => browser?.close());

suite("the package in a project", { timeout: 6 * LIMIT_MS }, () => {
  for (const version of [7, 8]) {
    suite(`of Vite ${version}`, { timeout: LIMIT_MS }, () => {
      const vite = "node_modules/vite/bin/vite.js";
      let folder;
      before(async () => (folder = await install(`vite-${version}`)));

      test("in development", async (t) => {
        assert.deepEqual(await works(t, browser, await startTool(t, folder, vite, "--port", "0")), []);
      });

      test("as built", async (t) => {
        await run(folder, vite, "build");
        assert.deepEqual(await findModule(`${folder}/dist`), ["inline"]);
        assert.deepEqual(await works(t, browser, await startTool(t, folder, vite, "preview", "--port", "0")), []);
      });
    });
  }

  suite("of webpack 5", { timeout: LIMIT_MS }, () => {
    const webpack = "node_modules/webpack-cli/bin/cli.js";
    let folder;
    before(async () => (folder = await install("webpack")));

    test("in development", async (t) => {
      assert.deepEqual(await works(t, browser, await startTool(t, folder, webpack, "serve", "--mode", "development", "--port", "auto")), []);
    });

    test("as built", async (t) => {
      await run(folder, webpack, "--mode", "production");
      assert.deepEqual(await findModule(`${folder}/dist`), ["inline"]);
      assert.deepEqual(await works(t, browser, await serveFiles(t, `${folder}/dist`, `${folder}/public`)), []);
    });
  });

  suite("of Next.js", { timeout: LIMIT_MS }, () => {
    const next = "node_modules/next/dist/bin/next";
    let folder;
    before(async () => (folder = await install("next")));

    const STARTING = /<p id="state">starting<\/p>/;
    const rendered = async (address) => (await fetch(address)).text();

    for (const [bundler, flags] of [["Turbopack", ["--turbopack"]], ["webpack", ["--webpack"]]]) {
      test(`as built by ${bundler}`, async (t) => {
        await run(folder, next, "build", ...flags);
        assert.deepEqual(await findModule(`${folder}/.next/static`), ["inline"]);
        const address = await startTool(t, folder, next, "start", "--port", "0");
        assert.match(await rendered(address), STARTING);
        assert.deepEqual(await works(t, browser, address), []);
      });

      test(`in development by ${bundler}`, async (t) => {
        const address = await startTool(t, folder, next, "dev", ...flags, "--port", "0");
        assert.match(await rendered(address), STARTING);
        assert.deepEqual(await works(t, browser, address), []);
      });
    }
  });

  suite("of Angular", { timeout: LIMIT_MS }, () => {
    // What the Angular CLI calls, without what else the CLI brings.
    const architect = "node_modules/@angular-devkit/architect-cli/bin/cli.js";
    const beside = ["/sessionkeeper_bg.wasm"];
    let folder;
    before(async () => (folder = await install("angular")));

    test("in development", async (t) => {
      const address = await startTool(t, folder, architect, "page:serve", "--port", "0");
      assert.deepEqual(await works(t, browser, address), []);
      assert.deepEqual(await works(t, browser, `${address}/?slim`), beside);
    });

    test("as built", async (t) => {
      await run(folder, architect, "page:build");
      assert.deepEqual((await findModule(`${folder}/dist`)).sort(), ["file", "inline"]);
      const address = await serveFiles(t, `${folder}/dist/browser`);
      assert.deepEqual(await works(t, browser, address), []);
      assert.deepEqual(await works(t, browser, `${address}/?slim`), beside);
    });
  });

  suite("without tools", { timeout: LIMIT_MS }, () => {
    let folder;
    before(async () => (folder = await install("plain")));

    test("in one file", async (t) => {
      assert.deepEqual(await works(t, browser, await serveFiles(t, folder)), []);
    });

    test("with the module beside it", async (t) => {
      const modules = await works(t, browser, `${await serveFiles(t, folder)}/slim.html`);
      assert.deepEqual(modules, ["/node_modules/sessionkeeper/sessionkeeper_bg.wasm"]);
    });
  });
});
