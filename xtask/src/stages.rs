//! What each stage of `cargo xtask test` does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::process::{command, run, run_quietly};
use crate::project::Project;
use crate::setup::Need;
use crate::tools::WASM_TARGET;
use crate::{browsers, costs, demo, demo_check, package, python, replay, sizes, types};

/// A part of the checks, in the order in which they run: what fails fastest comes first.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    Fmt,
    Clippy,
    Deny,
    Native,
    Package,
    Types,
    Node,
    WebChromium,
    WebFirefox,
    E2e,
    Replay,
    Packaging,
    Recipes,
    Demo,
    Sizes,
    Costs,
}

/// How a stage ended that did not fail.
pub(crate) enum Outcome {
    Passed,
    /// Passed, but for a part that could not be checked here.
    PassedWithout(&'static str),
}

impl Stage {
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Fmt => "the Rust code is formatted",
            Self::Clippy => {
                "no lint speaks up, natively and for the browser with each set of features"
            }
            Self::Deny => {
                "licences, sources and bans of all dependencies, and their known vulnerabilities"
            }
            Self::Native => {
                "the core's tests, those in the documentation, and the documentation itself"
            }
            Self::Package => "a bare `wasm-pack build`, and the npm package",
            Self::Types => {
                "the types in the JavaScript, the declarations as each kind of project reads them, and their report"
            }
            Self::Node => "the JavaScript by itself",
            Self::WebChromium => "tests/web*.rs in Chromium",
            Self::WebFirefox => "tests/web*.rs in Firefox",
            Self::E2e => "the package with the sample server in real browsers",
            Self::Replay => {
                "the sessions of the stage e2e, as they were recorded, give the same effects again"
            }
            Self::Packaging => "the package as published, installed in projects of each kind",
            Self::Recipes => "the recipes of docs/recipes, as they are written",
            Self::Demo => "the sample page starts, works and stops",
            Self::Sizes => "the package is within the limits of sizes.toml",
            Self::Costs => "instructions, wake-ups and timers are within the limits of costs.toml",
        }
    }

    pub(crate) fn needs(self) -> &'static [Need] {
        match self {
            Self::Fmt | Self::Native | Self::Replay => &[],
            Self::Deny => &[Need::CargoDeny],
            Self::Clippy => &[Need::WasmTarget],
            Self::Package | Self::Types | Self::Node | Self::Sizes => Need::PACKAGE,
            Self::WebChromium => &[
                Need::WasmTarget,
                Need::WasmBindgen,
                Need::WasmPack,
                Need::Chromium,
                Need::Chromedriver,
            ],
            Self::WebFirefox => &[
                Need::WasmTarget,
                Need::WasmBindgen,
                Need::WasmPack,
                Need::Firefox,
                Need::Geckodriver,
            ],
            Self::E2e => &[
                Need::WasmTarget,
                Need::WasmBindgen,
                Need::WasmPack,
                Need::NpmPackages,
                Need::Chromium,
                Need::Firefox,
                Need::Geckodriver,
                Need::DjRestAuth,
            ],
            Self::Costs => costs::NEEDS,
            Self::Recipes => &[
                Need::WasmTarget,
                Need::WasmBindgen,
                Need::WasmPack,
                Need::NpmPackages,
                Need::Chromium,
                Need::DjRestAuth,
            ],
            Self::Packaging | Self::Demo => &[
                Need::WasmTarget,
                Need::WasmBindgen,
                Need::WasmPack,
                Need::NpmPackages,
                Need::Chromium,
            ],
        }
    }

    pub(crate) fn run(self, project: &Project) -> Result<Outcome> {
        match self {
            Self::Fmt => run(command(project, "cargo").args(["fmt", "--all", "--check"]))?,
            Self::Clippy => clippy(project)?,
            Self::Deny => return deny(project),
            Self::Native => native(project)?,
            Self::Package => {
                bare_wasm_pack(project)?;
                package::build(project)?;
            }
            Self::Types => {
                package::build(project)?;
                types::check_sources(project)?;
                types::check(project)?;
            }
            Self::Node => {
                package::build(project)?;
                run(&mut node_tests(project, "tests/node")?)?;
            }
            Self::WebChromium => {
                let driver = browsers::chromedriver(project).context("no chromedriver")?;
                web(project, "--chrome", "CHROMEDRIVER", &driver)?;
            }
            Self::WebFirefox => {
                let driver = browsers::geckodriver(project).context("no geckodriver")?;
                web(project, "--firefox", "GECKODRIVER", &driver)?;
            }
            Self::E2e => {
                package::build(project)?;
                demo::build_server(project)?;
                let recordings = replay::make_room(project)?;
                run(node(project)
                    .arg("tests/e2e/all.mjs")
                    .env("RECORDINGS", recordings))?;
            }
            Self::Replay => replay::check(project)?,
            Self::Packaging => {
                package::build(project)?;
                run(&mut node_tests(project, "tests/packaging")?)?;
            }
            Self::Recipes => {
                package::build(project)?;
                run(command(project, "cargo").args([
                    "build",
                    "--quiet",
                    "--locked",
                    "--package",
                    "recipe-axum",
                ]))?;
                run(&mut node_tests(project, "tests/recipes")?)?;
            }
            Self::Demo => demo_check::check(project)?,
            Self::Sizes => {
                package::build(project)?;
                sizes::check(project)?;
            }
            Self::Costs => return costs::check(project),
        }
        Ok(Outcome::Passed)
    }
}

