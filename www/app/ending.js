import { byTestId, notice } from "./dom.js";

const REASONS = {
  "signed-out": "You signed out.",
  "idle-timeout": "You were signed out because nothing happened for a while. Sign in to go on.",
  "max-age": "You were signed out because the session reached its longest age. Sign in to go on.",
  "expired": "The session reached its end.",
  "rejected": "The server refused to renew the session.",
  "revoked": "The server ended the session.",
  "invalid-token": "The server's token failed the checks.",
  "unreachable": "The server could not be reached for too long.",
};

// A session may have come to these ends while no page was open: the next one tells of it.
const UNSEEN = ["idle-timeout", "max-age"];

const reason = byTestId("end-reason");

/** Says why the session has ended, above the form that begins another. */
export function watchEnding(session) {
  let started = false;
  session.on("started", () => {
    started = true;
    notice(reason, null);
  });
  session.on("ended", ({ detail }) => {
    // A visitor without a cookie has lost nothing, and hears of no end.
    const concerns = started || UNSEEN.includes(detail.reason);
    notice(reason, concerns ? REASONS[detail.reason] : null);
    started = false;
  });
}

/** Where reading goes on after the end of a session: at the reason, if there is one to tell. */
export const endingFocus = () => (reason.hidden ? document.getElementById("sign-in-title") : reason);
