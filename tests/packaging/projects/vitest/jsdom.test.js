// @vitest-environment jsdom

import { createSession } from "sessionkeeper";
import { expect, test, vi } from "vitest";
import { useIt } from "./use-it.js";

const part = (members) => btoa(JSON.stringify(members)).replace(/=+$/, "");

test("a session works in jsdom", async () => {
  const iat = Math.floor(Date.now() / 1000);
  const token = `${part({ alg: "ES256" })}.${part({ sub: "ada", iat, exp: iat + 900 })}.c2lnbmF0dXJl`;
  vi.stubGlobal("fetch", async () => Response.json({ access_token: token, expires_in: 900 }));
  expect(await useIt(createSession)).toEqual({ restored: "active", isItsToken: true, ended: "signed-out", refusal: "ERR_TOKEN_INVALID" });
});
