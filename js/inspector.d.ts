import type { AuditEntry, Claims, Instant, Metrics, Session, Snapshot } from "./index.js";

/**
 * Defines the element `<session-inspector>`, which shows what a session does: a timeline, its present state, its
 * numbers and its history. Nothing is defined by the import alone. Called again it gives the same class; a name that
 * is defined already stays what it is. On a server it does nothing and gives `undefined`.
 *
 * ```js
 * import { defineInspector } from "sessionkeeper/inspector";
 *
 * defineInspector();
 * document.querySelector("session-inspector").session = session;
 * ```
 *
 * @param name Another name for the element, with a hyphen.
 */
export function defineInspector(name?: string): SessionInspectorConstructor | undefined;

export interface SessionInspectorConstructor {
  new (): SessionInspector;
  readonly prototype: SessionInspector;
}

/** The element `<session-inspector>`. It works while it is in a document, draws while it is seen, and never changes the session. */
export interface SessionInspector extends HTMLElement {
  /** The session that is shown, or the promise of one; what was set is what is read. Another one starts an empty picture. */
  session: Session | PromiseLike<Session> | null;
  /** What the button "Export" saves. Without `claims: true` the claims of the token are left out. It never holds a token. */
  export(options?: { claims?: boolean }): Inspection;
}

/** What is exported, as JSON has it: an `uncertainty` that is infinite is null. */
export interface Inspection {
  readonly format: "sessionkeeper-inspection";
  readonly version: 1;
  readonly exportedAt: Instant;
  /** Null where there is no session. */
  readonly snapshot: (Omit<Snapshot, "claims"> & { readonly claims?: Readonly<Claims> | null }) | null;
  readonly metrics: Metrics | null;
  /** All entries that the inspector has kept: more, as a rule, than `session.history()` still has. */
  readonly history: readonly AuditEntry[];
  /** The session's recording, for a replay, a text for each line; null where none is kept. */
  readonly recording: readonly string[] | null;
}

declare global {
  interface HTMLElementTagNameMap {
    "session-inspector": SessionInspector;
  }
}
