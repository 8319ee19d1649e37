import { Series } from "./series.js";

/** @typedef {import("./log.js").Row} Row */

/** Entries that are one instant each. @type {Record<string, "starts" | "endings" | "extensions" | "stepUps" | "notices" | "refusals" | "replays" | "gaps">} */
const INSTANTS = {
  started: "starts",
  "session-ending": "endings",
  "idle-extended": "extensions",
  "step-up-required": "stepUps",
  "policy-violation": "notices",
  "facility-missing": "notices",
  "clock-skew": "notices",
  "token-rejected": "refusals",
  "request-refused": "refusals",
  "request-replayed": "replays",
  gap: "gaps",
};

/** What is drawn, made of rows one after the other; always the same of the same rows. */
export class Model {
  /** The id of the next row. */
  next = 0;
  active = new Series();
  degraded = new Series();
  starting = new Series();
  starts = new Series();
  ends = new Series();
  endings = new Series();
  /** From their coming to their lapse, marked where they were replaced. */
  tokens = new Series();
  /** Marked where their first attempt began. */
  renewals = new Series();
  adoptions = new Series();
  upgrades = new Series();
  failures = new Series();
  backoffs = new Series();
  warnings = new Series();
  extensions = new Series();
  stepUps = new Series();
  hidden = new Series();
  offline = new Series();
  sleeps = new Series();
  clockSets = new Series();
  notices = new Series();
  refusals = new Series();
  replays = new Series();
  gaps = new Series();
  /** When the last planned attempt is due. @type {number | null} */
  retryAt = null;

  get all() {
    return Object.values(this).filter((value) => value instanceof Series);
  }

  /** Gives up what is older than the first row that is kept. @param {Row} row */
  dropBefore({ id, time }) {
    for (const series of this.all) series.dropBefore(id, time);
  }

  /** @param {Row} row */
  add(row) {
    const { id, time, type } = row;
    /** @type {any} */
    const detail = row.detail;
    /** An instant that a row tells, on the time line. */
    const instant = (/** @type {unknown} */ at) => (typeof at === "number" ? time + (at - row.at) : time);
    this.next = id + 1;
    const kind = Object.hasOwn(INSTANTS, type) ? INSTANTS[type] : undefined;
    if (kind) this[kind].add(time, time, id);

    switch (type) {
      case "started":
        this.#isActive(time, id);
        this.#tokenCame(time, row.expiresAt === undefined || row.expiresAt === null ? Infinity : instant(row.expiresAt), id);
        break;
      case "renewed": {
        this.#isActive(time, id);
        this.#tokenCame(time, instant(detail.tokenExpiresAt), id);
        this.#attempted(time);
        if (detail.by === "other-tab") this.adoptions.add(time, time, id);
        else if (!detail.attempts) this.upgrades.add(time, time, id);
        else this.renewals.add(time, time, id, time - detail.took);
        break;
      }
      case "renewal-failed":
        this.#attempted(time);
        this.failures.add(time, time, id);
        if (detail.retryAt !== null) {
          this.backoffs.add(time, instant(detail.retryAt), id);
          this.retryAt = instant(detail.retryAt);
        }
        break;
      case "degraded":
        this.active.close(instant(detail.since));
        if (!this.degraded.isOpen) this.degraded.add(instant(detail.since), Infinity, id);
        break;
      case "recovered":
        this.#isActive(time, id);
        break;
      case "idle-warning":
        this.warnings.close(time);
        this.warnings.add(time, instant(detail.endsAt), id);
        break;
      case "idle-extended":
        this.#answered(time);
        break;
      case "clock-jump":
        // What a clock that was set has moved is where it was; a sleep is time that passed.
        if (detail.kind === "sleep" || detail.kind === "unknown") this.sleeps.add(time - detail.by, time, id);
        else this.clockSets.add(time, time, id);
        break;
      case "ended":
        this.ends.add(time, time, id);
        this.#over(time);
        break;
      case "disposed":
      case "no-session":
        this.#over(time);
        break;
      case "starting":
        if (!this.starting.isOpen) this.starting.add(time, Infinity, id);
        break;
      case "inspected":
        this.#found(detail, time, id, instant);
        break;
      case "page-hidden":
        if (!this.hidden.isOpen) this.hidden.add(time, Infinity, id);
        break;
      case "page-shown":
        this.hidden.close(time);
        break;
      case "offline":
        if (!this.offline.isOpen) this.offline.add(time, Infinity, id);
        break;
      case "online":
        this.offline.close(time);
        break;
      default:
        if (!kind && type !== "tabs") this.notices.add(time, time, id);
    }
  }

  /** What was the case when the inspector began to look. @param {any} detail @param {number} time @param {number} id @param {(at: unknown) => number} instant */
  #found({ state, tokenExpiresAt }, time, id, instant) {
    if (state === "starting" && !this.starting.isOpen) this.starting.add(time, Infinity, id);
    if (state === "degraded" && !this.degraded.isOpen) this.degraded.add(time, Infinity, id);
    if (state === "active") this.#isActive(time, id);
    const { tokens } = this;
    const last = tokens.length - 1;
    if (tokenExpiresAt === null || state === "signed-out") return;
    if (tokens.length && tokens.ends[last] === Infinity) tokens.ends[last] = instant(tokenExpiresAt);
    else if (!tokens.length || tokens.marks[last] !== Infinity) tokens.add(time, instant(tokenExpiresAt), id, Infinity);
  }

  /** @param {number} time @param {number} id */
  #isActive(time, id) {
    this.starting.close(time);
    this.degraded.close(time);
    if (!this.active.isOpen) this.active.add(time, Infinity, id);
  }

  /** @param {number} time @param {number} lapse @param {number} id */
  #tokenCame(time, lapse, id) {
    this.#tokenGone(time);
    this.tokens.add(time, lapse, id, Infinity);
  }

  /** @param {number} time */
  #tokenGone(time) {
    const { tokens } = this;
    const last = tokens.length - 1;
    if (last < 0 || tokens.marks[last] !== Infinity) return;
    tokens.marks[last] = time;
    // Nobody has said when it would have lapsed.
    if (tokens.ends[last] === Infinity) tokens.ends[last] = time;
  }

  /** An attempt may come before its time. @param {number} time */
  #attempted(time) {
    const last = this.backoffs.length - 1;
    if (last >= 0) this.backoffs.ends[last] = Math.min(this.backoffs.ends[last], time);
    this.retryAt = null;
  }

  /** @param {number} time */
  #answered(time) {
    const last = this.warnings.length - 1;
    if (last >= 0) this.warnings.ends[last] = Math.min(this.warnings.ends[last], time);
  }

  /** @param {number} time */
  #over(time) {
    this.active.close(time);
    this.degraded.close(time);
    this.starting.close(time);
    this.#tokenGone(time);
    this.#attempted(time);
    this.#answered(time);
  }
}
