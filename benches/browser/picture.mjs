// The table of ratios as a picture: SVG, for light and dark pages.

import { MEASURES, number, oursOf, short } from "./report.mjs";

const PEERS = ["oidc-client-ts", "react-idle-timer", "jwt-decode", "oidc-client-ts + react-idle-timer + jwt-decode", "keycloak-js", "@supabase/auth-js", "@okta/okta-auth-js", "@auth0/auth0-spa-js", "@azure/msal-browser"];

/** What is drawn: a measure by its title, under a shorter one. */
const PANELS = [
  { measure: "bytes by brotli, two files", title: "Bytes to load, by brotli" },
  { measure: "start-up, from memory, two files", title: "Until there is a session object, ms" },
  { measure: "wake-ups in an hour, visible", title: "Wake-ups in an hour, page visible" },
  { measure: "wake-ups in an hour, hidden", title: "Wake-ups in an hour, page hidden" },
  { measure: "lateness of a renewal, 95th percentile", title: "Renewal late by, ms (95th percentile)" },
  { measure: "an activity, the handler", title: "The handler of a user's activity, ns" },
];

const STYLE = `
  .paper { fill: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .ours { fill: #0550ae } .theirs { fill: #afb8c1 }
  text { font: 13px system-ui, sans-serif } .title { font-weight: 600; font-size: 16px } .head { font-weight: 600 } .small { font-size: 12px }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .ours { fill: #58a6ff } .theirs { fill: #545d68 }
  }
`;

const WIDTH = 860;
const MARGIN = 20;
const COLUMN = (WIDTH - 3 * MARGIN) / 2;
const NAME = 150;
const ROW = 21;
const BAR = COLUMN - NAME - 62;

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export function draw({ figures, machine }) {
  const panels = PANELS.map(({ measure: title, title: head }) => {
    const measure = MEASURES.find((each) => each.title === title);
    const rows = [oursOf(measure), ...PEERS]
      .map((contender, place) => ({ name: place ? short(contender) : "sessionkeeper", value: measure.of(figures, contender), isOurs: !place }))
      .filter((row) => row.value !== undefined);
    return { head, rows, digits: measure.digits };
  });

  const parts = [];
  let top = 76;
  for (let place = 0; place < panels.length; place += 2) {
    const pair = panels.slice(place, place + 2);
    for (const [side, panel] of pair.entries()) parts.push(drawPanel(panel, MARGIN + side * (COLUMN + MARGIN), top));
    top += Math.max(...pair.map(({ rows }) => rows.length)) * ROW + 52;
  }
  const description = panels
    .map(({ head, rows, digits }) => `${head}: ${rows.map(({ name, value }) => `${name} ${number(value, digits)}`).join(", ")}.`)
    .join(" ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-labelledby="title desc">
<title id="title">sessionkeeper beside other session libraries</title>
<desc id="desc">Less is better. ${escape(description)}</desc>
<style>${STYLE}</style>
<rect class="paper" width="${WIDTH}" height="${top}"/>
<text class="ink title" x="${MARGIN}" y="32">sessionkeeper beside other libraries: less is better</text>
<text class="faint small" x="${MARGIN}" y="52">In one run of Chromium ${escape(machine.chromium)}. A library that has no such function, or does nothing by itself, is left out.</text>
${parts.join("\n")}
</svg>
`;
}

function drawPanel({ head, rows, digits }, left, top) {
  const most = Math.max(...rows.map(({ value }) => value));
  const lines = rows.map(({ name, value, isOurs }, place) => {
    const y = top + 16 + place * ROW;
    const width = Math.max(1.5, (BAR * value) / most);
    return `<text class="${isOurs ? "ink head" : "ink"} small" x="${left + NAME - 8}" y="${y + 11.5}" text-anchor="end">${escape(name)}</text><rect class="${isOurs ? "ours" : "theirs"}" x="${left + NAME}" y="${y}" width="${width.toFixed(1)}" height="15" rx="2"/><text class="faint small" x="${(left + NAME + width + 6).toFixed(1)}" y="${y + 11.5}">${number(value, digits)}</text>`;
  });
  return `<text class="ink head" x="${left}" y="${top}">${escape(head)}</text>\n${lines.join("\n")}`;
}
