import { byTestId, write } from "./dom.js";
import { span } from "./format.js";
import { clock, realTimeout } from "./simulated/clock.js";
import { network } from "./simulated/network.js";

const MINUTE_MS = 60_000, HOUR_MS = 60 * MINUTE_MS, YEAR_MS = 365 * 24 * HOUR_MS;
const SLEEP_MS = 15_000;

const CLOCKS = [
  ["right", 0],
  ["10 min fast", 10 * MINUTE_MS],
  ["2 h fast", 2 * HOUR_MS],
  ["a year fast", YEAR_MS],
  ["10 min slow", -10 * MINUTE_MS],
  ["2 h slow", -2 * HOUR_MS],
  ["a year slow", -YEAR_MS],
];
const NETWORKS = [["as it is", "0"], ["slow, by 3 s", "3000"], ["away", "offline"]];

const shift = byTestId("clock-shift");
const speed = byTestId("network-speed");
const sleep = byTestId("sleep");
const reset = byTestId("device-reset");
const said = byTestId("simulation");

let waking = 0; // the timer that ends the sleep

/** Lets the user set this page's clock and network wrong, and says plainly how they are. */
export function watchDevice() {
  shift.append(...CLOCKS.map(([text, ms]) => new Option(text, ms)));
  speed.append(...NETWORKS.map(([text, value]) => new Option(text, value)));
  shift.addEventListener("change", () => clock.set(Number(shift.value)));
  speed.addEventListener("change", () => {
    const { value } = speed; // which each of these two shows anew
    network.setDelay(Number(value) || 0);
    network.setOnline(value !== "offline");
  });
  sleep.addEventListener("click", () => {
    if (clock.isAsleep) return;
    clock.sleep();
    waking = realTimeout(() => clock.wake(), SLEEP_MS);
  });
  reset.addEventListener("click", () => {
    putDeviceRight();
    shift.focus({ preventScroll: true }); // the button has gone
  });
  for (const simulated of [clock, network]) simulated.watch(show);
  show();
}

/** Ends every simulation. */
export function putDeviceRight() {
  clearTimeout(waking);
  clock.wake();
  if (clock.shiftMs) clock.set(0);
  if (network.delayMs) network.setDelay(0);
  network.setOnline(true);
}

function show() {
  shift.value = String(clock.shiftMs);
  speed.value = network.isOnline ? String(network.delayMs) : "offline";
  sleep.ariaDisabled = String(clock.isAsleep);
  const parts = [];
  if (clock.shiftMs) parts.push(`Its clock is set ${span(Math.abs(clock.shiftMs))} ${clock.shiftMs > 0 ? "ahead" : "back"}.`);
  if (clock.isAsleep) parts.push("It sleeps: no timer of this page fires.");
  if (!network.isOnline) parts.push("It is offline: no request leaves this page.");
  else if (network.delayMs) parts.push(`Each request is ${span(network.delayMs)} late.`);
  reset.hidden = parts.length === 0;
  said.dataset.tone = parts.length ? "warn" : "calm";
  write(said, parts.join(" ") || "All as it is: nothing is simulated.");
  document.documentElement.classList.toggle("asleep", clock.isAsleep);
}
