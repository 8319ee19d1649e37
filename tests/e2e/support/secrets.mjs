/** The secrets of the exchanges with an authorization server, as the browser saw them go by. */
export function secretsOf(exchanges) {
  const accessTokens = [];
  const refreshTokens = [];
  for (const { answer, answerHeaders } of exchanges) {
    if (answer?.startsWith('{"access_token"')) accessTokens.push(JSON.parse(answer).access_token);
    const value = /^refresh=([^;]+)/.exec(answerHeaders?.["set-cookie"])?.[1];
    if (value) refreshTokens.push(value);
  }
  return { accessTokens, refreshTokens };
}

/** The parts of access tokens that tell them apart from any other text. */
export const partsOf = (accessTokens) => accessTokens.flatMap((token) => token.split(".").slice(1));

/** The values of claims that name a user, a session or a token. */
export const claimsOf = (accessTokens) =>
  accessTokens.flatMap((token) => {
    const { sub, sid, jti } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
    return [sub, sid, jti];
  });

/** Which secrets stand in which of the places. */
export const leaks = (places, secrets) =>
  Object.entries(places).flatMap(([place, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret.slice(0, 12)}… in ${place}`));
