// Every exported name, as an application uses it. Compiled, never run.

import {
  createSession, init, isSessionError, SessionError,
  type AuditConfig, type AuditEntry, type Claims, type ClockConfig, type ClockEstimate, type Duration, type EndpointConfig,
  type EndReason, type IdleConfig, type Instant, type Metrics, type Policy, type PolicyName, type RefreshConfig,
  type RenewalConfig, type RenewalFailure, type RequestConfig, type ResponsePaths, type RetryConfig, type RevocationConfig,
  type Session, type SessionConfig, type SessionErrorCode, type SessionEventMap, type SessionState, type Snapshot,
  type StepUp, type TabsConfig, type TokenConfig, type TokenResponse, type WasmSource,
} from "sessionkeeper";
import * as slim from "sessionkeeper/slim";

const spans: Duration[] = [0, 1500, "250ms", "30s", "15m", "1.5h", "30d"];
const instant: Instant = Date.now();

const endpoint: EndpointConfig = {
  url: () => "/auth/logout", method: "POST", headers: () => ({ "X-Tenant": "a" }), body: { all: true }, credentials: "include",
  csrf: { header: "X-XSRF-TOKEN", cookie: "XSRF-TOKEN" },
};
const paths: ResponsePaths = { accessToken: "data.token", expiresIn: "data.ttl", expiresInUnit: "ms", expiresAt: "data.until", sessionExpiresIn: "data.session" };
const answer: TokenResponse = { access_token: "t", token_type: "Bearer", expires_in: 300, expires_at: 1_700_000_000, session_expires_in: 86_400, scope: "a b" };
const refresh: RefreshConfig = { ...endpoint, response: paths, lifetime: "5m", timeout: "10s", idempotencyHeader: false, idleHeader: "X-Idle" };
const mapped: RefreshConfig = { url: "/auth/refresh", response: (body: unknown, response: Response) => (response.ok ? answer : {}), csrf: { header: "X", value: () => "1" } };
const token: TokenConfig = {
  issuer: "https://issuer.example", audience: ["api"], algorithms: ["RS256"], types: ["at+jwt"], requiredClaims: ["exp", "sub"],
  leeway: "30s", opaque: false, jwksUrl: "/jwks", lifetime: { min: "1m", max: "1h" },
};
const renewal: RenewalConfig = { lead: "1m", jitter: 0.2, hidden: "defer", minInterval: "5s" };
const retry: RetryConfig = { base: "1s", max: "30s", giveUpAfter: "24h", rejectedStatuses: [400, 401] };
const clock: ClockConfig = { warnAbove: "30s", timeUrl: "/time" };
const idle: IdleConfig = { timeout: "30m", warning: "1m", essential: false, confirm: true, events: ["keydown"], throttle: "1s" };
const requests: RequestConfig = { allow: ["https://api.example.com"], wait: "10s", signedOut: "pass" };
const tabs: TabsConfig = { shareToken: false };
const revocation: RevocationConfig = { eventsUrl: "/events", credentials: "include" };
const audit: AuditConfig = { capacity: 256, url: "/audit", sink: (entry: AuditEntry) => void [entry.sequence, entry.at, entry.type, entry.detail], recording: (line: string) => void line };
const policyName: PolicyName = "aal2";
const policy: Policy = { extends: policyName, idle, maxAge: "12h", lifetime: { max: "15m" }, lead: "1m" };
const config: SessionConfig = {
  name: "app", refresh, logout: endpoint, policy: (claims: Claims | null) => (claims?.acr === "high" ? policyName : policy),
  token, renewal, retry, clock, idle, maxAge: false, requests, tabs, revocation, audit,
};
const shortest: SessionConfig = { refresh: "/auth/refresh" };

const sources: WasmSource[] = [
  "/a.wasm", new URL("https://a.example/a.wasm"), new Request("/a"), new Response(), Promise.resolve(new Response()), new Uint8Array(8),
];