fn clippy(project: &Project) -> Result<()> {
    let clippy = || {
        let mut cargo = command(project, "cargo");
        cargo.args(["clippy", "--quiet", "--locked"]);
        cargo
    };
    let deny_warnings = ["--", "--deny", "warnings"];
    run(clippy()
        .args(["--workspace", "--all-targets"])
        .args(deny_warnings))?;
    for features in ["session", "verify", "session,verify", "recording"] {
        run(clippy()
            .args([
                "--package",
                "sessionkeeper",
                "--lib",
                "--target",
                WASM_TARGET,
            ])
            .args(["--no-default-features", "--features", features])
            .args(deny_warnings))?;
    }
    Ok(())
}

fn deny(project: &Project) -> Result<Outcome> {
    let deny = || {
        let mut cargo = command(project, "cargo");
        cargo.args(["deny", "--log-level", "error", "--workspace", "--locked"]);
        cargo
    };
    run(deny().args(["check", "--show-stats", "licenses", "bans", "sources"]))?;
    if run_quietly(deny().args(["fetch", "db"])).is_err() {
        return Ok(Outcome::PassedWithout(
            "known vulnerabilities: their database cannot be reached from here",
        ));
    }
    run(deny().args(["check", "--disable-fetch", "advisories"]))?;
    Ok(Outcome::Passed)
}

fn native(project: &Project) -> Result<()> {
    run(command(project, "cargo").args(["test", "--quiet", "--locked", "--workspace"]))?;
    run(command(project, "cargo")
        .args(["doc", "--quiet", "--locked", "--workspace", "--no-deps"])
        .env("RUSTDOCFLAGS", "--deny warnings"))
}

/// As someone would build the crate who knows nothing of these commands.
fn bare_wasm_pack(project: &Project) -> Result<()> {
    let out_dir = project.path("target/package/bare");
    run(command(project, "wasm-pack")
        .args(["--log-level", "error", "build", "--out-dir"])
        .arg(&out_dir))?;
    for name in [
        "sessionkeeper_bg.wasm",
        "sessionkeeper.js",
        "sessionkeeper.d.ts",
        "package.json",
    ] {
        if !out_dir.join(name).is_file() {
            bail!("a bare `wasm-pack build` made no {name}");
        }
    }
    Ok(())
}

/// The tests in the browser itself, which wasm-bindgen's runner drives; webdriver.json holds the flags.
fn web(project: &Project, browser: &str, variable: &str, driver: &Path) -> Result<()> {
    let suites = files_matching(project, "tests", |name| {
        name.starts_with("web") && name.ends_with(".rs")
    })?;
    let mut wasm_pack = command(project, "wasm-pack");
    wasm_pack.args(["--log-level", "error", "test", "--headless", browser, "--"]);
    for suite in &suites {
        wasm_pack
            .arg("--test")
            .arg(suite.file_stem().unwrap_or_default());
    }
    // Its runner takes the first driver that is named, whatever browser is asked for.
    for driver_variable in [
        "GECKODRIVER",
        "SAFARIDRIVER",
        "CHROMEDRIVER",
        "MSEDGEDRIVER",
    ] {
        wasm_pack
            .env_remove(driver_variable)
            .env_remove(format!("{driver_variable}_REMOTE"));
    }
    // Code that is not optimized needs more than the package's 16 KiB of stack.
    let stack = "-Clink-arg=-zstack-size=1048576";
    run(wasm_pack
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", stack)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env(variable, driver))
}

fn node_tests(project: &Project, folder: &str) -> Result<Command> {
    let files = files_matching(project, folder, |name| name.ends_with(".test.mjs"))?;
    let mut node = node(project);
    node.arg("--test").args(files);
    Ok(node)
}

/// Node.js, which is told where everything is that tests start.
fn node(project: &Project) -> Command {
    let mut node = command(project, "node");
    node.env("PACKAGE", project.pkg())
        .env("SERVER_BINARY", project.server_binary())
        .env("DJANGO_PYTHON", python::django_python(project));
    if let Some(chromium) = browsers::chromium(project) {
        node.env("CHROMIUM", chromium);
    }
    if let Some(firefox) = browsers::firefox(project) {
        node.env("FIREFOX", firefox);
    }
    node
}

/// The files of a folder whose names are such, in order. That there are none is a failure: a stage
/// without tests must not pass.
pub(crate) fn files_matching(
    project: &Project,
    folder: &str,
    is_such: impl Fn(&str) -> bool,
) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(project.path(folder)).with_context(|| format!("there is no {folder}/"))?;
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        if is_such(&entry.file_name().to_string_lossy()) {
            files.push(entry.path());
        }
    }
    if files.is_empty() {
        bail!("there are no tests in {folder}/");
    }
    files.sort();
    Ok(files)
}
