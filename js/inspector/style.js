import { HEIGHTS } from "./lanes.js";
import { OVERVIEW_HEIGHT } from "./overview.js";
import { SKEW_HEIGHT } from "./skew.js";

/** Every pair of text and ground has a contrast of 4.5 or more, every shape and ground one of 3. */
export const STYLE = `
:host {
  display: block;
  container-type: inline-size;
  color-scheme: light dark;
  --ground: #ffffff;
  --lane: #f6f7f5;
  --well: #edefec;
  --line: #e1e4e0;
  --edge: #868c8a;
  --ink: #17201d;
  --quiet: #56605c;
  --accent: #0a6a5b;
  --good: #0d8a76;
  --token: #2e6fb7;
  --warn: #b26a00;
  --bad: #bf2c22;
  --other: #7a4fb5;
  --device: #66707a;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
}
:host([hidden]) { display: none; }
@media (prefers-color-scheme: dark) {
  :host {
    --ground: #15181a;
    --lane: #1c2022;
    --well: #24292b;
    --line: #2e3437;
    --edge: #7b8588;
    --ink: #e8ecea;
    --quiet: #9aa5a2;
    --accent: #5fd0b8;
    --good: #35b39b;
    --token: #6aa9ee;
    --warn: #e3a740;
    --bad: #f57f74;
    --other: #bb98f0;
    --device: #8c98a3;
  }
}
@media (forced-colors: active) {
  :host {
    --ground: Canvas; --lane: Canvas; --well: Canvas; --line: GrayText; --edge: CanvasText; --ink: CanvasText; --quiet: CanvasText;
    --accent: Highlight; --good: CanvasText; --token: CanvasText; --warn: CanvasText; --bad: CanvasText; --other: CanvasText; --device: CanvasText;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, h3, p, dl, dd, ul { margin: 0; padding: 0; }
ul { list-style: none; }
.body {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 16px;
  padding: 14px 16px 16px;
  border: 1px solid var(--line);
  border-radius: 12px;
  background: var(--ground);
  color: var(--ink);
  font: 400 13px/1.45 var(--sans);
  text-align: start;
}
h2 { font-size: 14px; font-weight: 650; }
h3 { margin-bottom: 8px; font-size: 11px; line-height: 16px; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase; color: var(--quiet); }
small { font-size: 11.5px; color: var(--quiet); }
button, select, input {
  min-height: 28px;
  padding: 0 10px;
  border: 1px solid var(--edge);
  border-radius: 6px;
  background: var(--ground);
  color: var(--ink);
  font: 500 12.5px/1 var(--sans);
}
button { cursor: pointer; white-space: nowrap; }
button:hover { background: var(--well); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

header { display: grid; grid-template-columns: auto minmax(0, 1fr); align-items: center; gap: 6px 12px; min-height: 30px; }
.state { display: flex; align-items: center; gap: 8px; min-width: 0; }
.state > [data-part="state"] { font-weight: 600; white-space: nowrap; }
.reason { color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.sign { width: 11px; height: 11px; border: 2.5px solid var(--edge); border-radius: 50%; flex: none; }
[data-state="active"] > .sign { border-color: var(--good); background: var(--good); }
[data-state="degraded"] > .sign { border-color: var(--warn); border-radius: 2px; transform: rotate(45deg); background: linear-gradient(var(--warn) 50%, transparent 50%); }
[data-state="starting"] > .sign { border-style: dotted; }
[data-state="none"] > .sign { border-radius: 0; height: 0; border-width: 1.5px; }
.give { display: flex; grid-column: 1 / -1; align-items: center; justify-content: space-between; gap: 10px; }
@container (min-width: 520px) {
  header { grid-template-columns: auto minmax(0, 1fr) auto; }
  .give { grid-column: auto; }
}

.timeline { min-width: 0; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin-bottom: 8px; }
.ranges, .moves { display: flex; }
.ranges > button, .moves > button { padding: 0 clamp(4px, 1.4cqi, 9px); border-radius: 0; margin-left: -1px; }
.moves > button { width: 32px; padding: 0; }
.ranges > :first-child, .moves > :first-child { border-radius: 6px 0 0 6px; margin-left: 0; }
.ranges > :last-child, .moves > :last-child { border-radius: 0 6px 6px 0; }
.ranges > button:focus-visible, .moves > button:focus-visible { position: relative; z-index: 1; }
[aria-pressed="true"] { background: var(--accent); border-color: var(--accent); color: var(--ground); }
[aria-pressed="true"]:hover { background: var(--accent); }
[data-part="follow"] { margin-left: auto; }
[data-part="follow"]::before { content: ""; display: inline-block; width: 7px; height: 7px; margin-right: 7px; border-radius: 50%; border: 1.5px solid currentColor; vertical-align: 1px; }
[data-part="follow"][aria-pressed="true"]::before { background: currentColor; }
.stage { position: relative; height: ${HEIGHTS.narrow}px; border-radius: 4px; touch-action: pan-y; cursor: grab; user-select: none; -webkit-user-select: none; overflow: hidden; }
.stage:focus-visible { outline-offset: 3px; overflow: visible; }
.stage[data-over="item"] { cursor: pointer; }
.stage[data-dragging] { cursor: grabbing; }
.picture { display: block; width: 100%; height: ${HEIGHTS.narrow}px; }
.overview { display: block; width: 100%; height: ${OVERVIEW_HEIGHT}px; margin-top: 8px; border-radius: 4px; cursor: pointer; touch-action: none; }
@container (min-width: ${HEIGHTS.from + 34}px) {
  .stage, .picture { height: ${HEIGHTS.wide}px; }
}
.tip {
  position: absolute;
  inset: 0 auto auto 0;
  display: grid;
  gap: 1px;
  max-width: min(320px, 92%);
  padding: 7px 10px;
  border: 1px solid var(--edge);
  border-radius: 7px;
  background: var(--ground);
  box-shadow: 0 4px 16px rgb(0 0 0 / 0.16);
  pointer-events: none;
  font-size: 12px;
}
.tip .when { color: var(--quiet); font-variant-numeric: tabular-nums; }
.told { min-height: 104px; padding-top: 8px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
@container (min-width: ${HEIGHTS.from + 34}px) {
  .told { min-height: 46px; }
}
.key > summary { width: max-content; padding: 2px 4px; border-radius: 4px; color: var(--quiet); cursor: pointer; font-size: 12px; }
.legend { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 6px 16px; padding: 10px 0 2px; }
.legend > li { display: flex; align-items: center; gap: 9px; font-size: 12px; }
.legend canvas { width: 26px; height: 14px; flex: none; }

.panels { display: grid; gap: 16px 28px; grid-template-columns: minmax(0, 1fr); padding-top: 14px; border-top: 1px solid var(--line); }
.panels > section { min-width: 0; }
dl { font-variant-numeric: tabular-nums; }
.present dl > div { display: flex; gap: 12px; align-items: baseline; padding: 3px 0; border-bottom: 1px solid var(--line); }
.present dl > div:last-child { border: 0; }
.present dt { flex: 1; color: var(--quiet); white-space: nowrap; }
.present dd { display: flex; align-items: baseline; justify-content: flex-end; gap: 8px; white-space: nowrap; font-weight: 550; }
.present dd small { min-width: 62px; font: 400 11.5px var(--mono); }
.present dd small:empty { display: none; }
[data-bad="true"].value, [data-bad="true"] > .value, dd[data-bad="true"] { color: var(--bad); }
dd[data-bad="true"] > span:first-child::before { content: "! "; }
.skew canvas { display: block; width: 100%; height: ${SKEW_HEIGHT}px; }
.skew p { margin-top: 4px; min-height: 38px; font-weight: 550; font-variant-numeric: tabular-nums; }
.numbers dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(116px, 1fr)); gap: 10px 16px; }
.numbers dl > div { min-width: 0; }
.numbers dt { color: var(--quiet); font-size: 12px; }
.numbers .value { font-size: 19px; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; }
.numbers .made { height: 32px; overflow: hidden; font-size: 11.5px; line-height: 16px; color: var(--quiet); }
@container (min-width: 640px) {
  .panels { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .numbers { grid-column: 1 / -1; }
}
@container (min-width: 1080px) {
  .panels { grid-template-columns: minmax(0, 5fr) minmax(0, 5fr) minmax(0, 10fr); }
  .numbers { grid-column: auto; }
}

.history { min-width: 0; padding-top: 14px; border-top: 1px solid var(--line); }
.filter { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin-bottom: 8px; }
.filter select { width: 150px; }
.filter input { flex: 1 1 140px; min-width: 0; max-width: 320px; font-weight: 400; }
.filter ::placeholder { color: var(--quiet); opacity: 1; }
.count { margin-left: auto; color: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
.scroll { position: relative; height: 272px; overflow: auto; overscroll-behavior-y: auto; border: 1px solid var(--line); border-radius: 6px; }
.scroll [role="row"] {
  display: grid;
  grid-template-columns: 48px 66px 132px minmax(0, 1fr);
  gap: 12px;
  align-items: center;
  height: 30px;
  padding: 0 10px;
}
.head { position: sticky; top: 0; z-index: 1; background: var(--ground); border-bottom: 1px solid var(--line); color: var(--quiet); font-size: 11.5px; }
.rows { position: relative; }
.row { position: absolute; inset: 0 0 auto; font-size: 12.5px; cursor: pointer; border-bottom: 1px solid var(--line); }
.row > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.row > :nth-child(-n + 2) { font: 400 11.5px var(--mono); color: var(--quiet); }
.row > :nth-child(3) { font: 500 11.5px var(--mono); }
.row[data-bad="true"] > :nth-child(3) { color: var(--bad); }
.row[data-seen="true"] { font-style: italic; }
.row:hover { background: var(--lane); }
.row[aria-current="true"] { background: var(--well); box-shadow: inset 3px 0 var(--accent); }
@container (max-width: 560px) {
  .scroll [role="row"] { grid-template-columns: 60px minmax(0, 1fr); gap: 0 10px; }
  .scroll .row > :first-child, .head [role="row"] > :nth-child(-n + 1), .head [role="row"] > :nth-child(3), .scroll .row > :nth-child(3) { position: absolute; width: 1px; height: 1px; clip-path: inset(50%); }
}
@media (forced-colors: active) {
  [aria-pressed="true"] { forced-color-adjust: none; background: Highlight; color: HighlightText; border-color: Highlight; }
  .row[aria-current="true"] { outline: 2px solid Highlight; outline-offset: -2px; }
}
`;
