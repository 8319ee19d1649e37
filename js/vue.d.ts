import type { ObjectPlugin, ShallowRef } from "vue";
import type { IdleWarning, SessionSource, SessionView } from "./view.js";

export type { IdleWarning, SessionSource, SessionView } from "./view.js";

/**
 * Gives all components of an application the session, which is made once, outside of components; the plugin neither
 * restores nor disposes it.
 *
 * ```js
 * const session = createSession({ refresh: "/auth/refresh" }).then(async (session) => {
 *   await session.restore();
 *   return session;
 * });
 * createApp(App).use(SessionPlugin, session).mount("#app");
 * ```
 */
export const SessionPlugin: ObjectPlugin<[session: SessionSource]>;

/**
 * The session of `SessionPlugin`, or the one that is given, as long as the component or the effect scope lives.
 *
 * ```vue
 * <script setup>
 * const view = useSession();
 * </script>
 * <template>
 *   <Skeleton v-if="view.state === 'starting'" />
 *   <SignIn v-else-if="view.state === 'signed-out'" />
 *   <button v-else @click="view.session.signOut()">Sign out, {{ view.claims.name }}</button>
 * </template>
 * ```
 */
export function useSession(session?: SessionSource): Readonly<ShallowRef<SessionView>>;

/**
 * The idle warning of the same session, for a dialog. It changes once a second while it is given, and not otherwise.
 *
 * ```vue
 * <dialog :open="idle.warning">Signed out in {{ idle.secondsLeft }} s. <button @click="idle.extend">Stay</button></dialog>
 * ```
 */
export function useIdleWarning(session?: SessionSource): Readonly<ShallowRef<IdleWarning>>;
