// A Django project with dj-rest-auth, and a page with the code that its documentation shows.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf, endChild, startChild } from "./child.mjs";
import { djangoPython, packageFolder, root } from "./environment.mjs";
import { ADA } from "./sample-page.mjs";

export const LOGIN = "/auth/login/";
export const REFRESH = "/auth/token/refresh/";
export const LOGOUT = "/auth/logout/";

const PAGE = `<!doctype html><title>dj-rest-auth</title><link rel=icon href=data:,>
<script type=importmap>{ "imports": { "sessionkeeper": "/pkg/index.js" } }</script>
<script type=module src=NAME.js></script>`;

/** So that a test can have a hand in it. */
const HANDLES = "Object.assign(globalThis, { session, signIn, call });\nglobalThis.restored = await session.restore();";

/** The code of one language that a document shows. */
export async function shownIn(document, language) {
  const text = await readFile(root + document, "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, code]) => code);
}

/**
 * Starts the project, on a free port and with a database of its own.
 *
 * `address` is its origin; `addPage(name, change)` resolves to the address of a page that runs the documented code,
 * changed where a function is given; `ask(path, cookies, headers, body)` asks without a browser; `stop()` ends it,
 * and fails when it had ended by itself.
 */
export async function startDjango({ lifetimeS }) {
  const folder = await mkdtemp(join(tmpdir(), "sessionkeeper-django-"));
  await mkdir(join(folder, "pages"));
  const child = startChild(djangoPython, ["-B", "serve.py"], {
    cwd: `${root}tests/servers/dj-rest-auth`,
    env: {
      ...process.env, FOLDER: folder, PACKAGE: packageFolder, ACCESS_LIFETIME_S: `${lifetimeS}`,
      USER_NAME: ADA.name, USER_PASSWORD: ADA.password,
    },
  });
  let complaints = "";
  child.stderr.on("data", (text) => (complaints += text));

  const stop = async () => {
    const ended = await endChild(child);
    await rm(folder, { recursive: true, force: true });
    return ended;
  };
  const address = await addressOf(child).catch(async (error) => {
    await stop();
    throw new Error(`${error.message}\n${complaints}`, { cause: error });
  });

  return {
    address,

    async addPage(name, change = (code) => code) {
      const [configuration] = await shownIn("README.md", "js").then((shown) => shown.filter((code) => code.includes(REFRESH)));
      const [, signIn, call] = await shownIn("docs/dj-rest-auth.md", "js");
      await writeFile(join(folder, "pages", `${name}.js`), [change(configuration), signIn, call, HANDLES].join("\n"));
      await writeFile(join(folder, "pages", `${name}.html`), PAGE.replace("NAME", name));
      return `${address}/${name}.html`;
    },

    ask: (path, cookies = {}, headers = {}, body) =>
      fetch(address + path, {
        method: "POST",
        headers: {
          cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join("; "),
          "content-type": "application/json",
          ...headers,
        },
        body: body && JSON.stringify(body),
      }),

    async stop() {
      assert.equal(await stop(), null, `the server ended by itself\n${complaints}`);
    },
  };
}
