// One more tab of the session, in a frame of the sample page: with a session, a module, locks and messages of its own.
// It has the page's origin, and an address without one, so it says where everything is.

import { createSession } from "/pkg/index.js";
import { chosenPolicy } from "../policy.js";

const { location: page } = parent;
const address = (path) => new URL(path, page).href;
const [title, state, note] = document.querySelectorAll("b, p");

function draw(session) {
  const { state: current, tokenExpiresAt } = session.snapshot();
  document.documentElement.dataset.state = current;
  const left = Math.max(0, Math.ceil((tokenExpiresAt - Date.now()) / 1000));
  state.textContent = current === "active" ? `${left} s left` : current;
  note.textContent = `${session.metrics().renewals.succeeded} renewals`;
}

async function start() {
  title.textContent = document.title;
  const session = await createSession({
    refresh: { url: address("/auth/refresh"), idleHeader: "Idle-Seconds" },
    logout: address("/auth/logout"),
    revocation: { eventsUrl: address("/auth/events") },
    requests: { allow: [page.origin] },
    policy: (claims) => chosenPolicy(claims, page),
  });
  globalThis.session = session;
  session.subscribe(() => draw(session));
  setInterval(() => draw(session), 250);
  draw(session);
  await session.restore();
}

start();
