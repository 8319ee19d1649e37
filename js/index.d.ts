// The public interface of the package. Names, shapes, units and meanings only ever grow.

/// <reference lib="dom" />
/// <reference lib="esnext.disposable" />

/** A span of time: milliseconds as a number, or a number with a unit, such as "30s" or "15m". */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/** An instant: milliseconds since the Unix epoch on the *device's* clock, fit for `new Date(x)`. */
export type Instant = number;

// ---------------------------------------------------------------------------------------------
// Start
// ---------------------------------------------------------------------------------------------

/**
 * Loads the WebAssembly module. Optional: `createSession` calls it. Idempotent; concurrent calls
 * share one promise; a failed load can be tried again. No work happens when the package is imported.
 * The default entry carries its own bytes. The `/slim` entry carries none and wants a source.
 */
export function init(source?: WasmSource): Promise<void>;
/** Where the module comes from: its address, an answer with it, its bytes, or the module itself. */
export type WasmSource = string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module;

/**
 * Checks the configuration (throws `SessionError` `ERR_CONFIG` naming the member and the remedy)
 * and resolves to a session in state "signed-out". Sends nothing and starts no timer.
 * Where there is no `window` (server-side rendering), resolves to an inert signed-out session.
 */
export function createSession(config: SessionConfig): Promise<Session>;

// ---------------------------------------------------------------------------------------------
// Configuration
// ---------------------------------------------------------------------------------------------

/** What `createSession` is given. An unknown member is refused, and the error names those that there are. */
export interface SessionConfig {
  /**
   * Tabs of one origin with the same name share one session. Default: derived from the refresh address.
   * `sessionkeeper:<name>` is the package's one entry of localStorage: when the user signed in, whether the session has
   * ended, the key of a renewal under way, and with `idle` the last activity; no token and no claim.
   */
  name?: string;
  /** Where and how the access token is renewed. A string is short for `{ url }`. */
  refresh: string | RefreshConfig;
  /** Called whenever the session ends in the browser (sign-out, idle, age), again later until it succeeded. Without it, ends are local. */
  logout?: string | EndpointConfig;
  /** Defaults for the options below, by kind of application. Explicit options win, member by member. A function is asked at once with null, and again with the claims of each new token. */
  policy?: PolicyName | Policy | ((claims: Claims | null) => PolicyName | Policy);
  /** Which access tokens are taken. Default: those that can be scheduled, unchecked. */
  token?: TokenConfig;
  /** When the access token is renewed. */
  renewal?: RenewalConfig;
  /** What follows a renewal that failed. */
  retry?: RetryConfig;
  /** What is done about a device whose clock is wrong. */
  clock?: ClockConfig;
  /** Off unless given here or by the policy. */
  idle?: IdleConfig | false;
  /** Longest life of a session from its sign-in, whatever the activity or reloads. Off unless given here or by the policy. */
  maxAge?: Duration | false;
  /** What `fetch` and `accessToken` do. */
  requests?: RequestConfig;
  /** What the tabs of one origin share. `false`: each tab for itself. */
  tabs?: TabsConfig | false;
  /** Where the server tells at once that it has ended the session. Default: the next renewal or request finds out. */
  revocation?: RevocationConfig;
  /** What becomes of the audit entries. Default: the newest are kept in memory. */
  audit?: AuditConfig;
}

/** How one of the server's endpoints is called. */
export interface EndpointConfig {
  /** Asked anew before each call when it is a function, as for tenants. */
  url: string | (() => string);
  /** Default "POST". */
  method?: string;
  /** Sent beside those of `csrf` and of the package. A function is asked anew before each call. */
  headers?: Record<string, string> | (() => Record<string, string>);
  /** Sent as JSON when it is not a string. */
  body?: string | Record<string, unknown>;
  /** Default "same-origin"; "include" for an authorization server on another origin. */
  credentials?: RequestCredentials;
  /** Cross-site request forgery defence. Default: the header `X-CSRF: 1`. */
  csrf?: { header: string; value: string | (() => string) } | { header: string; cookie: string } | false;
}

