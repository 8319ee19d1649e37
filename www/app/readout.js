import { byTestId, create } from "./dom.js";

const list = byTestId("readout");
let written = "";

/** Reads out everything that a script of this page finds in cookies and storage. */
export function renderReadout() {
  const found = [
    ["document.cookie", document.cookie ? [document.cookie] : []],
    ["sessionStorage", entries(() => sessionStorage)],
    ["localStorage", entries(() => localStorage)],
  ];
  const text = JSON.stringify(found);
  if (text === written) return;
  written = text;
  list.replaceChildren(...found.map(([place, values]) => {
    const row = create("div");
    row.append(create("dt", place));
    row.append(...(values.length ? values.map((value) => create("dd", value)) : [create("dd", "empty", "empty")]));
    return row;
  }));
}

// Even naming a storage throws where the browser denies it.
function entries(open) {
  try {
    return Object.entries(open()).map(([key, value]) => `${key} = ${value}`);
  } catch {
    return ["denied by the browser"];
  }
}
