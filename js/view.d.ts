// What the adapters for frameworks share.

import type { Instant, Session, Snapshot } from "./index.js";

/** A session, or the promise of one as `createSession` gives it, also when more is done before it resolves, such as `restore()`. */
export type SessionSource = Session | PromiseLike<Session>;

/**
 * An immutable picture of the session for rendering: the members of its snapshot, and the session itself; the same
 * object until something changes.
 *
 * Before the promise has resolved, and on a server, `state` is "starting" and `session` is null: nobody knows yet who
 * is signed in, so show neither the sign-in form nor the application.
 */
export interface SessionView extends Snapshot {
  /** What to call `fetch`, `signOut` and the rest on; null until the promise has resolved. */
  readonly session: Session | null;
  /** Why there is no session, when its promise was rejected, by a `SessionError` as a rule, or gave something else. It is in the console too. */
  readonly error: unknown;
}

/** What a dialog shows that asks whether the user is still there. */
export interface IdleWarning {
  /** Whether the warning is given, and the dialog open. */
  readonly warning: boolean;
  /** When the session ends unless the user answers; null while there is no warning. */
  readonly endsAt: Instant | null;
  /** Whole seconds until then, rounded up, counting down; 0 while there is no warning. */
  readonly secondsLeft: number;
  /** The user's answer: stay signed in. The same function for ever. */
  readonly extend: () => void;
}