/** How the access token is renewed. */
export interface RefreshConfig extends EndpointConfig {
  /**
   * Where the answer's members stand, as dotted paths, for servers that do not answer with the
   * members of RFC 6749 section 5.1. Or a function that returns them.
   * An answer without an access token is legal when the session's first answer had none: the access
   * token is then a cookie too, and only the expiry is managed.
   */
  response?: ResponsePaths | ((body: unknown, response: Response) => TokenResponse);
  /** The access token's lifetime where no answer tells it, as with an empty 204. */
  lifetime?: Duration;
  /** One attempt's time limit. Default "10s". An attempt that was sent is never aborted: its answer is still adopted. Once an answer has begun, its body has as long to end. */
  timeout?: Duration;
  /** Header that carries the same unguessable value on every attempt of one renewal, whichever tab or page load makes it, so that a server can answer a repeated attempt again instead of calling it reuse. Default "Idempotency-Key"; `false` for none. */
  idempotencyHeader?: string | false;
  /** Header that tells the server the whole seconds since the user's last activity, so that a background renewal need not count as activity; also where `idle` is off. Default none. */
  idleHeader?: string;
}

/** Where the members of an answer stand, such as `data.token`. */
export interface ResponsePaths {
  /** Default "access_token". */
  accessToken?: string;
  /** Relative expiry. Default "expires_in". */
  expiresIn?: string;
  /** Unit of `expiresIn` and `sessionExpiresIn`. Default "s". */
  expiresInUnit?: "s" | "ms";
  /** Absolute expiry on the server's clock: NumericDate seconds, or an ISO 8601 / RFC 3339 date. */
  expiresAt?: string;
  /** Seconds until the whole session (the refresh token) ends. */
  sessionExpiresIn?: string;
}

/** RFC 6749 section 5.1, as far as a page may see it. A refresh token in an answer is never kept. */
export interface TokenResponse {
  /** A JWT, or any other text. */
  access_token?: string;
  /** `Bearer`, in whatever case; another type is refused. */
  token_type?: string;
  /** Seconds from the answer. */
  expires_in?: number;
  /** NumericDate on the server's clock. */
  expires_at?: number;
  /** Seconds from the answer until the whole session ends. */
  session_expires_in?: number;
  /** Not looked at. */
  scope?: string;
}

/** With `issuer`, `audience`, `algorithms`, `types`, `requiredClaims` or `jwksUrl` the second module is loaded, and a token is adopted only after it passed. */
export interface TokenConfig {
  /** Expected `iss`. Not checked when absent. */
  issuer?: string | string[];
  /** Expected `aud`; one match is enough. Not checked when absent. */
  audience?: string | string[];
  /** Accepted `alg`; others are refused. Default: any but "none"; with `jwksUrl`, the asymmetric ones of JWA, and no others may be named: RS, PS and ES 256, 384 and 512, "EdDSA" (Ed25519). */
  algorithms?: string[];
  /** Accepted `typ` in the header, such as "at+jwt". Default: any. */
  types?: string[];
  /** Claims that must be present. Default ["exp"] for a JWT. */
  requiredClaims?: string[];
  /** Slack for `exp`, `nbf` and `iat` when a token is adopted; a lapsed token is never sent. Default "30s"; more than "5m" is refused. */
  leeway?: Duration;
  /** Accept tokens that are not JWTs; their expiry comes from the answer. Default true. */
  opaque?: boolean;
  /**
   * Verify the signature too, with the keys published here (a JSON Web Key Set). Default: not verified; the API
   * verifies. Fetched without credentials; another origin has to allow it. Keys are taken by `kid`, and fetched again
   * for an unknown one, at most once a minute. Keys that cannot be had are a passing failure.
   */
  jwksUrl?: string;
  /** Accepted range of `exp - iat`; outside it, `policy-violation` is reported. From the policy by default. */
  lifetime?: { min?: Duration; max?: Duration };
}

/** When the access token is renewed. */
export interface RenewalConfig {
  /** How long before the expiry a renewal starts. Default: a tenth of the lifetime within 30 s to 5 min. With its jitter never more than half of the lifetime. */
  lead?: Duration;
  /** Share of the lead by which a renewal may start earlier, at random, so that clients do not renew in step. 0 to 1. Default 0.2. */
  jitter?: number;
  /** What a hidden page does: "renew" in the background, or "defer" until it is shown. Default "renew". */
  hidden?: "renew" | "defer";
  /** Least time between two renewals, but those asked for by `renew()`. Default "5s" and at most half of the lifetime; never less than "1s". */
  minInterval?: Duration;
}

