import { getCurrentInstance, inject, onMounted, onScopeDispose, shallowRef } from "vue";
import { idleWarningOf, SERVER_VIEW, viewOf } from "./store.js";

/** @typedef {import("./view.js").SessionSource} SessionSource */
/** @typedef {import("./view.js").SessionView} SessionView */

/** @type {import("vue").InjectionKey<SessionSource>} */
const KEY = Symbol("sessionkeeper");

/** @type {import("vue").ObjectPlugin<[SessionSource]>} */
export const SessionPlugin = { install: (app, session) => void app.provide(KEY, session) };

/** @param {SessionSource} [source] */
function viewFor(source = inject(KEY)) {
  if (!source) throw new Error("There is no session: install SessionPlugin with one, or give one.");
  return viewOf(source);
}

/**
 * The content of a store as long as the component or the scope lives.
 *
 * @template T
 * @param {import("./store.js").Store<T>} store
 * @param {import("./store.js").Store<T>} serverStore
 */
function refOf(store, serverStore) {
  // What is rendered first has to be what the server rendered; a component that takes that over has its element already.
  const isHydrating = !!getCurrentInstance()?.vnode.el;
  const shown = shallowRef((isHydrating ? serverStore : store).get());
  let stop = () => {};
  const start = () => {
    const show = () => (shown.value = store.get());
    stop = store.subscribe(show);
    show();
  };
  if (isHydrating) onMounted(start);
  else start();
  onScopeDispose(() => stop());
  return shown;
}

/** @param {SessionSource} [source] */
export const useSession = (source) => refOf(viewFor(source), SERVER_VIEW);

/** @param {SessionSource} [source] */
export const useIdleWarning = (source) => refOf(idleWarningOf(viewFor(source)), idleWarningOf(SERVER_VIEW));
