// What it takes until a page has its session object: from memory, and from a server on the same machine; and the
// memory that is taken then.

/**
 * Loads a contender once, in a process of its own, so that nothing is compiled already.
 */
export async function load(browser, address, what) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(address);
    const devtools = await context.newCDPSession(page);
    await page.evaluate(
      async ({ script, driver, module, from }) => {
        const { drivers } = await import("/drivers.js");
        const create = drivers[driver]?.create;
        let scriptAddress = script;
        let source = module;
        if (from === "memory") {
          const [text, bytes] = await Promise.all([script, module].map(async (path) => path && (await fetch(path)).arrayBuffer()));
          scriptAddress = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
          source = bytes;
        }
        globalThis.act = async () => {
          const started = performance.now();
          const library = await import(scriptAddress);
          const evaluated = performance.now();
          if (source) await library.init(source);
          globalThis.kept = [library, await create?.(library)];
          source = undefined;
          return { evaluate: evaluated - started, start: performance.now() - started };
        };
      },
      what,
    );
    const heap = async () => {
      await devtools.send("HeapProfiler.collectGarbage");
      const { usedSize, backingStorageSize = 0 } = await devtools.send("Runtime.getHeapUsage");
      return usedSize + backingStorageSize;
    };
    const before = await heap();
    const times = await page.evaluate(() => act());
    return { ...times, heap: (await heap()) - before };
  } finally {
    await context.close();
  }
}

/** The bytes of WebAssembly memory that a page has after the session was made. */
export async function linearMemory(browser, address, { script, driver, module }) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(address);
    return await page.evaluate(
      async ({ script, driver, module }) => {
        const memories = [];
        const Instance = WebAssembly.Instance;
        WebAssembly.Instance = new Proxy(Instance, {
          construct(target, inputs) {
            const instance = Reflect.construct(target, inputs);
            for (const exported of Object.values(instance.exports)) if (exported instanceof WebAssembly.Memory) memories.push(exported);
            return instance;
          },
        });
        const { drivers } = await import("/drivers.js");
        const library = await import(script);
        if (module) await library.init(module);
        await drivers[driver].create(library);
        return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
      },
      { script, driver, module },
    );
  } finally {
    await context.close();
  }
}
