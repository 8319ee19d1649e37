/** How many numbers a tab's standing has. */
const STANDING = 7;
/** No message has more numbers, no token is longer: what is would only take the module's memory, which never shrinks. */
const MOST_NUMBERS = 32;
const LONGEST_TEXT = 1 << 14;
/** How long the answer of locks is waited for that seem not to answer. */
const LAST_WAIT_MS = 1000;

/**
 * What is heard of other tabs and of locks. None of it is called from within a call of `Tabs`, and nothing of
 * what began before `leave` is told after it.
 *
 * @typedef {object} Heard
 * @property {() => void} joined Other tabs can see this one, and it is known what the browser lacks.
 * @property {(numbers: Float64Array, token: string | undefined) => void} peer
 * @property {(standings: Float64Array, tabs: Float64Array) => void} around
 * @property {(id: number) => void} turnNear
 * @property {(id: number) => void} turnCame
 * @property {(id: number) => void} turnLost
 * @property {(tab: number) => void} gone
 */

/**
 * A lock that is asked for, then held, until its controller aborts. `answered` resolves when the lock is
 * granted; also when it will not be, and then the controller has aborted.
 *
 * @typedef {{ controller: AbortController, answered: Promise<void> }} Hold
 * @typedef {{ place: Hold, hold?: Hold, came?: boolean, stolen?: boolean | undefined }} Turn
 */

/** The tabs of one session, as this one sees them: locks and messages. It decides nothing. */
export class Tabs {
  /** Whether there are locks; for certain once `joined` is told. */
  hasLocks = !!globalThis.navigator?.locks;
  /** Whether there are messages; for certain after `join`. */
  hasChannel = !!globalThis.BroadcastChannel;
  #prefix;
  #heard;
  /** What `leave` gives up. @type {Set<AbortController>} */
  #controllers = new Set();
  /** This tab's, from `join` to `leave`. @type {Hold | undefined} */
  #presence;
  /** @type {BroadcastChannel | undefined} */
  #channel;
  /** @type {Hold | undefined} */
  #standing;
  /** Until the others can see the newest standing. @type {Promise<void>} */
  #stood = Promise.resolve();
  /** @type {Map<number, Turn>} */
  #turns = new Map();
  /** @type {Set<number>} */
  #watched = new Set();

  /** @param {string} name The session's. @param {Heard} heard */
  constructor(name, heard) {
    this.#prefix = `sessionkeeper:${name}`;
    this.#heard = heard;
  }

