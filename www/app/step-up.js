import { byTestId, notice, write } from "./dom.js";
import { span } from "./format.js";
import { complaintOf, isOffered, send } from "./requests.js";

const dialog = byTestId("step-up");
const form = byTestId("step-up-form");
const code = byTestId("code");
const remember = byTestId("remember");
const confirm = byTestId("confirm");

let demand = null; // what is asked for now: the event's detail, and how whoever waits is told

/** Asks the user for a second factor whenever the API, or the page itself, demands one. */
export function watchStepUp(session) {
  session.on("step-up-required", ({ detail }) => {
    // Requests may be refused together: the user is asked once.
    if (demand) return;
    let settle;
    const settled = new Promise((resolve) => (settle = resolve));
    demand = { ...detail, settle, settled };
    meet(session, demand);
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (confirm.ariaDisabled === "true") return;
    complain(null);
    confirm.ariaDisabled = "true";
    const asked = demand;
    const complaint = await stepUp(session, asked, { code: code.value.replace(/\s/g, ""), remember: remember.checked });
    confirm.ariaDisabled = "false";
    if (demand !== asked) return;
    complain(complaint);
    if (complaint) code.select();
  });
  byTestId("cancel").addEventListener("click", () => dialog.close());
  // Escape closes it, too.
  dialog.addEventListener("close", () => demand?.isShown && !dialog.open && settle(false));

  byTestId("demonstration").hidden = !isOffered("demonstration");
  byTestId("fill-in-code").addEventListener("click", () => fillIn(session));
}

/** Resolves to whether the user has stepped up, once there is nothing left that is demanded. */
export const steppedUp = () => demand?.settled ?? Promise.resolve(false);

/** Asks no longer where the session has ended. */
export function renderStepUp({ state }) {
  if (demand && state === "signed-out") settle(false);
}

function settle(met) {
  const asked = demand;
  demand = null;
  if (dialog.open) dialog.close();
  asked?.settle(met);
}

/** A device that is remembered needs no code; the server says beforehand whether it is. */
async function meet(session, asked) {
  if ((await isRemembered(session)) && (await stepUp(session, asked, {})) === null) return;
  if (demand !== asked) return;
  const { acrValues, maxAge } = asked;
  const level = acrValues?.length ? `The level ${acrValues.join(" or ")} is wanted` : "";
  write(byTestId("step-up-demand"), level && `${level}${maxAge === undefined ? "" : `, not longer than ${span(maxAge)} ago`}.`);
  complain(null);
  form.reset();
  asked.isShown = true;
  dialog.showModal();
}

async function isRemembered(session) {
  let remembered = false;
  await complaintOf(() => session.fetch("/auth/sessions"), async (response) => {
    const { sessions } = await response.json();
    remembered = sessions.some(({ current, device }) => current && device?.remembered_until);
  });
  return remembered;
}

/**
 * Proves the second factor. The session goes on with the token that this brings, for the two minutes of its life, so
 * it is to be good for all that the session's own is. Resolves to a complaint, or to null.
 */
const stepUp = (session, asked, proof) =>
  complaintOf(
    () => send(session, "POST", "/auth/step-up", { ...proof, scope: session.snapshot().claims?.scope }),
    async (response) => {
      if (demand !== asked) return; // cancelled
      await session.begin(response);
      const { acrValues, amr, maxAge } = asked;
      settle(session.satisfies({ acrValues, amr, maxAge }));
    },
  );

async function fillIn(session) {
  const asked = demand;
  let wait = null;
  const complaint = await complaintOf(() => session.fetch("/demonstration/code"), async (response) => {
    const { code: current, next_in } = await response.json();
    if (demand !== asked) return;
    code.value = current ?? "";
    if (current === null) wait = `All codes of this moment were used. The next one comes in ${next_in} s.`;
  });
  if (demand !== asked) return;
  complain(complaint ?? wait);
  code.focus();
}

function complain(complaint) {
  notice(byTestId("step-up-error"), complaint);
  code.ariaInvalid = complaint ? "true" : null;
}
