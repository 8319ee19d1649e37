import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

const named = (variable, usual) => process.env[variable] || usual;

/** Where recordings of all sessions are kept, if they are, and in `pkg/` the package that makes them. */
export const recordings = process.env.RECORDINGS;

/** The tests that look at how the package loads, what it takes, or what it does to the page: as it is published. */
const AS_PUBLISHED = ["import", "listeners", "memory", "recording", "start-up", "surroundings"];

/** The npm package, built. */
export const packageFolder =
  recordings && !AS_PUBLISHED.includes(basename(process.argv[1], ".test.mjs")) ? `${recordings}/pkg` : named("PACKAGE", `${root}pkg`);

/** The sample server, built. */
export const serverBinary = named("SERVER_BINARY", `${root}target/debug/sample-server`);

/** The Python that has the packages of tests/servers/dj-rest-auth/requirements.txt. */
export const djangoPython = named("DJANGO_PYTHON", `${root}target/tools/dj-rest-auth/bin/python`);

/** The browsers. */
export const chromiumBinary = named("CHROMIUM", "/usr/bin/chromium");
export const firefoxBinary = named("FIREFOX", "/usr/bin/firefox");

/** What drives Firefox. */
export const geckodriver = named("GECKODRIVER", "geckodriver");

/** Long enough for two slow cores; what is awaited longer does not happen. */
export const PATIENCE_MS = 30_000;

/** The time limit of one test. */
export const TEST_LIMIT_MS = 90_000;
