// Where a page's scripts could leave something. These functions run in the page, and stand for themselves.

/** Resolves to the contents of every place that outlives a script or that another script can read, by name. */
export async function readStores() {
  const plain = (value) => {
    try {
      return typeof value === "string" ? value : JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  };
  const asked = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const databases = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name));
    for (const storeName of database.objectStoreNames) {
      const store = database.transaction(storeName).objectStore(storeName);
      databases.push(name, storeName, plain(await asked(store.getAllKeys())), plain(await asked(store.getAll())));
    }
    database.close();
  }
  const cached = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      cached.push(request.url, plain([...request.headers]), await (await cache.match(request)).text());
    }
  }
  return {
    "document.cookie": document.cookie,
    "localStorage": plain({ ...localStorage }),
    "sessionStorage": plain({ ...sessionStorage }),
    "IndexedDB": databases.join("\n"),
    "caches": cached.join("\n"),
    "history.state": plain(history.state),
    "location": location.href,
    "window.name": window.name,
    "written": globalThis.written.join("\n"),
  };
}

/** What else of a page a script can read: the document, the names of its requests, globals and the session. */
export function readPage() {
  const { session } = globalThis;
  const texts = Object.getOwnPropertyNames(globalThis).filter((name) => typeof globalThis[name] === "string");
  return {
    "document": document.documentElement.outerHTML,
    "performance": performance.getEntries().map(({ name }) => name).join("\n"),
    "globals": texts.map((name) => `${name}: ${globalThis[name]}`).join("\n"),
    "session": JSON.stringify([session, { ...session }, session?.snapshot(), session?.metrics?.(), session?.history?.(), session?.recording?.()]),
  };
}

/** Which of the texts stand in the memory of the page's WebAssembly instances. */
export function findInMemories(texts) {
  const memory = globalThis.memories.map(({ buffer }) => new TextDecoder("latin1").decode(buffer)).join("\n");
  return texts.filter((text) => memory.includes(text));
}