/** What follows a renewal that failed. */
export interface RetryConfig {
  /** First backoff. Default "1s". */
  base?: Duration;
  /** Longest backoff, jitter included. Default "30s". */
  max?: Duration;
  /** How long a session may stay degraded (token lapsed, renewal failing for passing reasons) before it ends. Default "24h". */
  giveUpAfter?: Duration;
  /** Statuses that end the session, after a second look. Default [400, 401, 403]. */
  rejectedStatuses?: number[];
}

/** What is done about a device whose clock is wrong. */
export interface ClockConfig {
  /** Report `clock-skew` when the device's clock is further off than this. Default "30s". */
  warnAbove?: Duration;
  /** An address whose `Date` header tells the server's time, asked only when nothing else does. Default none. */
  timeUrl?: string;
}

/** When a session that nobody uses ends. */
export interface IdleConfig {
  /** Default "30m". */
  timeout?: Duration;
  /** How long before the end the warning is given. Default "1m"; less than "20s" is refused (WCAG 2.2.1) unless `essential`. */
  warning?: Duration;
  /** The time limit is essential, so that the warning may be shorter than WCAG 2.2.1 wants. Default false. */
  essential?: boolean;
  /** Once the warning is given, only `extend()` keeps the session, not a stray movement. Default true. */
  confirm?: boolean;
  /** DOM events that count as activity, also where a script dispatches them. Default: pointerdown, pointermove, keydown, wheel, touchstart. */
  events?: string[];
  /** Least time between two recorded activities. Default "1s"; at most the time before the warning. */
  throttle?: Duration;
}

/** What `fetch` and `accessToken` do. */
export interface RequestConfig {
  /**
   * Who may receive the access token: origins, or URLs whose path is a prefix of whole segments.
   * Compared after parsing; "https://api.example.com" never matches "https://api.example.com.evil.test".
   * Absolute URLs only. Default: the page's own origin. Other addresses are fetched without the token.
   */
  allow?: string[];
  /** How long a request waits for a usable token; then ERR_UNAVAILABLE. Default "10s". */
  wait?: Duration;
  /** Requests to allowed addresses while signed out: rejected with ERR_SIGNED_OUT, or passed on without a token. Default "reject". */
  signedOut?: "reject" | "pass";
}

/** What the tabs of one origin share. */
export interface TabsConfig {
  /** Hand the access token to the origin's other tabs, in memory, so that one renewal serves all. `false`: each tab renews for itself, one at a time. Default true. */
  shareToken?: boolean;
}

/** Where the server tells that it has ended the session. */
export interface RevocationConfig {
  /**
   * A server-sent event stream; an event named "revoked" ends the session at once. Its data is the session's `sid`,
   * or a JSON object with that member: an event for another session changes nothing. Where the event or the token
   * has no `sid`, the end is that of the session whose cookie the stream was opened with. One tab listens for all.
   */
  eventsUrl: string;
  /** "include" sends cookies to another origin. To the page's own they always go. Default "same-origin". */
  credentials?: RequestCredentials;
}

/** What becomes of the audit entries. */
export interface AuditConfig {
  /** How many entries are kept in memory. Default 256. */
  capacity?: number;
  /** Where entries are sent in batches, also when the page goes away. Never contains a token. */
  url?: string;
  /** Called with each entry. */
  sink?: (entry: AuditEntry) => void;
  /**
   * Records all that the session hears and does, so that it can be run again: `session.recording()`. Another module is
   * loaded for that. Never contains a token or a claim, but instants, and addresses without their query. With a
   * function, each line is handed over too, as it is written.
   */
  recording?: boolean | ((line: string) => void);
}

