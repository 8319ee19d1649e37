import { isSessionError } from "/pkg/index.js";
import { renderAttempt, tickAttempt, watchAttempts } from "./attempt.js";
import { byTestId, notice, write } from "./dom.js";
import { watchEvents } from "./events.js";
import { placeFaults, watchFaults } from "./faults.js";
import { renderFigures, tickFigures, watchRenewals } from "./figures.js";
import { startFrames } from "./frames.js";
import { renderReadout } from "./readout.js";
import { openSession } from "./session.js";
import { watchSignIn } from "./sign-in.js";
import { renderTokenLife, tickTokenLife } from "./token-life.js";
import { renderYou, watchCalls } from "./you.js";

const REASONS = {
  "signed-out": "You signed out.",
  "idle-timeout": "You were signed out because nothing happened for a while.",
  "max-age": "The session reached its longest age.",
  "expired": "The session reached its end.",
  "rejected": "The server refused to renew the session.",
  "revoked": "The server ended the session.",
  "invalid-token": "The server's token failed the checks.",
  "unreachable": "The server could not be reached for too long.",
};

let shownState = null;

function render(session, snapshot) {
  const signedOut = snapshot.state === "signed-out";
  const kept = snapshot.state === "active" || snapshot.state === "degraded";
  write(byTestId("state"), snapshot.state);
  byTestId("state").dataset.state = snapshot.state;
  byTestId("welcome").hidden = !signedOut;
  byTestId("app").hidden = byTestId("sign-out").hidden = !kept;
  // Until a session has been seen there is nothing to tell of.
  if (kept) byTestId("log").hidden = false;

  renderTokenLife(snapshot);
  renderAttempt(snapshot);
  renderFigures(snapshot);
  renderReadout();
  renderYou(session, snapshot);
  placeFaults(kept);
  moveFocus(snapshot.state);
}

/** Where the view changes under the user, the focus goes to the new view's heading instead of nowhere. */
function moveFocus(state) {
  const swapped = shownState !== null && shownState !== "starting" && (state === "signed-out") !== (shownState === "signed-out");
  shownState = state;
  if (!swapped) return;
  document.getElementById(state === "signed-out" ? "welcome-title" : "token-title").focus({ preventScroll: true });
  scrollTo(0, 0);
}

function watchButtons(session) {
  byTestId("sign-out").addEventListener("click", () => session.signOut());
  byTestId("renew").addEventListener("click", () =>
    session.renew().catch((error) => {
      // The page hears of a failed renewal by its event, like any other.
      if (!isSessionError(error)) throw error;
    }));

  let started = false;
  session.on("started", () => {
    started = true;
    notice(byTestId("end-reason"), null);
  });
  session.on("ended", ({ detail }) => {
    // A visitor without a cookie has lost nothing, and hears of no end.
    notice(byTestId("end-reason"), started ? REASONS[detail.reason] : null);
    started = false;
  });
}

async function start() {
  const session = await openSession();
  globalThis.session = session; // for the console: try session.snapshot() or session.metrics()

  watchEvents(session);
  watchAttempts(session);
  watchRenewals(session);
  watchSignIn(session);
  watchCalls(session);
  watchButtons(session);
  watchFaults(session);

  let readAt = 0;
  const keepFrames = startFrames((now, timestamp) => {
    tickTokenLife(now, timestamp);
    tickAttempt(now);
    tickFigures(now);
    if (timestamp - readAt > 1000) {
      readAt = timestamp;
      renderReadout();
    }
  });
  session.subscribe((snapshot) => {
    render(session, snapshot);
    keepFrames(snapshot.state === "active" || snapshot.state === "degraded");
  });

  await session.restore();
  render(session, session.snapshot());
}

start().catch((error) => {
  const remedy = isSessionError(error) ? ` ${error.suggestion}` : "";
  notice(byTestId("page-error"), `${error.message}${remedy}`);
  byTestId("state").dataset.state = "failed";
  write(byTestId("state"), "failed");
  throw error;
});
