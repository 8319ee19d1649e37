import { randomBytes } from "node:crypto";

export const ISSUER = "https://issuer.example";
export const AUDIENCE = "sample-api";

const part = (members) => Buffer.from(JSON.stringify(members)).toString("base64url");

/** A well-formed access token that lives so long from now on, with a signature that nobody made. */
export function accessToken(lifetimeS, claims = {}, now = Date.now()) {
  const iat = Math.floor(now / 1000);
  const payload = { iss: ISSUER, aud: AUDIENCE, sub: "user-ada", sid: "session-1", jti: randomBytes(8).toString("hex"), iat, exp: iat + lifetimeS, ...claims };
  return `${part({ typ: "at+jwt", alg: "ES256", kid: "1" })}.${part(payload)}.${randomBytes(64).toString("base64url")}`;
}