/** "consumer", "payments" and "admin" follow the lifetimes of the JWT practice table; the AAL ones follow NIST SP 800-63B. */
export type PolicyName = "consumer" | "payments" | "admin" | "aal1" | "aal2" | "aal3";
/** Defaults of a kind of application; what a configuration says itself wins. */
export interface Policy {
  /** The policy that this one changes. Default none. */
  extends?: PolicyName;
  /** As `SessionConfig.idle`. */
  idle?: IdleConfig | false;
  /** As `SessionConfig.maxAge`. */
  maxAge?: Duration | false;
  /** As `TokenConfig.lifetime`. */
  lifetime?: { min?: Duration; max?: Duration };
  /** As `RenewalConfig.lead`. */
  lead?: Duration;
}

// ---------------------------------------------------------------------------------------------
// Session
// ---------------------------------------------------------------------------------------------

/**
 * signed-out  no session, or it ended (`reason` says why)
 * starting    asking the server whether the cookie still stands for a session
 * active      a usable access token is held, or it lapsed and no attempt has failed since
 * degraded    the token has lapsed and renewal fails for a passing reason: requests wait, retries go on
 */
export type SessionState = "signed-out" | "starting" | "active" | "degraded";

/**
 * Why a session ended.
 *
 * signed-out     signOut(), here or in another tab
 * idle-timeout   nobody used it
 * max-age        it reached `maxAge`
 * expired        the refresh token's own end, as the server announced it
 * rejected       the server refused the renewal
 * revoked        the server ended it
 * invalid-token  the server's token fails the checks
 * unreachable    degraded for longer than `retry.giveUpAfter`
 */
export type EndReason =
  | "signed-out" | "idle-timeout" | "max-age" | "expired"
  | "rejected" | "revoked" | "invalid-token" | "unreachable";

/** A user's session, as this page has it. */
export interface Session extends EventTarget {
  /** The same as `snapshot().state`. */
  readonly state: SessionState;

  /**
   * Takes up the session of the HttpOnly cookie, if there is one: from another tab, else by one renewal.
   * Resolves to the state it led to; does not reject because the user is signed out. When the server cannot
   * be reached it resolves to "degraded" after the first failure and keeps trying. A session that ended in this
   * browser stays ended, unless `fresh` says that the user has just signed in, by a redirect for instance. One that
   * nobody has used for too long, or that is too old, ends here. To restore is no activity.
   */
  restore(options?: { fresh?: boolean }): Promise<SessionState>;
  /**
   * Starts a session with the answer to a sign-in, given as the `Response` or its parsed body. Rejects with
   * ERR_BAD_ANSWER (not ok, already read, no token and no expiry) or ERR_TOKEN_INVALID. An answer for the same
   * `sub` and `sid` is an upgrade, as after step-up: no new start, the age goes on.
   */
  begin(answer: Response | TokenResponse | Record<string, unknown>): Promise<void>;
  /** Ends the session in every tab at once, then tells the server. Resolves when it answered, after 5 s at most; never rejects for the network. With `logout: false` the server is not told, and the session is over in this browser only. */
  signOut(options?: { logout?: boolean }): Promise<void>;

  /** `fetch` with a usable access token for allowed addresses; see `RequestConfig`. Renews and replays once when the API says the token is invalid. A response that asks for step-up is reported and returned. Usable detached: `const { fetch } = session`. */
  readonly fetch: typeof globalThis.fetch;
  /** A token valid for at least `minValidity` (default "5s", at most half of the lifetime), renewed first where needed. Rejects with ERR_SIGNED_OUT, or ERR_UNAVAILABLE after `requests.wait`. */
  accessToken(options?: { minValidity?: Duration; signal?: AbortSignal }): Promise<string>;
  /** Renews now. Calls at the same time share one renewal, across tabs too. Rejects with ERR_UNAVAILABLE when the first attempt fails for a passing reason (retries go on), ERR_SIGNED_OUT when refused. */
  renew(): Promise<void>;

  /** The user asks to stay signed in: answers an idle warning, and counts as activity. */
  extend(): void;
  /** Reports activity that the DOM does not show, such as a playing video. */
  touch(): void;
  /**
   * Whether the session satisfies this now: its `acr` is one of `acrValues`, its `amr` has each of `amr`, and its
   * `auth_time` is no longer ago than `maxAge` on the server's clock. The detail of `step-up-required` will do. Pure:
   * fit for rendering.
   */
  satisfies(requirement: StepUp): boolean;
  /** Reports `step-up-required`, as an API's challenge does. */
  requireStepUp(requirement: StepUp): void;
  /** When the session will end for idleness if nothing happens; null when idle is off. Changes with every activity, so it is not in the snapshot. */
  idleDeadline(): Instant | null;

