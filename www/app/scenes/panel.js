import { byTestId, create, part, write } from "../dom.js";
import { elsewhere } from "./elsewhere.js";
import { idle } from "./idle.js";
import { outage } from "./outage.js";
import { payment } from "./payment.js";
import { play } from "./player.js";
import { sleep } from "./sleep.js";
import { storm } from "./storm.js";
import { tabs } from "./tabs.js";
import { theft } from "./theft.js";
import { tunnel } from "./tunnel.js";
import { wrongClock } from "./wrong-clock.js";

const SCENES = [sleep, outage, tabs, theft, wrongClock, payment, idle, elsewhere, storm, tunnel];

const VERDICTS = {
  kept: ["good", "As promised."],
  broken: ["bad", "Not as promised."],
  stopped: ["calm", "Stopped, and everything is put back."],
  impossible: ["warn", "It cannot be played here."],
};

const list = byTestId("scenes");
const bar = byTestId("scene");
const title = byTestId("scene-title");
const caption = byTestId("scene-caption");
const checks = byTestId("scene-checks");
const verdict = byTestId("scene-verdict");
const stop = byTestId("scene-stop");
const dialogs = document.querySelectorAll("dialog");

let playing = null; // the scene that plays now: what stops it, and when it has ended
let opener = null; // the button that the focus goes back to

/** Offers the scenes. */
export function watchScenes(session) {
  list.replaceChildren(...SCENES.map((scene) => {
    const item = create("li");
    const button = create("button", scene.title);
    button.type = "button";
    button.dataset.scene = scene.id;
    button.addEventListener("click", () => start(scene, session, button));
    item.append(button);
    return item;
  }));
  stop.addEventListener("click", () => (playing ? playing.controller.abort() : close()));
  bar.addEventListener("keydown", ({ key }) => key === "Escape" && !bar.closest("dialog") && stop.click());
  for (const dialog of dialogs) dialog.addEventListener("toggle", place);
}

async function start(scene, session, button) {
  while (playing) {
    playing.controller.abort();
    await playing.ended;
  }
  opener = button;
  const controller = new AbortController();
  playing = { controller };
  open(scene);
  const steps = { said: 0 };
  const outcome = play(scene, session, controller.signal, (text) => {
    steps.said++;
    part("scene-progress").style.transform = `scaleX(${Math.min(1, steps.said / (scene.steps + 1))})`;
    write(caption, text);
  });
  playing.ended = outcome.then(show, (error) => {
    show({ outcome: "broken", reason: "The page itself failed.", checks: [] });
    reportError(error);
  });
  await playing.ended;
}

function open(scene) {
  bar.hidden = false;
  bar.dataset.outcome = "playing";
  write(title, scene.title);
  write(caption, "");
  write(stop, "Stop");
  checks.hidden = verdict.hidden = true;
  part("scene-progress").style.transform = "scaleX(0)";
  document.documentElement.classList.add("plays");
  place();
  title.focus({ preventScroll: true });
}

function show({ outcome, reason, checks: kept }) {
  playing = null;
  const [tone, words] = VERDICTS[outcome];
  bar.dataset.outcome = outcome;
  verdict.dataset.tone = tone;
  checks.replaceChildren(...kept.map(({ promise, held }) => {
    const item = create("li");
    item.dataset.held = held;
    item.append(create("span", held ? "Kept: " : "Not kept: ", "visually-hidden"), promise);
    return item;
  }));
  checks.hidden = kept.length === 0;
  write(caption, "");
  verdict.hidden = false;
  write(verdict, [words, reason].filter(Boolean).join(" "));
  part("scene-progress").style.transform = "scaleX(1)";
  write(stop, "Close");
}

function close() {
  const hadFocus = bar.contains(document.activeElement);
  bar.hidden = true;
  document.documentElement.classList.remove("plays");
  if (hadFocus) opener?.focus({ preventScroll: true });
}

/** All but an open dialog is out of reach, so the scene goes into it: it is to be stopped at any time. */
function place() {
  const home = [...dialogs].find((dialog) => dialog.open) ?? document.body;
  // Frames that move load anew.
  if (bar.parentElement === home || bar.hidden || bar.querySelector("iframe")) return;
  const focused = bar.contains(document.activeElement) ? document.activeElement : null;
  home.append(bar);
  focused?.focus({ preventScroll: true });
}
