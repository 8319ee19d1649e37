import { once } from "node:events";
import { createServer } from "node:http";

/**
 * A server of event streams on an origin of its own, for one test.
 *
 * `asked` holds when each request came; `open` the streams that are open now. `answers` holds how the next
 * requests are answered: a status, or a text that the stream begins with; without one they are streams that wait.
 * `say(…)` says an event on every open stream; `drop()` closes them.
 */
export async function startEventStreams(t) {
  const streams = {
    url: "",
    asked: [],
    open: new Set(),
    answers: [],
    say: (session, type = "revoked") => streams.open.forEach((stream) => stream.write(`event: ${type}\ndata: ${session}\n\n`)),
    drop: () => streams.open.forEach((stream) => stream.destroy()),
  };
  const server = createServer((message, response) => {
    streams.asked.push({ at: performance.now(), cookie: message.headers.cookie });
    const answer = streams.answers.shift() ?? ":\n\n";
    const allow = { "access-control-allow-credentials": "true", "access-control-allow-origin": message.headers.origin ?? "*", "cache-control": "no-store" };
    if (typeof answer === "number") return response.writeHead(answer, allow).end();
    response.writeHead(200, { ...allow, "content-type": "text/event-stream" }).write(answer);
    streams.open.add(response);
    response.on("close", () => streams.open.delete(response));
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  streams.url = `http://localhost:${server.address().port}/events`;
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return streams;
}
