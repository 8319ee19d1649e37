//! The types in the package's JavaScript, and its declarations as TypeScript reads them in each kind of project.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::fingerprint::files_below;
use crate::process::{command, run};
use crate::project::{Project, remove_dir};
use crate::stages::files_matching;

/// Ways of finding packages, and the kinds of modules that go with them.
const RESOLUTIONS: [(&str, &str); 3] = [
    ("node16", "node16"),
    ("nodenext", "nodenext"),
    ("bundler", "esnext"),
];

/// The public interface, as it is committed.
const REPORT: &str = "docs/interface.api.md";

/// Checks the types that the comments of js/*.js give, with what bundle.mjs puts in place of `#names`.
pub(crate) fn check_sources(project: &Project) -> Result<()> {
    let folder = project.path("target/js-types");
    fs::create_dir_all(&folder)?;
    fs::write(
        folder.join("text.d.ts"),
        "declare const text: string;\nexport default text;\n",
    )?;
    fs::write(
        folder.join("tsconfig.json"),
        r##"{
  "compilerOptions": {
    "allowJs": true, "checkJs": true, "strict": true, "strictPropertyInitialization": false, "noEmit": true,
    "target": "es2022", "lib": ["es2022", "dom", "dom.iterable", "esnext.disposable"], "types": [],
    "module": "esnext", "moduleResolution": "bundler",
    "paths": {
      "#glue": ["../package/session/sessionkeeper.d.ts"],
      "#verify-glue": ["../package/verify/verify.d.ts"],
      "#recording-glue": ["../package/recording/recording.d.ts"],
      "#bytes": ["./text.d.ts"],
      "#verify-bytes": ["./text.d.ts"],
      "#recording-bytes": ["./text.d.ts"],
      "#unpacker": ["./text.d.ts"],
      "react": ["../../tests/node_modules/@types/react"],
      "vue": ["../../tests/node_modules/vue"]
    }
  },
  "include": ["../../js/**/*.js"]
}
"##,
    )?;
    run(command(project, "tsc").arg("--project").arg(&folder))
}

/// Checks tests/types/*.ts as a consumer's project that has installed the package, and the report of the
/// public interface.
pub(crate) fn check(project: &Project) -> Result<()> {
    let consumer = install(project)?;
    for source in files_matching(project, "tests/types", |name| name.ends_with(".ts"))? {
        fs::copy(
            &source,
            consumer.join(source.file_name().unwrap_or_default()),
        )?;
    }
    for (resolution, module) in RESOLUTIONS {
        let settings = format!(
            r#"{{
  "compilerOptions": {{
    "strict": true, "exactOptionalPropertyTypes": true, "isolatedModules": true, "verbatimModuleSyntax": true,
    "skipLibCheck": false, "noEmit": true, "target": "es2022",
    "lib": ["es2022", "dom", "dom.iterable", "esnext.disposable"], "types": [],
    "module": "{module}", "moduleResolution": "{resolution}"
  }},
  "include": ["*.ts"]
}}
"#
        );
        let file = consumer.join(format!("tsconfig.{resolution}.json"));
        fs::write(&file, settings)?;
        run(command(project, "tsc").arg("--project").arg(&file))?;
    }
    run(command(project, "node")
        .args(["xtask/interface.mjs", "--report", REPORT, "--consumer"])
        .arg(&consumer))
}

/// Writes the report of the public interface anew.
pub(crate) fn report(project: &Project) -> Result<()> {
    let consumer = install(project)?;
    run(command(project, "node")
        .args([
            "xtask/interface.mjs",
            "--write",
            "--report",
            REPORT,
            "--consumer",
        ])
        .arg(&consumer))
}

/// Makes a project that has installed the package and holds nothing else.
fn install(project: &Project) -> Result<PathBuf> {
    let consumer = project.node_modules().join(".consumer");
    remove_dir(&consumer)?;
    // A copy and not a link: a link would be followed, and peers looked for beside pkg/.
    let installed = consumer.join("node_modules/sessionkeeper");
    fs::create_dir_all(&installed)?;
    for file in files_below(&project.pkg())? {
        fs::copy(&file, installed.join(file.file_name().unwrap_or_default()))?;
    }
    fs::write(
        consumer.join("package.json"),
        r#"{ "private": true, "type": "module" }"#,
    )?;
    Ok(consumer)
}
