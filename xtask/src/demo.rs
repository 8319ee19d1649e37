//! The sample page with its server.

use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};

use crate::package;
use crate::process::{self, command, shown_duration};
use crate::project::Project;

/// Lets a person make the server misbehave, on the page.
const FAULTS: &str = "--faults";
/// Has the server show the operator's page, and say where that is and where its token is.
const OPERATOR_TOKEN_FILE: &str = "--operator-token-file";

/// Compiles the server; what it needs is not what the package needs.
pub(crate) fn build_server(project: &Project) -> Result<PathBuf> {
    let started = Instant::now();
    process::run(command(project, "cargo").args([
        "build",
        "--quiet",
        "--package",
        "sample-server",
    ]))?;
    eprintln!(
        "the sample server is built, in {}",
        shown_duration(started.elapsed())
    );
    Ok(project.server_binary())
}

/// Builds what is missing and becomes the server, so that Ctrl-C is the server's to answer.
pub(crate) fn run(project: &Project, server_flags: &[String]) -> Result<()> {
    let server = thread::scope(|scope| {
        let server = scope.spawn(|| build_server(project));
        package::build(project)?;
        server
            .join()
            .unwrap_or_else(|_| Err(anyhow!("building the server panicked")))
    })?;
    let mut command = command(project, server);
    command.args(server_flags);
    let is_given = |name: &str| {
        let names = server_flags.iter().map(|flag| flag.split('=').next());
        names.flatten().any(|given| given == name)
    };
    if !is_given(FAULTS) {
        command.arg(FAULTS);
    }
    if !is_given(OPERATOR_TOKEN_FILE) {
        let file = project.path("target/operator-token");
        command.arg(OPERATOR_TOKEN_FILE).arg(file);
    }
    become_program(command)
}

#[cfg(unix)]
fn become_program(mut command: std::process::Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn become_program(mut command: std::process::Command) -> Result<()> {
    process::run(&mut command)
}
