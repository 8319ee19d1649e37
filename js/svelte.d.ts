import type { IdleWarning, SessionSource, SessionView } from "./view.js";

export type { IdleWarning, SessionSource, SessionView } from "./view.js";

/** A `Readable` of `svelte/store`, by its shape: nothing of Svelte is loaded. */
export interface SessionReadable<T> {
  /** Calls `run` at once and after every change. Returns the function that ends the subscription. */
  subscribe(this: void, run: (value: T) => void, invalidate?: () => void): () => void;
}

/**
 * The session as a store, made once in a module; it neither restores nor disposes the session. With runes, `fromStore`
 * of `svelte/store` makes a reactive object of it.
 *
 * ```svelte
 * <script module>
 *   const session = createSession({ refresh: "/auth/refresh" }).then(async (session) => {
 *     await session.restore();
 *     return session;
 *   });
 *   const view = sessionStore(session);
 * </script>
 *
 * {#if $view.state === "starting"}<Skeleton />
 * {:else if $view.state === "signed-out"}<SignIn />
 * {:else}<button onclick={() => $view.session.signOut()}>Sign out, {$view.claims.name}</button>{/if}
 * ```
 */
export function sessionStore(session: SessionSource): SessionReadable<SessionView>;

/**
 * The session's idle warning as a store, for a dialog. It changes once a second while it is given, and not otherwise.
 *
 * ```svelte
 * {#if $idle.warning}<p role="alertdialog">Signed out in {$idle.secondsLeft} s. <button onclick={$idle.extend}>Stay</button></p>{/if}
 * ```
 */
export function idleWarningStore(session: SessionSource): SessionReadable<IdleWarning>;
