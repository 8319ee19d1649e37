import type { FunctionComponent, ReactNode } from "react";
import type { IdleWarning, SessionSource, SessionView } from "./view.js";

export type { IdleWarning, SessionSource, SessionView } from "./view.js";

export interface SessionProviderProps {
  /** Made once, outside of components; the provider neither restores nor disposes it. */
  session: SessionSource;
  children?: ReactNode;
}

/**
 * Gives the components below it the session.
 *
 * ```jsx
 * const session = createSession({ refresh: "/auth/refresh" }).then(async (session) => {
 *   await session.restore();
 *   return session;
 * });
 *
 * <SessionProvider session={session}><App /></SessionProvider>
 * ```
 */
export const SessionProvider: FunctionComponent<SessionProviderProps>;

/**
 * The session of the nearest `SessionProvider`; the component renders again when it has changed.
 *
 * ```jsx
 * const { state, claims, session } = useSession();
 * if (state === "starting") return <Skeleton />;
 * if (state === "signed-out") return <SignIn />;
 * return <button onClick={() => session.signOut()}>Sign out, {claims.name}</button>;
 * ```
 */
export function useSession(): SessionView;
/**
 * What `select` takes of the session; the component renders again only when that has changed.
 *
 * ```jsx
 * const isOnline = useSession((view) => view.online);
 * ```
 *
 * @param select Returns a member, or something made of members that is equal by `Object.is` as long as they are: no
 *   new object or array.
 */
export function useSession<T>(select: (view: SessionView) => T): T;

/**
 * The idle warning of the nearest `SessionProvider`'s session, for a dialog. Renders once a second while it is given,
 * and not otherwise.
 *
 * ```jsx
 * const { warning, secondsLeft, extend } = useIdleWarning();
 * return warning && <Dialog onClose={extend}>Signed out in {secondsLeft} s. Still there?</Dialog>;
 * ```
 */
export function useIdleWarning(): IdleWarning;
