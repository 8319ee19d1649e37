//! Recordings of sessions, run again.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, exit};

use anyhow::{Context, Result, bail};

use crate::process::{command, run};
use crate::project::{Project, remove_dir};

/// Where the end-to-end tests leave recordings of their sessions.
fn recordings(project: &Project) -> PathBuf {
    project.path("target/recordings")
}

/// An empty place for recordings, but for a package that makes them.
pub(crate) fn make_room(project: &Project) -> Result<PathBuf> {
    let folder = recordings(project);
    remove_dir(&folder)?;
    fs::create_dir_all(&folder)?;
    run(command(project, "node")
        .arg("tests/e2e/support/recorded-package.mjs")
        .args([project.pkg(), folder.join("pkg")]))?;
    Ok(folder)
}

fn cargo_run(project: &Project) -> Command {
    let mut cargo = command(project, "cargo");
    cargo
        .args(["run", "--quiet", "--locked", "--manifest-path"])
        .arg(project.path("Cargo.toml"))
        .args(["--package", "replay", "--"]);
    cargo
}

/// Runs what is named, and ends with the status of that.
pub(crate) fn replay(project: &Project, arguments: &[OsString]) -> Result<()> {
    let status = cargo_run(project)
        .args(arguments)
        // Files are named from where the command is given.
        .current_dir(env::current_dir()?)
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        exit(status.code().unwrap_or(1));
    }
    Ok(())
}

/// Runs again what the end-to-end tests have recorded.
pub(crate) fn check(project: &Project) -> Result<()> {
    let folder = recordings(project);
    if !folder.is_dir() {
        bail!("there are no recordings: run the stage e2e first");
    }
    run(cargo_run(project).arg("--quiet").arg(folder))
}
