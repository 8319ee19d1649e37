// What the public interface promises, member by member: nothing is renamed, removed or narrowed. Compiled, never run.

import type {
  AuditEntry, Claims, ClockEstimate, EndReason, Metrics, PolicyName, RefreshConfig, RenewalFailure, Session, SessionConfig,
  SessionErrorCode, SessionEventMap, SessionState, Snapshot, StepUp, TokenResponse, WasmSource,
} from "sessionkeeper";

/** Whether two types are the same; a member may be added to ours, so those are compared one by one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Whether `Ours` has each member of `Promised`, of the same type and as optional. */
type Keeps<Ours, Promised> = Same<{ [K in keyof Promised]: K extends keyof Ours ? Ours[K] : never }, { [K in keyof Promised]: Promised[K] }>;
/** Whether all that was taken is taken still. */
type Takes<Ours, Promised> = [Promised] extends [Ours] ? true : false;
const holds = <T extends true>(..._checks: T[]): void => {};

// Every value that an application may meet or give.
const states: Record<SessionState, 0> = { "signed-out": 0, starting: 0, active: 0, degraded: 0 };
const reasons: Record<EndReason, 0> = {
  "signed-out": 0, "idle-timeout": 0, "max-age": 0, expired: 0, rejected: 0, revoked: 0, "invalid-token": 0, unreachable: 0,
};
const failures: Record<RenewalFailure, 0> = {
  network: 0, timeout: 0, offline: 0, "rate-limited": 0, "server-error": 0, rejected: 0, "malformed-answer": 0, "invalid-token": 0,
};
const codes: Record<SessionErrorCode, 0> = {
  ERR_CONFIG: 0, ERR_WASM_LOAD: 0, ERR_SIGNED_OUT: 0, ERR_UNAVAILABLE: 0, ERR_BAD_ANSWER: 0, ERR_TOKEN_INVALID: 0, ERR_DISPOSED: 0, ERR_INTERNAL: 0,
};
holds<Takes<PolicyName, "consumer" | "payments" | "admin" | "aal1" | "aal2" | "aal3">>(true);
holds<Takes<WasmSource, string | URL | Request | Response | Promise<Response> | ArrayBuffer | Uint8Array<ArrayBuffer> | DataView<ArrayBuffer> | WebAssembly.Module>>(true);

// What is read.
type Span = { readonly skew: number; readonly uncertainty: number; readonly source: "date" | "iat" | "none" };
holds<Keeps<ClockEstimate, Span>>(true);
holds<Keeps<Snapshot, {
  readonly state: SessionState; readonly reason: EndReason | null; readonly claims: Readonly<Claims> | null;
  readonly tokenExpiresAt: number | null; readonly renewsAt: number | null; readonly renewing: boolean; readonly failures: number;
  readonly idleWarning: boolean; readonly idleEndsAt: number | null; readonly endsAt: number | null;
  readonly clock: ClockEstimate; readonly online: boolean; readonly tabs: number;
}>>(true);
holds<Keeps<Claims, {
  iss?: string; sub?: string; aud?: string | string[]; exp?: number; nbf?: number; iat?: number; jti?: string;
  auth_time?: number; acr?: string; amr?: string[]; sid?: string; scope?: string;
}>>(true);
holds<Keeps<Metrics, {
  readonly renewals: { succeeded: number; failed: Record<RenewalFailure, number>; adopted: number; retries: number };
  readonly renewalTime: { p50: number; p95: number; max: number };
  readonly requests: { authorized: number; waited: number; replayed: number; refused: number };
  readonly tokensRejected: Record<string, number>;
  readonly idleWarnings: number; readonly extensions: number; readonly wakeups: number; readonly activities: number;
}>>(true);
holds<Keeps<AuditEntry, {
  readonly sequence: number; readonly at: number; readonly type: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}>>(true);