  /** @param {number} tab This tab's number. */
  async join(tab) {
    this.leave();
    const presence = (this.#presence = this.#hold(`@${tab}`, {}));
    try {
      this.#channel = new BroadcastChannel(this.#prefix);
      this.#channel.onmessage = ({ data }) => {
        if (!Array.isArray(data) || data.length !== 2) return;
        const [numbers, token] = data;
        const isText = token === undefined || (typeof token === "string" && token.length <= LONGEST_TEXT);
        if (isText && numbers instanceof Float64Array && numbers.length <= MOST_NUMBERS) this.#heard.peer(numbers, token);
      };
    } catch {
      this.hasChannel = false;
    }
    await presence.answered;
    if (this.#presence === presence) this.#heard.joined();
  }

  /** Lets go of everything within the running task: the back/forward cache takes no page that holds on. */
  leave() {
    this.#channel?.close();
    for (const controller of this.#controllers) controller.abort();
    this.#turns.clear();
    this.#watched.clear();
    this.#presence = this.#channel = this.#standing = undefined;
  }

  /** @param {Float64Array} numbers @param {string} [token] */
  post(numbers, token) {
    try {
      // A copy: with a view of the module's memory, the whole memory would be sent.
      this.#channel?.postMessage([numbers.slice(), token]);
    } catch {
      // A message may get lost at any time.
    }
  }

  /** Shows the others where this tab stands, in the name of a lock. @param {Float64Array} numbers */
  stand(numbers) {
    const before = this.#standing;
    this.#standing = numbers.length ? this.#hold(`#${numbers.join(" ")}`, { mode: "shared" }) : undefined;
    this.#stood = Promise.resolve(this.#standing?.answered).then(() => before?.controller.abort());
  }

  /**
   * Asks for the turn to renew. One tab waits for it, the others for that one's place: so only one can come to
   * steal the turn.
   *
   * @param {number} id @param {boolean} [steal] Whether the place is taken from whoever has it.
   */
  async askTurn(id, steal) {
    const place = this.#hold("/next", { steal }, () => {
      if (this.#turns.get(id) !== turn) return;
      turn.hold?.controller.abort();
      this.askTurn(id);
    });
    /** @type {Turn} */
    const turn = { place, stolen: steal };
    this.#turns.set(id, turn);
    await place.answered;
    if (place.controller.signal.aborted || this.#turns.get(id) !== turn) return;
    this.#take(id, turn);
    this.#heard.turnNear(id);
  }

  /** Takes what is waited for from whoever has it: the place before the turn, then the turn. @param {number} id */
  async stealTurn(id) {
    const turn = this.#turns.get(id);
    // In Chromium, a page in the back/forward cache lets its locks go when somebody looks.
    await Promise.race([this.lookAround(), new Promise((resolve) => setTimeout(resolve, LAST_WAIT_MS))]);
    if (!turn || turn.came || this.#turns.get(id) !== turn) return;
    const { place, hold, stolen } = turn;
    if (stolen && !hold) {
      // Whoever steals never waits: these locks answer nobody.
      this.hasLocks = false;
      this.#heard.joined();
    }
    (hold ?? place).controller.abort();
    if (hold) this.#take(id, turn, true);
    else this.askTurn(id, true);
  }

  /** Gives the turn up, or stops waiting for it. @param {number} id */
  endTurn(id) {
    const turn = this.#turns.get(id);
    this.#turns.delete(id);
    // Whoever comes next looks around, and must see what has come of this turn.
    this.#stood.then(() => {
      turn?.place.controller.abort();
      turn?.hold?.controller.abort();
    });
  }

  async lookAround() {
    const presence = this.#presence;
    if (!presence || !this.hasLocks) return;
    /** @type {LockInfo[] | undefined} */
    let held;
    try {
      ({ held } = await navigator.locks.query());
    } catch {}
    if (!held || this.#presence !== presence) return;
    const standings = [];
    const tabs = [];
    for (const { name = "", mode } of held) {
      if (!name.startsWith(this.#prefix)) continue;
      const text = name.slice(this.#prefix.length + 1);
      const numbers = text.split(" ").map(Number);
      // Numbers that are written in another way are not of our writing.
      if (numbers.join(" ") !== text || !numbers.every(Number.isFinite)) continue;
      const kind = name[this.#prefix.length];
      if (kind === "#" && numbers.length === STANDING) standings.push(...numbers);
      // One who watches a tab that is gone has its lock for a moment, too.
      if (kind === "@" && numbers.length === 1 && mode === "exclusive") tabs.push(...numbers);
    }
    this.#heard.around(Float64Array.from(standings), Float64Array.from(tabs));
  }

  /** Tells once when a tab that has joined is there no more. @param {number} tab */
  async watch(tab) {
    if (!this.hasLocks || this.#watched.has(tab)) return;
    this.#watched.add(tab);
    const { controller, answered } = this.#hold(`@${tab}`, { mode: "shared" });
    await answered;
    if (controller.signal.aborted) return;
    controller.abort();
    this.#watched.delete(tab);
    if (this.hasLocks) this.#heard.gone(tab);
  }

  /** @param {number} id @param {Turn} turn @param {boolean} [steal] */
  async #take(id, turn, steal) {
    const hold = (turn.hold = this.#hold("/turn", { steal }, () => {
      if (this.#turns.get(id) !== turn) return;
      this.#turns.delete(id);
      this.#heard.turnLost(id);
    }));
    await hold.answered;
    if (hold.controller.signal.aborted) return;
    turn.came = true;
    turn.place.controller.abort();
    await this.lookAround();
    if (this.#turns.get(id) === turn) this.#heard.turnCame(id);
  }

  /**
   * @param {string} suffix
   * @param {{ mode?: LockMode, steal?: boolean | undefined }} options
   * @param {() => void} [lost] Called when the lock is taken away.
   * @returns {Hold}
   */
  #hold(suffix, { mode = "exclusive", steal = false }, lost) {
    const controller = new AbortController();
    const { signal } = controller;
    const released = new Promise((resolve) => {
      signal.onabort = resolve;
    });
    this.#controllers.add(controller);
    const answered = new Promise((/** @type {(value?: any) => void} */ resolve) => {
      const granted = () => {
        resolve();
        return released;
      };
      // A request that steals takes no signal.
      const options = steal ? { steal } : { mode, signal };
      // Without locks, everybody gets what they ask for.
      const request = async () => (this.hasLocks ? navigator.locks.request(this.#prefix + suffix, options, granted) : granted());
      request()
        .catch((error) => {
          if (error.name !== "AbortError") {
            this.hasLocks = false;
            return granted();
          }
          if (!signal.aborted) lost?.();
        })
        .finally(() => {
          this.#controllers.delete(controller);
          controller.abort();
          resolve();
        });
    });
    return { controller, answered };
  }
}
