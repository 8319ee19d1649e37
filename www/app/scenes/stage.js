import { byTestId } from "../dom.js";
import { putDeviceRight } from "../device.js";
import { armFault, clearFaults } from "../faults.js";
import { lessMotion } from "../frames.js";
import { isOffered } from "../requests.js";
import { signIn } from "../sign-in.js";
import { realNow, realTimeout } from "../simulated/clock.js";
import { network } from "../simulated/network.js";
import { closeSiblings, openSiblings } from "./siblings.js";

const TYPES = [
  "started", "renewed", "renewal-failed", "degraded", "recovered", "idle-warning", "idle-extended", "ended",
  "step-up-required", "clock-skew", "clock-jump",
];
const LOOK_AGAIN_MS = 50;
const PATIENCE_MS = 20_000;
const SHORT_LIFETIME_MS = 30_000;

/** How long a caption stands at least: `?pace=0.2` in the address is for readers who know it already. */
const PACE = Number(new URLSearchParams(location.search).get("pace") ?? 1);
const readingTime = (text) => (700 + 32 * text.length) * PACE;

/** Why a scene cannot be played here, in a sentence for the user. */
export class CannotPlay extends Error {}

/** What a scene promised within a time, and has not come. */
export class NotSeen extends Error {}

/**
 * What a scene plays on: this page, its session and its simulations. All of it is put back at the end. Once it is
 * stopped, whatever the scene asks for next throws.
 */
export class Stage {
  /** What the session has told since the scene began. @type {{ type: string, detail: any }[]} */
  heard = [];
  /** What this page has sent since then. @type {{ path: string, key: string | null, status: number | null }[]} */
  requests = [];
  /** What was promised, and whether it was kept. @type {{ promise: string, held: boolean }[]} */
  checks = [];
  #signal;
  #say;
  #search = location.search;
  #leaving = [];

  /**
   * @param {any} session
   * @param {AbortSignal} signal
   * @param {(caption: string) => void} say
   */
  constructor(session, signal, say) {
    this.session = session;
    this.#signal = signal;
    this.#say = say;
    this.#leaving.push(network.observe((exchange) => this.requests.push(exchange)));
    for (const type of TYPES) this.#leaving.push(session.on(type, ({ detail }) => this.heard.push({ type, detail })));
  }

  /** How long an access token of this session lives. */
  get lifetimeMs() {
    const { exp, iat } = this.session.snapshot().claims ?? {};
    return (exp - iat) * 1000;
  }

  ofType = (type) => this.heard.filter((event) => event.type === type).map(({ detail }) => detail);

  /** What this page has sent to a path, but so many requests to any. */
  sent = (path, after = 0) => this.requests.slice(after).filter((request) => request.path === path);

  /** The statuses of a call of the API, 0 where there was no answer; a session's error by its code. */
  call = (path = "/api/me") => this.session.fetch(path).then(({ status }) => status, (error) => error.code ?? 0);

  /** Says what happens and leaves time to read it; `look` is what to look at, by `data-testid`. */
  async step(caption, look) {
    this.#signal.throwIfAborted();
    this.#say(caption);
    if (look) spotlight(byTestId(look));
    await this.pause(readingTime(caption));
  }

  pause(ms) {
    this.#signal.throwIfAborted();
    return new Promise((resolve) => realTimeout(resolve, ms));
  }

  /** Resolves as soon as the condition is met. */
  async until(what, condition, patienceMs = PATIENCE_MS) {
    const deadline = realNow() + patienceMs;
    for (;;) {
      this.#signal.throwIfAborted();
      const met = condition();
      if (met) return met;
      if (realNow() > deadline) throw new NotSeen(what);
      await this.pause(LOOK_AGAIN_MS);
    }
  }

  check(promise, held) {
    this.checks.push({ promise, held: !!held });
  }

  /** Signs the sample user in where nobody is; with `query`, in any case, and by the policy that it names. */
  async signedIn(query) {
    if (query) history.replaceState(history.state, "", `?${query}`);
    if (this.session.state === "active" && !query) return;
    this.#say("Ada signs in.");
    const { username, password } = byTestId("use-sample").dataset;
    const complaint = await signIn(this.session, username, password);
    this.#signal.throwIfAborted();
    if (complaint) throw new CannotPlay(complaint);
    await this.until("somebody to be signed in", () => this.session.state === "active");
  }

  needsFaults() {
    if (!isOffered("faults")) throw new CannotPlay("The server of this scene takes orders to fail: start it with --faults.");
  }

  needsDemonstration() {
    if (!isOffered("demonstration")) throw new CannotPlay("This scene needs a server that is started with --demonstration.");
  }

  needsShortTokens() {
    if (this.lifetimeMs <= SHORT_LIFETIME_MS) return;
    throw new CannotPlay("This scene waits for a token to lapse, and here they live long. Start the server with --access-lifetime 10s.");
  }

  needsOneTab() {
    if (this.session.snapshot().tabs > 1) throw new CannotPlay("Close the other tabs of this session first: only this one is part of the scene.");
  }

  async arm(order) {
    if (!(await armFault(order))) throw new CannotPlay("The server does not take the order to fail.");
  }

  clear = () => clearFaults();

  openSiblings = (count) => openSiblings(count);

  /** Ends what the user simulates: the scene begins with a device and a server that are right. */
  async enter() {
    putDeviceRight();
    if (isOffered("faults")) await clearFaults();
  }

  /** Puts everything back that a scene may have changed. */
  async leave() {
    for (const leave of this.#leaving) leave();
    spotlight(null);
    closeSiblings();
    if (location.search !== this.#search) history.replaceState(history.state, "", this.#search || location.pathname);
    await this.enter();
  }
}

let lit = null;

/** Marks what is to be looked at, and brings it into view. */
function spotlight(element) {
  lit?.removeAttribute("data-lit");
  lit = element?.closest("section, dialog, .siblings") ?? element;
  lit?.setAttribute("data-lit", "");
  const isTall = lit && lit.offsetHeight > innerHeight / 2;
  lit?.scrollIntoView({ block: isTall ? "start" : "nearest", behavior: lessMotion() ? "auto" : "smooth" });
}
