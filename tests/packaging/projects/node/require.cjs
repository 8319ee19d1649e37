const { createSession, isSessionError } = require("sessionkeeper");

createSession({ refresh: "/auth/refresh" }).then(async (session) => {
  const error = await session.accessToken().catch((error) => error);
  console.log(JSON.stringify([require("sessionkeeper/package.json").name, await session.restore(), isSessionError(error), error.code, typeof require("sessionkeeper/slim").init]));
});
