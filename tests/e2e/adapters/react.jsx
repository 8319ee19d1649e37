// The application of the tests, in React. Each framework's offers the same.

import { Profiler, StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { SessionProvider, useIdleWarning, useSession } from "sessionkeeper/react";

const drawn = { state: 0, online: 0, idle: 0 };
const count = (part) => () => drawn[part]++;

function State() {
  const { state, claims, session, error } = useSession();
  return (
    <div>
      <p id="state">{state}</p>
      <p id="user">{claims?.sub ?? "nobody"}</p>
      <p id="error">{error?.code ?? "none"}</p>
      <button id="sign-out" onClick={() => session.signOut()}>Sign out</button>
    </div>
  );
}

const Online = () => <p id="online">{String(useSession((view) => view.online))}</p>;

function Idle() {
  const { warning, secondsLeft, extend } = useIdleWarning();
  return (
    <div>
      <p id="seconds">{warning ? secondsLeft : "no warning"}</p>
      <button id="extend" onClick={extend}>Stay</button>
    </div>
  );
}

export const App = ({ session }) => (
  <StrictMode>
    <SessionProvider session={session}>
      <Profiler id="state" onRender={count("state")}><State /></Profiler>
      <Profiler id="online" onRender={count("online")}><Online /></Profiler>
      <Profiler id="idle" onRender={count("idle")}><Idle /></Profiler>
    </SessionProvider>
  </StrictMode>
);

/** How often each part was drawn. */
export { drawn };

/** Shows the application, in place of what a server rendered if there is something; returns what removes it. */
export function mount(element, session, { isRendered = false } = {}) {
  const root = isRendered ? hydrateRoot(element, <App session={session} />) : createRoot(element);
  if (!isRendered) root.render(<App session={session} />);
  return () => root.unmount();
}

/** Shows an inspector of the session, in the form that docs/inspector.md gives. */
export function inspect(element, session) {
  createRoot(element).render(<session-inspector ref={(inspector) => { if (inspector) inspector.session = session; }} />);
}
