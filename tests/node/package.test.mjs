import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const folder = process.env.PACKAGE ?? new URL("../../pkg", import.meta.url).pathname;
const entry = (name) => import(new URL(name, pathToFileURL(`${folder}/`)).href);

for (const name of ["index.js", "slim.js"]) {
  test(`importing ${name} on a server does nothing`, async () => {
    const globals = Object.getOwnPropertyNames(globalThis);
    const { compile, instantiate } = WebAssembly;
    WebAssembly.compile = WebAssembly.instantiate = () => assert.fail("the module is loaded");
    try {
      const { createSession, init, isSessionError, SessionError } = await entry(name);
      for (const exported of [createSession, init, isSessionError, SessionError]) assert.equal(typeof exported, "function");
      assert.deepEqual(Object.getOwnPropertyNames(globalThis), globals);
      assert.deepEqual(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout"), []);
    } finally {
      Object.assign(WebAssembly, { compile, instantiate });
    }
  });

  test(`a session of ${name} on a server is signed out and stays so`, async () => {
    const { createSession } = await entry(name);
    const session = await createSession({ refresh: "/auth/refresh" });
    assert.equal(session.state, "signed-out");
    assert.equal(session.snapshot().reason, null);
    assert.equal(await session.restore(), "signed-out");
    await session.signOut();
    await assert.rejects(session.accessToken(), { code: "ERR_SIGNED_OUT" });
    await assert.rejects(session.renew(), { code: "ERR_SIGNED_OUT" });
    session.dispose();
  });

  test(`a session of ${name} is signed out where there is a window without a document`, async () => {
    const { createSession } = await entry(name);
    globalThis.window = globalThis;
    try {
      const session = await createSession({ refresh: "/auth/refresh" });
      assert.equal(await session.restore(), "signed-out");
      await assert.rejects(session.accessToken(), { code: "ERR_SIGNED_OUT" });
    } finally {
      delete globalThis.window;
    }
  });

  test(`${name} checks the configuration on a server too`, async () => {
    const { createSession } = await entry(name);
    await assert.rejects(createSession({ refresh: "/auth/refresh", renewl: {} }), { code: "ERR_CONFIG" });
  });
}

for (const name of ["index.js", "slim.js", "verify.js", "recording.js"]) {
  test(`importing ${name} does without what only its module uses`, async () => {
    const { TextDecoder, TextEncoder } = globalThis;
    delete globalThis.TextDecoder;
    delete globalThis.TextEncoder;
    try {
      // Another address, for what is imported already.
      await entry(`${name}?without`);
    } finally {
      Object.assign(globalThis, { TextDecoder, TextEncoder });
    }
  });
}

test("importing inspector.js on a server does nothing, and there is nothing to define", async () => {
  const globals = Object.getOwnPropertyNames(globalThis);
  const { defineInspector, ...rest } = await entry("inspector.js");
  assert.deepEqual(Object.keys(rest), []);
  assert.equal(defineInspector(), undefined);
  assert.deepEqual(Object.getOwnPropertyNames(globalThis), globals);
});

test("nothing of the inspector is in the entries that applications load", async () => {
  const { readFile } = await import("node:fs/promises");
  for (const name of ["index.js", "slim.js"]) assert.doesNotMatch(await readFile(`${folder}/${name}`, "utf8"), /session-inspector|inspector\.js/);
});

test("the module itself loads wherever there is WebAssembly", async () => {
  const { init } = await entry("index.js");
  await init();
  await init();
});

test("an entry without bytes says what it wants, and can be asked again", async () => {
  const { init, isSessionError } = await entry("slim.js");
  await assert.rejects(init(), (error) => isSessionError(error) && error.code === "ERR_WASM_LOAD" && /init\(source\)/.test(error.suggestion));
  await assert.rejects(init(new Uint8Array([0, 1, 2])), { code: "ERR_WASM_LOAD" });
  const { readFile } = await import("node:fs/promises");
  await init(await readFile(`${folder}/sessionkeeper_bg.wasm`));
});