// What is heard.
type Details = { [K in keyof SessionEventMap]: SessionEventMap[K]["detail"] };
type By = "this-tab" | "other-tab";
holds<Keeps<Details, {
  change: Snapshot;
  started: { restored: boolean };
  renewed: { by: By; tokenExpiresAt: number; attempts: number; took: number };
  "renewal-failed": { cause: RenewalFailure; attempt: number; retryAt: number | null };
  degraded: { since: number };
  recovered: { after: number };
  "idle-warning": { endsAt: number; remaining: number };
  "idle-extended": { by: By };
  "session-ending": { endsAt: number };
  ended: { reason: EndReason; by: By | "server" };
  "step-up-required": { acrValues?: string[]; amr?: string[]; maxAge?: number; url: string | null };
  "clock-skew": ClockEstimate;
  "clock-jump": { by: number; kind: "sleep" | "set-forward" | "set-back" | "unknown" };
  "policy-violation": { rule: string; detail: string };
  "facility-missing": { missing: "locks" | "broadcast-channel" | "event-source" | "storage"; effect: string };
}>>(true);
holds<Takes<Event, SessionEventMap[keyof SessionEventMap]>>(true);

// What is called.
holds<Keeps<Session, {
  readonly state: SessionState;
  restore(options?: { fresh?: boolean }): Promise<SessionState>;
  begin(answer: Response | TokenResponse | Record<string, unknown>): Promise<void>;
  signOut(options?: { logout?: boolean }): Promise<void>;
  readonly fetch: typeof globalThis.fetch;
  accessToken(options?: { minValidity?: number | `${number}${"ms" | "s" | "m" | "h" | "d"}`; signal?: AbortSignal }): Promise<string>;
  renew(): Promise<void>;
  extend(): void;
  touch(): void;
  satisfies(requirement: StepUp): boolean;
  requireStepUp(requirement: StepUp): void;
  idleDeadline(): number | null;
  snapshot(): Snapshot;
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  metrics(): Metrics;
  history(): readonly AuditEntry[];
  dispose(): void;
  [Symbol.dispose](): void;
}>>(true);
holds<Takes<EventTarget, Session>>(true);

// What is given: each member by itself, as an application writes it.
type Given = {
  name: string;
  refresh: string | RefreshConfig;
  logout: string | { url: string } | { url: () => string; method: string; headers: () => Record<string, string>; body: Record<string, unknown>; credentials: "include"; csrf: false };
  policy: "aal2" | { extends: "admin"; idle: false; maxAge: false; lifetime: { min: number; max: "15m" }; lead: "1m" } | ((claims: Claims | null) => "consumer");
  token: { issuer: string[]; audience: string; algorithms: string[]; types: string[]; requiredClaims: string[]; leeway: "30s"; opaque: boolean; jwksUrl: string; lifetime: { min: 0; max: "1h" } };
  renewal: { lead: "30s"; jitter: number; hidden: "renew" | "defer"; minInterval: number };
  retry: { base: "1s"; max: "30s"; giveUpAfter: "24h"; rejectedStatuses: number[] };
  clock: { warnAbove: "30s"; timeUrl: string };
  idle: false | { timeout: "30m"; warning: "1m"; essential: boolean; confirm: boolean; events: string[]; throttle: "1s" };
  maxAge: false | "12h" | number;
  requests: { allow: string[]; wait: "10s"; signedOut: "reject" | "pass" };
  tabs: false | { shareToken: boolean };
  revocation: { eventsUrl: string; credentials: RequestCredentials };
  audit: { capacity: number; url: string; sink: (entry: AuditEntry) => void };
};
type IsTaken = { [K in keyof Required<SessionConfig>]: K extends keyof Given ? Takes<NonNullable<SessionConfig[K]>, Given[K]> : true };
holds<Same<IsTaken, { [K in keyof Required<SessionConfig>]: true }>>(true);
holds<Takes<keyof SessionConfig, keyof Given>>(true);
holds<Takes<RefreshConfig, {
  url: string; response: ((body: unknown, response: Response) => TokenResponse) | { accessToken: string; expiresIn: string; expiresInUnit: "ms"; expiresAt: string; sessionExpiresIn: string };
  lifetime: "5m"; timeout: number; idempotencyHeader: false | string; idleHeader: string;
}>>(true);

void [states, reasons, failures, codes];
