import { chromium } from "playwright-core";
import { chromiumBinary } from "./environment.mjs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium; whoever starts it closes it. */
export const startBrowser = () => chromium.launch({ executablePath: chromiumBinary, args: FLAGS });
