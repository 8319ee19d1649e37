// The Express server of the recipe, with an API, one of GraphQL, and sockets.

import express from "express";
import { buildSchema, graphql } from "graphql";
import { auth, authorized } from "./auth.mjs";
import { serveSockets } from "./socket.mjs";

const schema = buildSchema("type Query { me: User } type Mutation { note(text: String!): String } type User { sub: ID! }");
const root = { me: (_, { sub }) => ({ sub }), note: ({ text }) => text };

/** Whom the first token was refused, of those that came with a header. */
const refused = new Map();
function refuseFirst(request, response, next) {
  const whose = request.get("x-refuse-first");
  const token = request.get("authorization");
  if (!whose || (refused.get(whose) ?? token) !== token) return next();
  refused.set(whose, token);
  response.set("WWW-Authenticate", 'Bearer error="invalid_token"').status(401).json({ error: "invalid_token" });
}

const app = express();
app.use("/auth", auth);
app.use("/api", refuseFirst, authorized, express.json());
app.get("/api/me", ({ session }, response) => response.json({ sub: session.sub }));
app.post("/api/notes", ({ session, body }, response) => response.status(201).json({ sub: session.sub, ...body }));
app.post("/graphql", refuseFirst, authorized, express.json(), async ({ session, body }, response) => {
  response.json(await graphql({ schema, source: body.query, variableValues: body.variables, rootValue: root, contextValue: session }));
});
app.use(express.static("public"));

const clients = new Set();
let messages = 0;
const server = app.listen(0, "127.0.0.1", () => console.log(`listening on http://localhost:${server.address().port}`));
serveSockets(server, "/socket", (socket, session) => {
  clients.add(socket);
  socket.on("close", () => clients.delete(socket));
  socket.on("message", () => messages++);
  socket.send(JSON.stringify({ type: "hello", sub: session.sub }));
});
app.get("/sockets", (request, response) => response.json({ open: clients.size, messages }));
// A network that fails.
app.post("/drop", (request, response) => {
  for (const socket of clients) socket.terminate();
  response.json(clients.size);
});
