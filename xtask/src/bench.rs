//! Measuring: the package beside other libraries, and the load that a million sessions make.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::process::{self, command};
use crate::project::Project;
use crate::setup::{self, Need};
use crate::{browsers, package};

/// Measures in Chromium, and writes docs/benchmarks.md and its picture anew.
pub(crate) fn run(project: &Project, draw: bool) -> Result<()> {
    setup::provide(project, Need::PACKAGE)?;
    setup::provide(project, &[Need::Peers, Need::Chromium])?;
    package::build(project)?;
    let chromium = browsers::chromium(project).context("no Chromium")?;
    let mut node = command(project, "node");
    node.arg("benches/browser/run.mjs")
        .env("PACKAGE", project.pkg())
        .env("CHROMIUM", chromium);
    if draw {
        node.arg("--draw");
    }
    process::run(&mut node)
}

/// Has sessions live through a day, prints what their server has to bear, and draws it.
pub(crate) fn simulate(
    project: &Project,
    clients: u64,
    seed: u64,
    jitter: Option<f64>,
    picture: Option<PathBuf>,
) -> Result<()> {
    let picture = picture.unwrap_or_else(|| match (clients, seed, jitter) {
        (1_000_000, 1, None) => project.path("docs/load.svg"),
        _ => project.path("target/load.svg"),
    });
    let cargo = |action: &str| {
        let mut cargo = command(project, "cargo");
        cargo
            .args([action, "--quiet", "--locked", "--profile", "crowd"])
            .args(["--package", "crowd", "--bin", "simulate"]);
        cargo
    };
    process::run(&mut cargo("build"))?;
    let mut simulation = cargo("run");
    simulation
        .arg("--")
        .arg(&picture)
        .env("CLIENTS", clients.to_string())
        .env("SEED", seed.to_string());
    if let Some(jitter) = jitter {
        simulation.env("JITTER", jitter.to_string());
    }
    let started = Instant::now();
    process::run(&mut simulation)?;
    eprintln!(
        "drawn in {}: {}",
        process::shown_duration(started.elapsed()),
        picture.display()
    );
    Ok(())
}
