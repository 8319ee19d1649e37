//! The npm package: each feature of the crate as a module of its own, and the hand-written JavaScript
//! around them.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::fingerprint::{Fingerprint, files_below};
use crate::process::{command, run, run_quietly, shown_duration};
use crate::project::{Project, remove_dir};
use crate::setup::{self, Need};
use crate::tools;

/// A feature of the crate that becomes a module, and the module's file name.
struct Module {
    feature: &'static str,
    out_name: &'static str,
}

const MODULES: [Module; 3] = [
    Module {
        feature: "session",
        out_name: "sessionkeeper",
    },
    Module {
        feature: "verify",
        out_name: "verify",
    },
    Module {
        feature: "recording",
        out_name: "recording",
    },
];

/// What the modules are made from.
const MODULE_SOURCES: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    ".cargo/config.toml",
    "module",
    "src",
    "xtask/src/package.rs",
    "xtask/src/tools.rs",
    "xtask/shrink.mjs",
];

/// What the rest of the package is made from.
const PACKAGE_SOURCES: [&str; 10] = [
    "js",
    "xtask/bundle.mjs",
    "xtask/glue.mjs",
    "xtask/packing.mjs",
    "tests/package.json",
    "tests/package-lock.json",
    "README.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// Written into the package last: what it was made from. Not published.
const STAMP: &str = ".made-from";

/// Makes pkg/, unless it is already made from what is here.
pub(crate) fn build(project: &Project) -> Result<()> {
    setup::provide(project, Need::PACKAGE)?;
    let _lock = project.lock("package")?;
    let modules = module_fingerprint(project)?;
    let mut package = Fingerprint::new().text(&modules);
    for source in PACKAGE_SOURCES {
        package = package.path(project, source)?;
    }
    let package = package.finish();
    if is_made_from(&project.pkg(), &package) {
        eprintln!("pkg/ is up to date");
        return Ok(());
    }

    let started = Instant::now();
    for module in &MODULES {
        build_module(project, module, &modules)?;
    }
    let fresh = project.path("target/package/pkg");
    remove_dir(&fresh)?;
    fs::create_dir_all(&fresh)?;
    bundle(project, &fresh)?;
    copy_beside(project, &fresh)?;
    fs::write(fresh.join(STAMP), package)?;
    replace(
        &fresh,
        &project.pkg(),
        &project.path("target/package/pkg.old"),
    )?;
    eprintln!("pkg/ made in {}", shown_duration(started.elapsed()));
    Ok(())
}

fn module_fingerprint(project: &Project) -> Result<String> {
    let mut fingerprint = Fingerprint::new()
        .text(tools::WASM_PACK.version)
        .text(tools::WASM_BINDGEN.version);
    for source in MODULE_SOURCES {
        fingerprint = fingerprint.path(project, source)?;
    }
    Ok(fingerprint
        .path(project, "tests/package-lock.json")?
        .finish())
}

fn build_module(project: &Project, module: &Module, fingerprint: &str) -> Result<()> {
    let out_dir = project.module(module.feature);
    if is_made_from(&out_dir, fingerprint) {
        return Ok(());
    }
    remove_dir(&out_dir)?;
    // `--profile release` compiles as `--release` does, but takes wasm-pack's settings for profiles of
    // one's own from Cargo.toml, which a bare `wasm-pack build` does not.
    run(command(project, "wasm-pack")
        .args([
            "--log-level",
            "error",
            "build",
            "module",
            "--profile",
            "release",
            "--target",
            "web",
        ])
        .args(["--no-pack", "--no-opt", "--out-name", module.out_name])
        .arg("--out-dir")
        .arg(&out_dir)
        .args(["--", "--no-default-features", "--features", module.feature]))?;
    run_quietly(
        command(project, "node")
            .arg("xtask/shrink.mjs")
            .arg(out_dir.join(module.out_name)),
    )?;
    fs::write(out_dir.join(STAMP), fingerprint)?;
    Ok(())
}

fn bundle(project: &Project, out: &Path) -> Result<()> {
    if !project.path("js/package.json").is_file() {
        bail!("js/ holds no package.json: the hand-written part of the package is missing");
    }
    run(command(project, "node")
        .arg("xtask/bundle.mjs")
        .args([
            "--js",
            "js",
            "--modules",
            "target/package",
            "--version",
            project.version(),
        ])
        .arg("--out")
        .arg(out))
}

/// Copies what needs no work: declarations, documents, and the module for the entry without bytes.
fn copy_beside(project: &Project, out: &Path) -> Result<()> {
    let declarations = files_below(&project.path("js"))?
        .into_iter()
        .filter(|file| file.to_string_lossy().ends_with(".d.ts"));
    let documents = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"]
        .map(|name| project.path(name));
    let module = project.module("session").join("sessionkeeper_bg.wasm");
    for file in declarations.chain(documents).chain([module]) {
        let name = file.file_name().context("a file without a name")?;
        fs::copy(&file, out.join(name))
            .with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}

fn is_made_from(dir: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(dir.join(STAMP)).is_ok_and(|stamp| stamp == fingerprint)
}

/// Puts the new folder in the place of the one that is there, so that no stale file stays.
fn replace(new: &Path, place: &Path, aside: &Path) -> Result<()> {
    remove_dir(aside)?;
    if place.exists() {
        fs::rename(place, aside)?;
    }
    fs::rename(new, place)?;
    remove_dir(aside)
}