async function use(): Promise<void> {
  await init();
  await init(sources[0]);
  await slim.init(fetch("/sessionkeeper_bg.wasm"));
  const other: Session = await slim.createSession(shortest);
  other.dispose();

  using session = await createSession(config);
  const state: SessionState = await session.restore({ fresh: true });
  await session.begin(answer);
  await session.begin(new Response());
  await session.begin({ anything: 1 });

  const { fetch: authorized } = session;
  const fetched: Response = await authorized("https://api.example.com/x", { method: "POST" });
  const bearer: string = await session.accessToken({ minValidity: spans[3]!, signal: AbortSignal.timeout(10) });
  await session.renew();
  session.extend();
  session.touch();

  const requirement: StepUp = { acrValues: ["high"], amr: ["otp"], maxAge: "5m" };
  const satisfied: boolean = session.satisfies(requirement);
  session.requireStepUp(requirement);
  const deadline: Instant | null = session.idleDeadline();

  const snapshot: Snapshot = session.snapshot();
  const reason: EndReason | null = snapshot.reason;
  const estimate: ClockEstimate = snapshot.clock;
  const custom: unknown = snapshot.claims?.["tenant"];
  const stop: () => void = session.subscribe((each: Snapshot) => void each.state);
  const remove = session.on("ended", (event) => {
    const why: EndReason = event.detail.reason;
    const by: "this-tab" | "other-tab" | "server" = event.detail.by;
    void [why, by];
  });
  session.addEventListener("renewal-failed", (event) => {
    const cause: RenewalFailure = event.detail.cause;
    void cause;
  }, { once: true });
  const listener = (event: SessionEventMap["idle-warning"]): void => void event.detail.remaining;
  session.addEventListener("idle-warning", listener);
  session.removeEventListener("idle-warning", listener);
  session.addEventListener("anything", (event: Event) => void event);
  const metrics: Metrics = session.metrics();
  const failed: number = metrics.renewals.failed["rate-limited"];
  const history: readonly AuditEntry[] = session.history();
  const recording: readonly string[] = session.recording();
  stop();
  remove();
  await session.signOut({ logout: false });
  void [state, fetched, bearer, satisfied, deadline, reason, estimate, custom, failed, history, recording, instant, mapped];
}

try {
  await use();
} catch (error) {
  if (isSessionError(error)) {
    const code: SessionErrorCode = error.code;
    const suggestion: string = error.suggestion;
    const same: SessionError = error;
    void [code, suggestion, same];
  }
}

export async function negatives(session: Session, snapshot: Snapshot, error: SessionError): Promise<void> {
  // @ts-expect-error the refresh endpoint is required
  const none: SessionConfig = {};
  // @ts-expect-error an unknown member
  const unknown: SessionConfig = { refresh: "/r", renewals: {} };
  // @ts-expect-error a duration begins with a number
  const worded: Duration = "half a m";
  // @ts-expect-error a duration has a unit of the list
  const unit: Duration = "2w";
  // @ts-expect-error a policy of the list
  const named: PolicyName = "aal4";
  // @ts-expect-error CSRF by value or by cookie
  const csrf: EndpointConfig = { url: "/r", csrf: { header: "X" } };
  // @ts-expect-error paths are text
  const path: ResponsePaths = { accessToken: 5 };
  // @ts-expect-error an event that does not exist
  session.on("logged-out", () => {});
  // @ts-expect-error the detail belongs to the event
  session.on("degraded", (event) => void event.detail.reason);
  // @ts-expect-error a snapshot is immutable
  snapshot.state = "active";
  // @ts-expect-error the state cannot be set
  session.state = "active";
  // @ts-expect-error a code is not changed
  error.code = "ERR_CONFIG";
  // @ts-expect-error a code of the list
  if (error.code === "ERR_OTHER") return;
  // @ts-expect-error a token is text
  const token: number = await session.accessToken();
  // @ts-expect-error the slim entry has no bytes of its own
  await slim.init();
  // @ts-expect-error no source is not a source
  await init(null);
  void [none, unknown, worded, unit, named, csrf, path, token];
}
