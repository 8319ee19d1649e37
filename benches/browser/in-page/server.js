// The network's stand-in: an authorization server within the page, on the page's own clock.

/**
 * Puts itself in the place of `fetch`. Every answer is that of a token endpoint. Who asks, and when, is in
 * `globalThis.asked`: `{ url, body, at }`. `lifetimeS` says how long tokens live.
 */
export function installTokenServer() {
  const part = (members) => btoa(JSON.stringify(members)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  globalThis.lifetimeS = 3600;
  globalThis.asked = [];
  globalThis.tokenOf = (lifetimeS, padding = "") => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: location.origin, aud: "app", sub: "ada", sid: "s1", jti: crypto.randomUUID(), iat, exp: iat + lifetimeS, padding };
    return `${part({ typ: "at+jwt", alg: "ES256", kid: "1" })}.${part(claims)}.${"A".repeat(86)}`;
  };
  globalThis.answerOf = (lifetimeS) => ({
    access_token: globalThis.tokenOf(lifetimeS),
    token_type: "Bearer",
    expires_in: lifetimeS,
    scope: "openid",
  });
  globalThis.fetch = async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const url = request?.url ?? String(input);
    globalThis.asked.push({ url, body: String(init?.body ?? (request ? await request.clone().text() : "")), at: Date.now() });
    const lifetimeS = globalThis.lifetimeS;
    const refresh = { refresh_token: globalThis.tokenOf(86_400), refresh_expires_in: 86_400, expires_at: Math.floor(Date.now() / 1000) + lifetimeS, user: { id: "ada" } };
    return new Response(JSON.stringify({ ...globalThis.answerOf(lifetimeS), ...refresh }), {
      headers: { "content-type": "application/json", date: new Date().toUTCString() },
    });
  };
}
