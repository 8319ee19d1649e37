// An OpenID provider whose user always agrees.

import { createHash, randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

const { privateKey, publicKey } = await generateKeyPair("RS256");
const pending = new Map();

const server = createServer(async (request, response) => {
  const issuer = `http://localhost:${server.address().port}`;
  const { pathname, searchParams } = new URL(request.url, issuer);
  const json = (status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (pathname === "/.well-known/openid-configuration") {
    return json(200, {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      code_challenge_methods_supported: ["S256"],
    });
  }
  if (pathname === "/jwks") return json(200, { keys: [{ ...(await exportJWK(publicKey)), alg: "RS256" }] });
  if (pathname === "/authorize") {
    const back = new URL(searchParams.get("redirect_uri"));
    const code = randomUUID();
    pending.set(code, searchParams);
    back.searchParams.set("code", code);
    back.searchParams.set("state", searchParams.get("state"));
    return response.writeHead(302, { location: back.href }).end();
  }
  if (pathname === "/token") {
    const form = new URLSearchParams(await text(request));
    const asked = pending.get(form.get("code"));
    pending.delete(form.get("code"));
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    const secret = form.get("client_secret");
    if (!asked || challenge !== asked.get("code_challenge") || secret !== process.env.CLIENT_SECRET) return json(400, { error: "invalid_grant" });
    const idToken = await new SignJWT({ nonce: asked.get("nonce") })
      .setProtectedHeader({ alg: "RS256" }).setIssuer(issuer).setAudience(asked.get("client_id")).setSubject("ada-of-the-issuer")
      .setIssuedAt().setExpirationTime("5m").sign(privateKey);
    return json(200, { access_token: "of no use here", token_type: "Bearer", expires_in: 300, id_token: idToken });
  }
  response.writeHead(404).end();
});
server.listen(0, "localhost", () => console.log(`listening on http://localhost:${server.address().port}`));
