/**
 * Records what the pages of a profile send and get, in order of sending.
 *
 * Headers are those on the wire, cookies included; their names are in lower case. Where the page went away before
 * the answer, those that it had set are all that is known. An answer's text is there only once the page has read it,
 * or let it go.
 */
export function recordTraffic(context) {
  const exchanges = new Map();
  const pending = new Set();

  const note = (work) => {
    // A page that goes away takes with it what was not read of its answers.
    const done = work.catch(() => {}).finally(() => pending.delete(done));
    pending.add(done);
  };
  context.on("request", (request) => {
    const url = new URL(request.url());
    const exchange = { method: request.method(), url: url.href, path: url.pathname, at: Date.now(), headers: request.headers() };
    exchanges.set(request, exchange);
    note((async () => {
      const response = await request.response();
      exchange.status = response?.status();
      exchange.headers = await request.allHeaders();
      exchange.answerHeaders = await response?.allHeaders();
    })());
  });
  context.on("requestfinished", (request) => {
    const exchange = exchanges.get(request);
    note((async () => {
      const response = await request.response();
      if (response.status() !== 204) exchange.answer = await response.text();
    })());
  });

  const at = (path) => [...exchanges.values()].filter((exchange) => !path || exchange.path === path);
  return {
    /** The exchanges, all or those at one path. */
    at,

    /** Resolves to the exchanges once every request so far has its answer. */
    async complete(path) {
      while (pending.size) await Promise.all(pending);
      return at(path);
    },
  };
}
