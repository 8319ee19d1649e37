// The application of the tests, in Vue. Each framework's offers the same.

import { createApp, createSSRApp, defineComponent, h } from "vue";
import { SessionPlugin, useIdleWarning, useSession } from "sessionkeeper/vue";

const drawn = { state: 0, online: 0, idle: 0 };

const State = defineComponent(() => {
  const view = useSession();
  return () => {
    drawn.state++;
    const { state, claims, session, error } = view.value;
    return h("div", [
      h("p", { id: "state" }, state),
      h("p", { id: "user" }, claims?.sub ?? "nobody"),
      h("p", { id: "error" }, error?.code ?? "none"),
      h("button", { id: "sign-out", onClick: () => session.signOut() }, "Sign out"),
    ]);
  };
});

const Idle = defineComponent(() => {
  const idle = useIdleWarning();
  return () => {
    drawn.idle++;
    const { warning, secondsLeft, extend } = idle.value;
    return h("div", [
      h("p", { id: "seconds" }, warning ? String(secondsLeft) : "no warning"),
      h("button", { id: "extend", onClick: extend }, "Stay"),
    ]);
  };
});

export const App = defineComponent(() => () => h("main", [h(State), h(Idle)]));

/** How often each part was drawn. */
export { drawn };

/** Shows the application, in place of what a server rendered if there is something; returns what removes it. */
export function mount(element, session, { isRendered = false } = {}) {
  const app = (isRendered ? createSSRApp : createApp)(App).use(SessionPlugin, session);
  app.mount(element);
  return () => app.unmount();
}

/** Shows an inspector of the session, in the form that docs/inspector.md gives. */
export function inspect(element, session) {
  createApp(() => h("session-inspector", { ".session": session })).mount(element);
}
