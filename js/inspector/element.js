import { el, write } from "./dom.js";
import { History } from "./history.js";
import { inspectionOf, save } from "./inspection.js";
import { Log } from "./log.js";
import { Model } from "./model.js";
import { NO_METRICS, NO_SNAPSHOT } from "./nothing.js";
import { Numbers } from "./numbers.js";
import { paletteOf } from "./palette.js";
import { Present, StatePill } from "./present.js";
import { Skew } from "./skew.js";
import { STYLE } from "./style.js";
import { Timeline } from "./timeline.js";
import { Watch } from "./watch.js";

/**
 * @typedef {import("../index.js").Session} Session
 */

const SECOND_MS = 1000;
/** While it is followed, the present moves on at most so often. */
const SHORTEST_REST_MS = 50;
/** What comes while nobody looks is taken that late, so that it is never lost and costs next to nothing. */
const UNSEEN_MS = 5000;
/** Rows that become part of the picture before the page is given time for something else. */
const SLICE = 8000;

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** The style sheet is one for all inspectors, and is made when the first one is. */
function styles() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
  }
  return sheet;
}

/** Makes the class of the element; not before there is a document. */
export function makeElement() {
  return class SessionInspector extends HTMLElement {
    /** What was given: a session, or the promise of one. @type {any} */
    #source = null;
    /** @type {Session | null} */
    #session = null;
    /** @type {Watch | null} */
    #watch = null;
    #log = new Log();
    #model = new Model();
    #retimed = 0;
    /** Up to here the history knows the types of rows. */
    #known = 0;
    #problem = "";

    #pill = new StatePill();
    #present = new Present();
    #skew = new Skew();
    #numbers = new Numbers();
    #timeline = new Timeline({
      log: () => this.#log,
      model: () => this.#model,
      plans: () => this.#plans(),
      changed: () => this.#ask(),
      selected: (id) => this.#history.select(id),
    });
    #history = new History({
      log: () => this.#log,
      changed: () => this.#ask(),
      selected: (id) => this.#timeline.select(id),
    });
    #body = el("div", { class: "body" });

    /** Ends what goes on while it is in a document. @type {AbortController | undefined} */
    #connected;
    #isInView = false;
    #frame = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #late;
    #lastSecond = -1;
    /** Whether the session may have told something. */
    #isNews = false;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [styles()];
      const button = el("button", { type: "button", class: "export", "data-part": "export", "aria-describedby": "export-note" }, "Export");
      button.addEventListener("click", () => save(this.export()));
      const note = el("small", { id: "export-note" }, "one file; no token, no claims");
      this.#body.append(
        el("header", {}, el("h2", {}, "Session"), this.#pill.element, el("div", { class: "give" }, note, button)),
        this.#timeline.element,
        el("div", { class: "panels" }, this.#present.element, this.#skew.element, this.#numbers.element),
        this.#history.element,
      );
      root.append(this.#body);
      this.#numbers.show(NO_METRICS);
      // What was set before the element was defined.
      if (Object.hasOwn(this, "session")) {
        const { session } = this;
        delete (/** @type {any} */ (this).session);
        this.session = session;
      }
      this.#showPresent();
    }

    get session() {
      return this.#source;
    }

    /** @param {Session | PromiseLike<Session> | null} source */
    set session(source) {
      if (source === this.#source) return;
      this.#source = source ?? null;
      this.#take(this.#source);
    }

    /** Follows what was given: a session, the promise of one, or null for none. @param {any} given */
    #take(given) {
      if (given === null || typeof given?.snapshot === "function") return this.#follow(given);
      if (typeof given?.then !== "function") return this.#follow(null, "what was given is no session");
      this.#follow(null);
      given.then(
        (/** @type {unknown} */ session) => this.#source === given && this.#take(session ?? undefined),
        (/** @type {any} */ error) => this.#source === given && this.#follow(null, `no session: ${error?.code ?? error}`),
      );
    }

    /** @param {{ claims?: boolean }} [options] */
    export(options = {}) {
      // Also of one that is in no document.
      this.#watch?.collect();
      const entries = this.#log.rows.flatMap(({ entry }) => entry ?? []);
      return inspectionOf(this.#session, entries, options);
    }

    connectedCallback() {
      if (this.#connected) return;
      this.#connected = new AbortController();
      const { signal } = this.#connected;
      const seen = new IntersectionObserver(([entry]) => {
        this.#isInView = entry.isIntersecting;
        this.#lookAgain();
      });
      seen.observe(this);
      const sized = new ResizeObserver(() => this.#resized());
      sized.observe(this.#body);
      signal.addEventListener("abort", () => {
        seen.disconnect();
        sized.disconnect();
      });
      const repaint = () => this.#timeline.repaint();
      for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", repaint, { signal });
      document.addEventListener("visibilitychange", () => this.#lookAgain(), { signal });
      this.#watch?.start();
      this.#lookAgain();
    }

    disconnectedCallback() {
      this.#connected?.abort();
      this.#connected = undefined;
      this.#isInView = false;
      this.#rest();
      clearTimeout(this.#late);
      this.#late = undefined;
      this.#watch?.stop();
    }

    /** @param {Session | null} session @param {string} [problem] */
    #follow(session, problem = "") {
      if (this.#connected) this.#watch?.stop();
      this.#session = session;
      this.#problem = problem;
      this.#watch = session && new Watch(session, () => this.#heard());
      this.#log = this.#watch?.log ?? new Log();
      this.#model = new Model();
      this.#retimed = 0;
      this.#known = 0;
      this.#lastSecond = -1;
      this.#timeline.select(null);
      this.#history.reset();
      if (!session) this.#numbers.show(NO_METRICS);
      this.#showPresent();
      if (this.#connected) this.#watch?.start();
      this.#ask();
    }

    get #isSeen() {
      return this.#isInView && !document.hidden;
    }

    /** Nothing is done for what nobody sees. */
    #rest() {
      cancelAnimationFrame(this.#frame);
      clearTimeout(this.#timer);
      this.#frame = 0;
      this.#timer = undefined;
    }

    #lookAgain() {
      if (this.#isSeen) this.#ask();
      else this.#rest();
    }

    #heard() {
      this.#isNews = true;
      if (this.#isSeen) return this.#ask();
      this.#late ??= setTimeout(() => {
        this.#late = undefined;
        this.#collect();
      }, UNSEEN_MS);
    }

    /** Something may look different. */
    #ask() {
      if (!this.#frame && this.#isSeen) this.#frame = requestAnimationFrame((at) => this.#draw(at));
    }

    #resized() {
      if (!this.#timeline.resize()) return;
      this.#skew.resize();
      this.#lastSecond = -1;
      // A canvas of another size is empty until it is painted.
      if (!this.#isSeen) return;
      this.#rest();
      this.#draw(performance.now());
    }

    /** @param {number} at */
    #draw(at) {
      this.#frame = 0;
      clearTimeout(this.#timer);
      const second = Math.floor(Date.now() / SECOND_MS);
      // The history is copied when it is asked for: not for each frame.
      if (this.#isNews || second !== this.#lastSecond) this.#collect();
      const hasMore = [this.#fold(), this.#history.search()].includes(true);
      const isMoving = this.#timeline.paint(at);
      this.#history.show();
      if (second !== this.#lastSecond) {
        this.#lastSecond = second;
        this.#showPresent();
        this.#timeline.describe();
      }
      if (hasMore || isMoving) return this.#ask();
      if (!this.#session) return;
      const untilSecond = SECOND_MS - (Date.now() % SECOND_MS) + 1;
      const rest = Math.min(untilSecond, Math.max(SHORTEST_REST_MS, this.#timeline.restlessMs));
      this.#timer = setTimeout(() => this.#ask(), rest);
    }

    #collect() {
      this.#isNews = false;
      if (this.#connected) this.#watch?.collect();
    }

    /** Makes the next rows part of the picture. Returns whether there are more. */
    #fold() {
      const log = this.#log;
      if (log.retimed !== this.#retimed) {
        this.#retimed = log.retimed;
        this.#model = new Model();
      }
      const model = this.#model;
      if (model.next < log.first) model.next = log.first;
      const known = this.#known;
      const end = Math.min(log.end, model.next + SLICE);
      while (model.next < end) {
        const row = log.row(model.next);
        if (row.id >= known) this.#history.note(row);
        model.add(row);
      }
      this.#known = Math.max(known, model.next);
      if (log.rows.length) model.dropBefore(log.rows[0]);
      return model.next < log.end;
    }

    #plans() {
      const snapshot = this.#session?.snapshot();
      const at = (/** @type {number | null | undefined} */ instant) => (typeof instant === "number" ? this.#log.time(instant) : null);
      return {
        renewal: snapshot?.renewing ? null : at(snapshot?.renewsAt),
        retry: snapshot?.failures ? this.#model.retryAt : null,
        idle: at(snapshot?.idleEndsAt ?? this.#session?.idleDeadline()),
        hard: at(snapshot?.endsAt),
      };
    }

    #showPresent() {
      const session = this.#session;
      if (!session) this.#pill.show(NO_SNAPSHOT, this.#problem || (this.#source ? "waiting for the session" : "no session given"));
      const snapshot = session?.snapshot() ?? NO_SNAPSHOT;
      if (session) {
        this.#pill.show(snapshot);
        this.#numbers.show(session.metrics());
      }
      const { retryAt } = this.#model;
      this.#present.show(snapshot, session?.idleDeadline() ?? null, retryAt === null ? null : this.#log.wall(retryAt));
      this.#skew.show(snapshot.clock, paletteOf(this.#body));
    }
  };
}
