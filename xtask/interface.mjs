// Compares the declarations of the npm package with the report of its public interface, which is committed so that
// a change of the interface is seen in review; or writes the report anew:
//
//   node xtask/interface.mjs --consumer FOLDER --report docs/interface.api.md [--write]
//
// The consumer is a folder in which the package is installed.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const require = createRequire(new URL("../tests/package.json", import.meta.url));
const { Extractor, ExtractorConfig } = require("@microsoft/api-extractor");

const { values } = parseArgs({
  options: { consumer: { type: "string" }, report: { type: "string" }, write: { type: "boolean", default: false } },
});
const consumer = resolve(values.consumer);
const installed = `${consumer}/node_modules/sessionkeeper`;
const { exports } = JSON.parse(await readFile(`${installed}/package.json`, "utf8"));

/** One file that stands for all entries: the first as it is, the others by name. */
const entries = Object.entries(exports)
  .filter(([, target]) => target.types)
  .map(([path]) => path.slice(2));
const text = entries.map((name) => (name ? `export * as ${name} from "sessionkeeper/${name}";` : 'export * from "sessionkeeper";'));
await writeFile(`${consumer}/interface.d.ts`, `${text.join("\n")}\n`);

const silent = { default: { logLevel: "none" } };
const temporary = await mkdtemp(join(consumer, "interface-"));
try {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: consumer,
      mainEntryPointFilePath: `${consumer}/interface.d.ts`,
      bundledPackages: ["sessionkeeper"],
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            strict: true,
            target: "es2022",
            lib: ["es2022", "dom", "dom.iterable", "esnext.disposable"],
            module: "nodenext",
            moduleResolution: "nodenext",
            types: [],
            skipLibCheck: true,
          },
          files: ["interface.d.ts"],
        },
      },
      apiReport: { enabled: true, reportFileName: "report", reportFolder: temporary, reportTempFolder: `${temporary}/new`, includeForgottenExports: true },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent, compilerMessageReporting: { default: { logLevel: "error" } } },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: `${installed}/package.json`,
  });
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel !== "error") message.logLevel = "none";
    },
  });
  if (!succeeded) throw new Error("the declarations cannot be read");

  // What is said of an interface is no part of it.
  const report = (await readFile(`${temporary}/report.api.md`, "utf8"))
    .replaceAll("\r\n", "\n")
    .replace(/^ *\/\/ \(undocumented\)\n/gm, "")
    .replace(/ *\/\/ \(undocumented\)$| \(undocumented\)$/gm, "");
  if (values.write) await writeFile(values.report, report);
  else if (report !== (await readFile(values.report, "utf8").catch(() => ""))) {
    await writeFile(`${consumer}/interface.api.md`, report);
    console.error(`The public interface is not what ${values.report} says:`);
    spawnSync("diff", ["-u", values.report, `${consumer}/interface.api.md`], { stdio: ["ignore", "inherit", "inherit"] });
    console.error("If that is meant, `cargo xtask interface` writes the report anew.");
    process.exitCode = 1;
  }
} finally {
  await rm(temporary, { recursive: true, force: true });
}
