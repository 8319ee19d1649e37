import "./simulated/clock.js"; // before the package, like the network
import "./simulated/network.js";
import { isSessionError } from "/pkg/index.js";
import { defineInspector } from "/pkg/inspector.js";
import { renderAccount } from "./account.js";
import { renderAttempt, tickAttempt, watchAttempts } from "./attempt.js";
import { watchDevice } from "./device.js";
import { byTestId, notice, write } from "./dom.js";
import { endingFocus, watchEnding } from "./ending.js";
import { watchEvents } from "./events.js";
import { watchFaults } from "./faults.js";
import { renderFigures, renderMetrics, tickFigures, watchFigures } from "./figures.js";
import { startFrames } from "./frames.js";
import { renderIdleWarning, tickIdleWarning, watchIdleWarning } from "./idle-warning.js";
import { renderPassword, watchPassword } from "./password.js";
import { renderPayment, watchPayment } from "./payment.js";
import { watchPolicy } from "./policy.js";
import { renderReadout } from "./readout.js";
import { openSession } from "./session.js";
import { watchScenes } from "./scenes/panel.js";
import { renderSessions, watchSessions } from "./sessions.js";
import { watchSignIn } from "./sign-in.js";
import { renderStepUp, watchStepUp } from "./step-up.js";
import { renderTokenLife, tickTokenLife } from "./token-life.js";
import { renderYou, watchCalls } from "./you.js";

let shownState = null;

function render(session, snapshot) {
  const signedOut = snapshot.state === "signed-out";
  const kept = snapshot.state === "active" || snapshot.state === "degraded";
  // Before anything is hidden, so that a dialog that closes gives the focus back to what is still there.
  renderIdleWarning(snapshot);
  renderStepUp(snapshot);
  write(byTestId("state"), snapshot.state);
  byTestId("state").dataset.state = snapshot.state;
  byTestId("welcome").hidden = !signedOut;
  byTestId("app").hidden = byTestId("sign-out").hidden = !kept;

  renderTokenLife(snapshot);
  renderAttempt(snapshot);
  renderFigures(snapshot);
  renderReadout();
  renderYou(session, snapshot);
  renderAccount(snapshot);
  renderPayment(snapshot);
  renderSessions(session, snapshot);
  renderPassword(snapshot);
  moveFocus(snapshot.state);
}

/** Where the view changes under the user, the focus goes to the new view's beginning instead of nowhere. */
function moveFocus(state) {
  const swapped = shownState !== null && shownState !== "starting" && (state === "signed-out") !== (shownState === "signed-out");
  shownState = state;
  if (!swapped) return;
  const beginning = state === "signed-out" ? endingFocus() : document.getElementById("account-title");
  scrollTo(0, 0);
  beginning.focus(); // and into view, where the page is that long
}

function watchButtons(session) {
  byTestId("sign-out").addEventListener("click", () => session.signOut());
  byTestId("renew").addEventListener("click", () =>
    session.renew().catch((error) => {
      // The page hears of a failed renewal by its event, like any other.
      if (!isSessionError(error)) throw error;
    }));
}

async function start() {
  watchPolicy();
  watchDevice();
  const session = await openSession();
  globalThis.session = session; // for the console: try session.snapshot() or session.metrics()

  defineInspector();
  byTestId("inspector").session = session;
  watchEvents(session);
  watchAttempts(session);
  watchFigures(session);
  watchSignIn(session);
  watchCalls(session);
  watchButtons(session);
  watchEnding(session);
  watchIdleWarning(session);
  watchStepUp(session);
  watchPayment(session);
  watchSessions(session);
  watchPassword(session);
  watchFaults(session);
  watchScenes(session);

  let readAt = 0;
  const keepFrames = startFrames((now, timestamp) => {
    tickTokenLife(now, timestamp);
    tickAttempt(now);
    tickFigures(now);
    tickIdleWarning(now);
    if (timestamp - readAt > 1000) {
      readAt = timestamp;
      renderReadout();
      renderMetrics();
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
