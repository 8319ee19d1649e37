import { hydrate, mount as show, unmount } from "svelte";
import App from "./App.svelte";
import Inspector from "./Inspector.svelte";

/** How often each part was drawn. */
export const drawn = { state: 0, online: 0, idle: 0 };

/** Shows the application, in place of what a server rendered if there is something; returns what removes it. */
export function mount(target, session, { isRendered = false } = {}) {
  const app = (isRendered ? hydrate : show)(App, { target, props: { session, drawn } });
  return () => unmount(app);
}

/** Shows an inspector of the session, in the form that docs/inspector.md gives. */
export function inspect(target, session) {
  show(Inspector, { target, props: { session } });
}
