import { once } from "node:events";
import { createServer, request as ask } from "node:http";

/**
 * What stands between a browser and a server, and can lose an answer after the server has done its work. It stops when
 * the test has ended.
 *
 * `seen` holds what went through, in order; `lose(path)` has the next answer of a path not arrive; `serve(address)`
 * says where the server is.
 */
export async function startLossy(t) {
  let target;
  const seen = [];
  const lost = new Set();
  const front = createServer((incoming, outgoing) => {
    const path = incoming.url.split("?")[0];
    const exchange = { method: incoming.method, path, headers: incoming.headers, isLost: false };
    seen.push(exchange);
    const { method, url, headers } = incoming;
    const behind = ask({ host: "127.0.0.1", port: target.port, method, path: url, headers, agent: false }, (answer) => {
      exchange.status = answer.statusCode;
      exchange.answerHeaders = answer.headers;
      exchange.isLost = lost.delete(path);
      if (exchange.isLost) {
        answer.resume();
        return outgoing.destroy();
      }
      outgoing.writeHead(answer.statusCode, { ...answer.headers, connection: "close" });
      answer.pipe(outgoing);
    });
    behind.on("error", () => outgoing.destroy());
    incoming.pipe(behind);
  });
  front.on("upgrade", (incoming, socket, head) => {
    const behind = ask({ host: "127.0.0.1", port: target.port, path: incoming.url, headers: incoming.headers, agent: false });
    const close = () => {
      socket.destroy();
      behind.destroy();
    };
    behind.on("upgrade", (answer, far) => {
      seen.push({ method: "UPGRADE", path: incoming.url, headers: incoming.headers, status: 101 });
      const fields = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields.join("\r\n")}\r\n\r\n`);
      if (head.length) far.write(head);
      far.on("error", close).on("close", close).pipe(socket).on("error", close).on("close", close).pipe(far);
    });
    behind.on("response", (answer) => {
      seen.push({ method: "UPGRADE", path: incoming.url, headers: incoming.headers, status: answer.statusCode });
      socket.end(`HTTP/1.1 ${answer.statusCode} Refused\r\nConnection: close\r\n\r\n`);
    });
    behind.on("error", close).end();
  });
  front.listen(0, "localhost");
  await once(front, "listening");
  t.after(() => {
    front.close();
    front.closeAllConnections();
  });
  return {
    address: `http://localhost:${front.address().port}`,
    seen,
    at: (path) => seen.filter((exchange) => exchange.path === path),
    lose: (path) => lost.add(path),
    serve: (address) => (target = new URL(address)),
  };
}
