import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

const named = (variable, usual) => process.env[variable] || usual;

/** The npm package, built. */
export const packageFolder = named("PACKAGE", `${root}pkg`);

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
