// How an application uses each library, as its documentation has it. Served to the page.
//
// `create(library)` makes the object that an application keeps. `hold(library, lifetimeS, name)` makes one that holds
// a token of that lifetime and renews it by itself, where the library does so; it resolves to `due()`, which tells
// when the library itself means to renew next, in milliseconds since the Unix epoch. Requests of that object have
// `name` in their address or body.

/* global answerOf, tokenOf */

const origin = location.origin;
const nowS = () => Math.floor(Date.now() / 1000);

export const drivers = {
  sessionkeeper: {
    create: (library) => library.createSession({ refresh: "/auth/refresh", logout: "/auth/logout" }),
    async hold(library, lifetimeS, name) {
      const session = await library.createSession({ name, refresh: `/auth/refresh?name=${name}`, logout: "/auth/logout" });
      await session.begin(answerOf(lifetimeS));
      return () => session.snapshot().renewsAt;
    },
  },

  "oidc-client-ts": {
    create: ({ UserManager }) => new UserManager({ authority: origin, client_id: "app", redirect_uri: `${origin}/back` }),
    async hold({ UserManager }, lifetimeS, name) {
      const expires_at = nowS() + lifetimeS;
      const profile = { iss: origin, aud: name, sub: "ada", exp: expires_at, iat: nowS() };
      const user = { access_token: tokenOf(lifetimeS), refresh_token: name, token_type: "Bearer", scope: "openid", profile, expires_at };
      sessionStorage.setItem(`oidc.user:${origin}:${name}`, JSON.stringify(user));
      const manager = new UserManager({
        authority: origin,
        client_id: name,
        redirect_uri: `${origin}/back`,
        metadata: { issuer: origin, token_endpoint: `${origin}/auth/token`, authorization_endpoint: `${origin}/auth/authorize` },
      });
      await manager.getUser();
      return () => (expires_at - 60) * 1000; // accessTokenExpiringNotificationTimeInSeconds
    },
  },

  "keycloak-js": {
    create: ({ default: Keycloak }) => new Keycloak({ url: origin, realm: "main", clientId: "app" }),
    async hold({ default: Keycloak }, lifetimeS, name) {
      const keycloak = new Keycloak({ url: origin, realm: "main", clientId: name });
      keycloak.onTokenExpired = () => keycloak.updateToken();
      await keycloak.init({ token: tokenOf(lifetimeS), refreshToken: tokenOf(86_400), timeSkew: 0, checkLoginIframe: false });
      return () => keycloak.tokenParsed.exp * 1000;
    },
  },

  "@okta/okta-auth-js": {
    create: ({ OktaAuth }) => new OktaAuth({ issuer: origin, clientId: "app", redirectUri: `${origin}/back` }),
    async hold({ OktaAuth }, lifetimeS, name) {
      const okta = new OktaAuth({
        issuer: origin,
        clientId: name,
        redirectUri: `${origin}/back`,
        scopes: ["openid", "offline_access"],
        tokenManager: { storage: "memory", storageKey: name },
      });
      const urls = { authorizeUrl: `${origin}/v1/authorize`, tokenUrl: `${origin}/v1/token`, issuer: origin };
      const expiresAt = nowS() + lifetimeS;
      const accessToken = { accessToken: tokenOf(lifetimeS), claims: { sub: "ada" }, tokenType: "Bearer", scopes: ["openid"], userinfoUrl: `${origin}/v1/userinfo`, expiresAt, ...urls };
      const refreshToken = { refreshToken: name, scopes: ["offline_access"], expiresAt: nowS() + 86_400, ...urls };
      okta.tokenManager.setTokens({ accessToken, refreshToken });
      await okta.start();
      return () => (expiresAt - 30) * 1000; // expireEarlySeconds
    },
  },

  "@auth0/auth0-spa-js": {
    create: ({ Auth0Client }) => new Auth0Client({ domain: location.host, clientId: "app", authorizationParams: { redirect_uri: `${origin}/back` } }),
  },

  "@azure/msal-browser": {
    async create({ PublicClientApplication }) {
      const application = new PublicClientApplication({ auth: { clientId: "app", authority: "https://login.microsoftonline.com/common" } });
      await application.initialize();
      return application;
    },
  },

  "@supabase/auth-js": {
    create: ({ AuthClient }) => new AuthClient({ url: `${origin}/auth/v1` }),
    async hold({ AuthClient }, lifetimeS, name) {
      const expires_at = nowS() + lifetimeS;
      const held = { access_token: tokenOf(lifetimeS), refresh_token: name, token_type: "bearer", expires_in: lifetimeS, expires_at, user: { id: "ada" } };
      localStorage.setItem(name, JSON.stringify(held));
      const client = new AuthClient({ url: `${origin}/auth/v1`, storageKey: name, detectSessionInUrl: false });
      await client.initialize();
      return () => (expires_at - 120) * 1000; // less than four of its ticks of 30 s
    },
  },
};
