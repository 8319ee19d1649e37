//! A Python of the tests' own, with the packages of a server that is not ours.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::fingerprint::Fingerprint;
use crate::process::{command, output, run_quietly};
use crate::project::{Project, remove_dir};

const FOLDER: &str = "tests/servers/dj-rest-auth";

/// Succeeds in a Python that is new enough for the packages and can make environments, for which
/// Debian wants a package of its own.
const PROBE: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";

/// The Python that has the packages of dj-rest-auth.
pub(crate) fn django_python(project: &Project) -> PathBuf {
    environment(project).join("bin/python")
}

/// Whether its packages are those that are asked for, and it runs.
pub(crate) fn packages_are_present(project: &Project) -> Result<bool> {
    let installed = fs::read_to_string(stamp(project)).unwrap_or_default();
    Ok(installed == fingerprint(project)?
        && output(command(project, django_python(project)).args(["-c", "import dj_rest_auth"]))
            .is_ok())
}

/// The packages of the system without which [`install_packages`] cannot do.
pub(crate) fn missing_system_packages(project: &Project) -> &'static [&'static str] {
    match system_python(project) {
        Some(_) => &[],
        None => &["python3", "python3-venv"],
    }
}

/// Makes the environment anew, with the packages that the requirements pin by their hashes.
pub(crate) fn install_packages(project: &Project) -> Result<()> {
    let python = system_python(project).context(
        "the tests with dj-rest-auth need Python 3.11 or newer, with its modules venv and ensurepip",
    )?;
    let environment = environment(project);
    remove_dir(&environment)?;
    run_quietly(
        command(project, python)
            .args(["-m", "venv"])
            .arg(&environment),
    )?;
    let pip = |requirements: &str| {
        let mut pip = command(project, django_python(project));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--require-hashes",
            "--requirement",
        ])
        .arg(project.path(FOLDER).join(requirements));
        pip
    };
    run_quietly(&mut pip("requirements-build.txt"))?;
    run_quietly(pip("requirements.txt").args(["--no-build-isolation", "--use-pep517"]))?;
    fs::write(stamp(project), fingerprint(project)?)?;
    Ok(())
}

/// The first one may be too old, or lack what the system's has.
fn system_python(project: &Project) -> Option<&'static str> {
    ["python3", "/usr/bin/python3"]
        .into_iter()
        .find(|python| output(command(project, python).args(["-c", PROBE])).is_ok())
}

fn environment(project: &Project) -> PathBuf {
    project.tools().join("dj-rest-auth")
}

fn stamp(project: &Project) -> PathBuf {
    environment(project).join(".installed-from")
}

fn fingerprint(project: &Project) -> Result<String> {
    let requirements = Fingerprint::new()
        .path(project, &format!("{FOLDER}/requirements-build.txt"))?
        .path(project, &format!("{FOLDER}/requirements.txt"))?;
    Ok(requirements.finish())
}
