import { startApi } from "./api.mjs";
import { startStage } from "./stage.mjs";

const CSP = "default-src 'none'; connect-src *; script-src 'self' 'wasm-unsafe-eval'";

/**
 * A page in a browser of `startChromium` or `startFirefox`, with a session that may send its token to its own origin
 * and to an API on another. It is signed in, unless the test wants that otherwise.
 *
 * Cookies know no ports, so each stage has an authorization server of its own name, whose paths begin with `auth`.
 */
export async function openApiPage(t, browser, { config = {}, isSignedIn = true, answers = {} } = {}) {
  const stage = await startStage(t, { csp: CSP });
  const api = await startApi(t);
  const auth = `/s${new URL(stage.address).port}`;
  for (const [action, answer] of Object.entries(answers)) stage.answers.set(`${auth}/${action}`, answer);
  stage.answers.set("/api", () => ({ body: "fine" }));
  stage.answers.set("/away", () => ({ headers: { "content-type": "text/html" }, body: "<!doctype html><title>away</title>" }));
  const page = await browser.open(stage.address);
  t.after(() => page.close());
  await page.evaluate(async ({ auth, config, isSignedIn }) => {
    const { createSession } = await import("/pkg/index.js");
    globalThis.auth = auth;
    globalThis.session = await createSession({ refresh: `${auth}/refresh`, logout: `${auth}/logout`, renewal: { minInterval: "1s" }, ...config });
    globalThis.steps = [];
    session.on("step-up-required", ({ detail }) => steps.push(detail));
    globalThis.begun = performance.now();
    if (isSignedIn) await session.begin(await fetch(`${auth}/login`, { method: "POST" }));
    // Detached: nothing here needs the session to call it.
    ({ fetch: globalThis.send } = session);
    /** What became of a call: its status, or the error's name and code. */
    globalThis.outcome = (promise) =>
      promise.then(({ status }) => status, (error) => error?.code === undefined || error instanceof DOMException ? error?.name ?? String(error) : error.code);
    /** Until a renewal may be made for a refusal. */
    globalThis.mayRenew = async () => {
      while (performance.now() - begun < 1100) await new Promise((resolve) => setTimeout(resolve, 50));
    };
  }, { auth, config: { requests: { allow: [stage.address, api.address] }, ...config }, isSignedIn });
  return { page, stage, api, auth, renewals: () => stage.at(`${auth}/refresh`).length };
}
