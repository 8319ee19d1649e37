// A WebSocket that does as it likes.

import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { eventually } from "../../e2e/support/eventually.mjs";

/** The first byte of the frame with which a server closes a WebSocket (RFC 6455, section 5.2). */
export const CLOSE = 0x88;

/** A message of up to 65,535 bytes in one frame, under a mask of zeros. */
export function frame(message) {
  const payload = Buffer.from(JSON.stringify(message));
  const header = Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([header, payload]);
}

/** A WebSocket of its own origin that is only told what to write: `heard()` is what came back. */
export async function stubbornSocket(address) {
  const { host, hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  let heard = Buffer.alloc(0);
  socket.on("data", (bytes) => (heard = Buffer.concat([heard, bytes])));
  socket.write(`GET /socket HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`);
  socket.write(`Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`);
  await eventually("the connection to be a WebSocket", () => heard.includes("\r\n\r\n"));
  return Object.assign(socket, { heard: () => heard });
}
