// @vitest-environment node

import { createSession, isSessionError } from "sessionkeeper";
import { expect, test } from "vitest";

test("a session on a server is signed out", async () => {
  const session = await createSession({ refresh: "/auth/refresh" });
  expect(await session.restore()).toBe("signed-out");
  const error = await session.accessToken().catch((error) => error);
  expect(isSessionError(error) && error.code).toBe("ERR_SIGNED_OUT");
});
