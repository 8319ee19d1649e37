import { once } from "node:events";
import { createServer } from "node:http";

/** What of an answer every origin may read. */
const CORS = { "access-control-allow-credentials": "true", "access-control-expose-headers": "WWW-Authenticate" };

/**
 * An API on an origin of its own, which every origin may call, for one test.
 *
 * It answers everything with what it got, but for the paths of `answers`, which map to `(request, response)`, and
 * for requests whose token `refuses` says true of: those it answers with 401. `requests` holds what came, in order,
 * without preflights, which `preflights` holds.
 */
export async function startApi(t) {
  const api = {
    address: "",
    requests: [],
    preflights: [],
    answers: new Map(),
    refuses: () => false,
    challenge: 'Bearer error="invalid_token"',
    at: (path) => api.requests.filter((request) => request.path === path),
  };
  const server = createServer(async (message, response) => {
    const { pathname: path } = new URL(message.url, "http://localhost");
    const { method, headers } = message;
    const { origin = "*", authorization, cookie } = headers;
    const allow = { ...CORS, "access-control-allow-origin": origin, "cache-control": "no-store" };
    if (method === "OPTIONS") {
      api.preflights.push({ path, headers });
      response.writeHead(204, {
        ...allow,
        "access-control-allow-methods": headers["access-control-request-method"],
        "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
      });
      return response.end();
    }
    const chunks = [];
    for await (const chunk of message) chunks.push(chunk);
    const request = { method, path, headers, authorization, cookie, body: Buffer.concat(chunks).toString("latin1") };
    api.requests.push(request);
    for (const [name, value] of Object.entries(allow)) response.setHeader(name, value);
    const direct = api.answers.get(path);
    if (direct) return direct(request, response);
    if (authorization && api.refuses(authorization)) {
      return response.writeHead(401, { "www-authenticate": api.challenge }).end("refused");
    }
    response.end(request.body || "fine");
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  api.address = `http://localhost:${server.address().port}`;
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return api;
}
