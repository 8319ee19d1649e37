import { session } from "./session.js";
import { connect } from "./socket.js";

const heard = [];
Object.assign(globalThis, {
  session,
  heard,
  connect: () => connect(`${location.origin.replace("http", "ws")}/socket`, (message) => heard.push(message)),
});
