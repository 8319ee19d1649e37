//! The tools of pinned versions that `cargo install` and npm give.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::fingerprint::Fingerprint;
use crate::process::{command, find_program, output, run_quietly};
use crate::project::{Project, remove_dir};

/// A program from crates.io.
pub(crate) struct CargoTool {
    /// The crate, and the program that tells the version.
    pub(crate) krate: &'static str,
    pub(crate) program: &'static str,
    pub(crate) version: &'static str,
    /// Any version that is already there will do.
    any_version: bool,
    install_flags: &'static [&'static str],
}

pub(crate) const WASM_PACK: CargoTool = CargoTool {
    krate: "wasm-pack",
    program: "wasm-pack",
    version: "0.15.1",
    any_version: false,
    install_flags: &[],
};

/// Must be the version of the library `wasm-bindgen` in Cargo.lock. It speaks http to the drivers on
/// this machine and to nobody else, so it is built without TLS.
pub(crate) const WASM_BINDGEN: CargoTool = CargoTool {
    krate: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    version: "0.2.126",
    any_version: false,
    install_flags: &[
        "--no-default-features",
        "--bin",
        "wasm-bindgen",
        "--bin",
        "wasm-bindgen-test-runner",
    ],
};

pub(crate) const GECKODRIVER: CargoTool = CargoTool {
    krate: "geckodriver",
    program: "geckodriver",
    version: "0.37.1",
    any_version: true,
    install_flags: &[],
};

pub(crate) const CARGO_DENY: CargoTool = CargoTool {
    krate: "cargo-deny",
    program: "cargo-deny",
    version: "0.20.2",
    any_version: true,
    install_flags: &["--no-default-features"],
};

impl CargoTool {
    /// Whether it can be run, in the right version.
    pub(crate) fn is_present(&self, project: &Project) -> bool {
        if self.any_version {
            return find_program(project, &[self.program]).is_some();
        }
        output(command(project, self.program).arg("--version"))
            .is_ok_and(|answer| answer.split_whitespace().nth(1) == Some(self.version))
    }

    /// Compiles it into the project's own folder. Quick compilation counts here, not quick code: these
    /// settings take a third of the time of the default ones.
    pub(crate) fn install(&self, project: &Project) -> Result<()> {
        run_quietly(
            command(project, "cargo")
                .args([
                    "install",
                    "--locked",
                    "--force",
                    self.krate,
                    "--version",
                    self.version,
                ])
                .args(self.install_flags)
                .arg("--root")
                .arg(project.tools())
                .env("CARGO_TARGET_DIR", build_folder(project))
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
                .env("CARGO_PROFILE_RELEASE_STRIP", "true"),
        )
    }
}

/// What compiling the tools left behind takes a gigabyte, and is of no use once they are there.
pub(crate) fn remove_build_folder(project: &Project) -> Result<()> {
    remove_dir(&build_folder(project))
}

/// One folder for all tools, since they share dependencies.
fn build_folder(project: &Project) -> PathBuf {
    project.tools().join("build")
}

/// The Rust target that browsers run.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Whether the toolchain in use has the standard library of the wasm target.
pub(crate) fn wasm_target_is_present(project: &Project) -> Result<bool> {
    let libdir = output(command(project, "rustc").args([
        "--print",
        "target-libdir",
        "--target",
        WASM_TARGET,
    ]))?;
    let Ok(mut entries) = fs::read_dir(libdir.trim()) else {
        return Ok(false);
    };
    Ok(entries.any(|entry| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
    }))
}

/// Adds the wasm target to the toolchain in use.
pub(crate) fn install_wasm_target(project: &Project) -> Result<()> {
    run_quietly(command(project, "rustup").args(["target", "add", WASM_TARGET])).context(
        "the wasm target is missing and rustup cannot add it. With rustup and a network: \
         `rustup target add wasm32-unknown-unknown`. Without rustup: install your distribution's package \
         of Rust's standard library for wasm32-unknown-unknown",
    )
}

/// A folder with a package-lock.json, whose npm packages are installed beside it.
pub(crate) struct NpmPackages {
    pub(crate) folder: &'static str,
}

/// The development tools.
pub(crate) const DEVELOPMENT: NpmPackages = NpmPackages { folder: "tests" };

/// What the package is measured beside.
pub(crate) const PEERS: NpmPackages = NpmPackages {
    folder: "benches/browser",
};

impl NpmPackages {
    /// Whether those of the lock file are installed.
    pub(crate) fn are_present(&self, project: &Project) -> Result<bool> {
        let installed = fs::read_to_string(self.stamp(project)).unwrap_or_default();
        Ok(installed == self.fingerprint(project)?)
    }

    /// Installs those of the lock file. Their install scripts are not run: none is needed.
    pub(crate) fn install(&self, project: &Project) -> Result<()> {
        run_quietly(
            command(project, "npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(project.path(self.folder)),
        )
        .with_context(|| {
            format!(
                "the npm packages of {}/ cannot be installed; Node.js 20 or newer with npm is needed",
                self.folder
            )
        })?;
        fs::write(self.stamp(project), self.fingerprint(project)?)?;
        Ok(())
    }

    fn fingerprint(&self, project: &Project) -> Result<String> {
        let lock = ["package.json", "package-lock.json"]
            .iter()
            .try_fold(Fingerprint::new(), |fingerprint, file| {
                fingerprint.path(project, &format!("{}/{file}", self.folder))
            })?;
        Ok(lock.finish())
    }

    fn stamp(&self, project: &Project) -> PathBuf {
        project
            .path(self.folder)
            .join("node_modules/.installed-from")
    }
}
