// What every project does with the package, and tells: a session from its start to its end, and the second module.

const part = (members) => btoa(JSON.stringify(members)).replace(/=+$/, "");

/** A token of some issuer that only the second module looks at. */
function tokenOf(issuer) {
  const iat = Math.floor(Date.now() / 1000);
  return `${part({ alg: "ES256", typ: "at+jwt" })}.${part({ iss: issuer, sub: "ada", iat, exp: iat + 900 })}.c2lnbmF0dXJl`;
}

/** The same for whichever entry gives `createSession`. */
export async function useIt(createSession) {
  try {
    const session = await createSession({ refresh: "/auth/refresh", logout: "/auth/logout" });
    const restored = await session.restore();
    const answer = { access_token: tokenOf("https://other.example"), expires_in: 900 };
    await session.begin(answer);
    const isItsToken = (await session.accessToken()) === answer.access_token;
    await session.signOut();

    const strict = await createSession({ name: "strict", refresh: "/auth/refresh", token: { issuer: "https://issuer.example" } });
    const refusal = await strict.begin(answer).then(() => "taken", (error) => error.code);
    return { restored, isItsToken, ended: session.state, refusal };
  } catch (error) {
    return { error: String(error), cause: String(error.cause), suggestion: error.suggestion };
  }
}
