//! Running other programs.

use std::env;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::project::Project;

/// A program to be run at the root, with the project's own tools first on the `PATH`.
pub(crate) fn command<P: AsRef<OsStr>>(project: &Project, program: P) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(project.root())
        .env("PATH", search_path(project));
    command
}

/// Runs it and shows what it prints.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("  $ {}", shown(command));
    let status = command
        .status()
        .with_context(|| format!("cannot run {}", shown(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs it and shows what it printed only when it failed.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    output(command).map(drop)
}

/// Runs it and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", shown(command)))?;
    if !output.status.success() {
        bail!(
            "{} failed: {}\n{}{}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first of these programs that is on the `PATH`.
pub(crate) fn find_program(project: &Project, names: &[&str]) -> Option<PathBuf> {
    let path = search_path(project);
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|dir| dir.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
            .find(|file| is_program(file))
    })
}

/// A span of time, as a person reads it.
pub(crate) fn shown_duration(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.metadata()
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    file.is_file()
}

fn search_path(project: &Project) -> std::ffi::OsString {
    let own = [
        project.tools().join("bin"),
        project.node_modules().join(".bin"),
    ];
    let inherited = env::var_os("PATH").unwrap_or_default();
    let all: Vec<PathBuf> = own
        .into_iter()
        .chain(env::split_paths(&inherited))
        .collect();
    // Only a directory whose name holds the separator could fail; then the inherited path has to do.
    env::join_paths(all).unwrap_or(inherited)
}

fn shown(command: &Command) -> String {
    let mut shown = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        let _ = write!(shown, " {}", argument.to_string_lossy());
    }
    shown
}