  /** An immutable picture of the session; the same object until something changes. */
  snapshot(): Snapshot;
  /** Calls back after every change of the snapshot. Returns the function that ends the subscription. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  /** `addEventListener` that returns the function that removes the listener. */
  on<K extends keyof SessionEventMap>(type: K, listener: (event: SessionEventMap[K]) => void): () => void;
  addEventListener<K extends keyof SessionEventMap>(type: K, listener: ((event: SessionEventMap[K]) => void) | null, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof SessionEventMap>(type: K, listener: ((event: SessionEventMap[K]) => void) | null, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;

  /** */
  metrics(): Metrics;
  /** The newest audit entries, oldest first. */
  history(): readonly AuditEntry[];
  /**
   * The lines of the recording, each a JSON text; empty where none is kept. About 4 million characters are kept, the
   * first ones.
   */
  recording(): readonly string[];
  /** Drops every timer, listener, lock and channel, and wipes the token. The session of the other tabs goes on. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** An immutable picture of the session. */
export interface Snapshot {
  /** Whether the user is signed in. */
  readonly state: SessionState;
  /** Why the session ended; null while there is one, and where there was none. */
  readonly reason: EndReason | null;
  /** The access token's payload, for display and scheduling only. */
  readonly claims: Readonly<Claims> | null;
  /** When the access token lapses; null without one. */
  readonly tokenExpiresAt: Instant | null;
  /** When the next renewal is due; null while none is planned. */
  readonly renewsAt: Instant | null;
  /** Whether a renewal is under way. */
  readonly renewing: boolean;
  /** Consecutive failed attempts of the renewal under way. */
  readonly failures: number;
  /** Whether the user is warned that the session is about to end for idleness. */
  readonly idleWarning: boolean;
  /** The end that the warning counts down to; null while there is no warning. */
  readonly idleEndsAt: Instant | null;
  /** The session's hard end: `maxAge`, or the refresh token's own end. */
  readonly endsAt: Instant | null;
  /** Replaced only when it has changed by more than a second, or has become known. */
  readonly clock: ClockEstimate;
  /** Whether the browser says that it is online. */
  readonly online: boolean;
  /** Tabs that share this session, this one included. */
  readonly tabs: number;
}

/** How far the device's clock is from the server's. */
export interface ClockEstimate {
  /** Milliseconds that the server is ahead of the device; negative when the device is fast. */
  readonly skew: number;
  /** The true skew lies within `skew` ± this. Infinity when nothing is known. */
  readonly uncertainty: number;
  /** What it was learnt from: the header `Date`, a token's `iat`, or nothing yet. */
  readonly source: "date" | "iat" | "none";
}

/** The access token's payload: the registered claims, and whatever else the server puts in it. */
export interface Claims {
  iss?: string; sub?: string; aud?: string | string[]; exp?: number; nbf?: number; iat?: number; jti?: string;
  auth_time?: number; acr?: string; amr?: string[]; sid?: string; scope?: string;
  [claim: string]: unknown;
}

/** How the user must have signed in: what RFC 9470 asks for. */
export interface StepUp { acrValues?: string[]; amr?: string[]; /** Since `auth_time`. */ maxAge?: Duration; }

/** The events, by type, as `on` and `addEventListener` give them. */
export interface SessionEventMap {
  /** The snapshot has changed. */
  "change": CustomEvent<Snapshot>;
  /** A session began by a sign-in, or was taken up again. */
  "started": CustomEvent<{ restored: boolean }>;
  /** There is a new access token; `took` is in milliseconds. */
  "renewed": CustomEvent<{ by: "this-tab" | "other-tab"; tokenExpiresAt: Instant; attempts: number; took: number }>;
  /** An attempt failed; `retryAt` says when the next is made. */
  "renewal-failed": CustomEvent<{ cause: RenewalFailure; attempt: number; retryAt: Instant | null }>;
  /** The token has lapsed and cannot be renewed for now. */
  "degraded": CustomEvent<{ since: Instant }>;
  /** It could be renewed again, `after` so many milliseconds. */
  "recovered": CustomEvent<{ after: number }>;
  /** The session is about to end for idleness, in `remaining` milliseconds. */
  "idle-warning": CustomEvent<{ endsAt: Instant; remaining: number }>;
  /** The warning was answered. */
  "idle-extended": CustomEvent<{ by: "this-tab" | "other-tab" }>;
  /** The session's hard end is near and cannot be extended; the refresh token is about to lapse, or `maxAge`. */
  "session-ending": CustomEvent<{ endsAt: Instant }>;
  /** The session is over. */
  "ended": CustomEvent<{ reason: EndReason; by: "this-tab" | "other-tab" | "server" }>;
  /** `maxAge` in milliseconds. */
  "step-up-required": CustomEvent<{ acrValues?: string[]; amr?: string[]; maxAge?: number; url: string | null }>;
  /** The device's clock is further off than `clock.warnAbove`. */
  "clock-skew": CustomEvent<ClockEstimate>;
  /** The device's clock was set, or the device slept. */
  "clock-jump": CustomEvent<{ by: number; kind: "sleep" | "set-forward" | "set-back" | "unknown" }>;
  /** Something is not as the policy says, and is not refused for it. */
  "policy-violation": CustomEvent<{ rule: string; detail: string }>;
  /** A browser facility is missing; the session works without it, as described. */
  "facility-missing": CustomEvent<{ missing: "locks" | "broadcast-channel" | "event-source" | "storage"; effect: string }>;
}

/** Why an attempt to renew failed. */
export type RenewalFailure =
  | "network" | "timeout" | "offline" | "rate-limited" | "server-error"
  | "rejected" | "malformed-answer" | "invalid-token";

/** Numbers for a dashboard: what this tab has done since its session object was created. */
export interface Metrics {
  /** Adopted: those of other tabs. Retries: attempts but the first of each renewal. */
  readonly renewals: { succeeded: number; failed: Record<RenewalFailure, number>; adopted: number; retries: number };
  /** Milliseconds, over the last renewals of this tab. */
  readonly renewalTime: { p50: number; p95: number; max: number };
  /** Of `fetch`: sent with a token, had to wait for one, sent again with a new one, not sent for want of one. */
  readonly requests: { authorized: number; waited: number; replayed: number; refused: number };
  /** By reason; the reasons are those of the audit entry `token-rejected`. */
  readonly tokensRejected: Record<string, number>;
  /** Idle warnings that were given in this tab. */
  readonly idleWarnings: number;
  /** Idle warnings that were answered in this tab. */
  readonly extensions: number;
  /** How often the session's one timer has fired. */
  readonly wakeups: number;
  /** Activities that were recorded: at most one in `idle.throttle`. */
  readonly activities: number;
}

/** Something that happened, without a token. */
export interface AuditEntry {
  /** Rises by one with every entry of this tab. */
  readonly sequence: number;
  /** The device's time. */
  readonly at: Instant;
  /**
   * The name of an event but `change`, whose detail is flat here, its lists separated by spaces and its address without
   * query; or `token-rejected` with a `reason`, `request-replayed` or `request-refused` with a `url`.
   */
  readonly type: string;
  /** What else there is to say of it, by type: docs/audit.md of the repository lists it. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** What went wrong, for programs. */
export type SessionErrorCode =
  | "ERR_CONFIG" | "ERR_WASM_LOAD" | "ERR_SIGNED_OUT" | "ERR_UNAVAILABLE" | "ERR_BAD_ANSWER"
  | "ERR_TOKEN_INVALID" | "ERR_DISPOSED" | "ERR_INTERNAL";

/** What the package throws and rejects with. Its message never holds a token. */
export class SessionError extends Error {
  /** What went wrong, for programs. */
  readonly code: SessionErrorCode;
  /** What to do about it, in one sentence. */
  readonly suggestion: string;
}
/** Whether it is a `SessionError`, of whichever copy of the package in the page. */
export function isSessionError(value: unknown): value is SessionError;
