import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { textOf } from "../../js/body.js";

const MOST = 1 << 20;
const LIMIT_MS = 1000;
/** What a connection takes that nobody reads from. */
const BUFFERED = 16 << 20;

/** The answer of a server that writes these parts, if it likes again and again, and never ends; resolved by `gone` when nobody listens. */
async function unending(t, part, isRepeated) {
  const sent = { bytes: 0 };
  const server = createServer((_, response) => {
    sent.gone = once(response, "close");
    const write = () => {
      do sent.bytes += part.length;
      while (response.write(part) && isRepeated);
      if (isRepeated) response.once("drain", write);
    };
    if (part) write();
    else response.flushHeaders();
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const over = new AbortController();
  return { sent, over, response: await fetch(`http://localhost:${server.address().port}`, { signal: over.signal }) };
}

test("a body is read to its end", async () => {
  const over = new AbortController();
  for (const text of ["", '{"a":"ä€😀"}', "x".repeat(MOST)]) assert.equal(await textOf(new Response(text), over, MOST, LIMIT_MS), text);
  assert.equal(await textOf(new Response(null, { status: 204 }), over, MOST, LIMIT_MS), "");
  assert.ok(!over.signal.aborted);
});

for (const [what, part] of Object.entries({ "that says nothing": "", "that is a whole answer so far": '{"expires_in":300}' })) {
  test(`a body ${what} and does not end is given up in its time, and no sooner`, async (t) => {
    const { response, over, sent } = await unending(t, part);
    const asked = performance.now();
    await assert.rejects(textOf(response, over, MOST, LIMIT_MS), { name: "AbortError" });
    assert.ok(performance.now() - asked >= LIMIT_MS - 1);
    await sent.gone;
  });
}

test("a body of any length is given up as soon as it is too long", async (t) => {
  const { response, over, sent } = await unending(t, "x".repeat(1 << 16), true);
  await assert.rejects(textOf(response, over, MOST), { name: "AbortError" });
  await sent.gone;
  assert.ok(sent.bytes < MOST + BUFFERED, `${sent.bytes} bytes were sent`);
});

test("no time limit is so long, or so short, that nothing could be read", async (t) => {
  for (const ms of [0, 3650 * 86_400_000]) {
    const { response, over } = await unending(t, "");
    const reading = textOf(response, over, MOST, ms).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(!over.signal.aborted);
    over.abort();
    await reading;
  }
});

test("a body that breaks off is no text", async () => {
  const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError("network error")) });
  await assert.rejects(textOf(new Response(broken), new AbortController(), MOST, LIMIT_MS), { message: "network error" });
});
