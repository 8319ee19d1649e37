//! Every check, stage by stage.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::process::shown_duration;
use crate::project::Project;
use crate::setup;
use crate::stages::{Outcome, Stage};

#[derive(Args)]
pub(crate) struct TestOptions {
    /// Runs these stages alone
    #[arg(long, num_args = 1.., value_name = "STAGE")]
    only: Vec<Stage>,
    /// Leaves these stages out
    #[arg(long, num_args = 1.., value_name = "STAGE")]
    skip: Vec<Stage>,
    /// Goes on after a stage that failed
    #[arg(long)]
    keep_going: bool,
    /// Lists the stages and runs none
    #[arg(long)]
    list: bool,
}

/// A stage that ran.
struct Report {
    stage: Stage,
    outcome: Result<Outcome>,
    took: Duration,
}

pub(crate) fn run(project: &Project, options: &TestOptions) -> Result<()> {
    if options.list {
        for stage in Stage::value_variants() {
            println!("{:<14} {}", stage.name(), stage.about());
        }
        return Ok(());
    }
    let stages: Vec<Stage> = Stage::value_variants()
        .iter()
        .copied()
        .filter(|stage| options.only.is_empty() || options.only.contains(stage))
        .filter(|stage| !options.skip.contains(stage))
        .collect();

    let started = Instant::now();
    let needs: Vec<_> = stages
        .iter()
        .flat_map(|stage| stage.needs())
        .copied()
        .collect();
    setup::provide(project, &needs)?;
    let set_up_in = started.elapsed();

    let mut reports = Vec::new();
    for stage in &stages {
        eprintln!("\n=== {} ===", stage.name());
        let stage_started = Instant::now();
        let outcome = stage.run(project);
        let took = stage_started.elapsed();
        match &outcome {
            Ok(Outcome::Passed) => {
                eprintln!("=== {} passed in {}", stage.name(), shown_duration(took))
            }
            Ok(Outcome::PassedWithout(part)) => {
                eprintln!(
                    "=== {} passed in {}, without {part}",
                    stage.name(),
                    shown_duration(took)
                );
            }
            Err(error) => eprintln!(
                "=== {} FAILED after {}: {error:#}",
                stage.name(),
                shown_duration(took)
            ),
        }
        let failed = outcome.is_err();
        reports.push(Report {
            stage: *stage,
            outcome,
            took,
        });
        if failed && !options.keep_going {
            break;
        }
    }
    summarize(&stages, &reports, set_up_in, started.elapsed())
}

fn summarize(
    stages: &[Stage],
    reports: &[Report],
    set_up_in: Duration,
    took: Duration,
) -> Result<()> {
    eprintln!("\n{:<14} {:>9}", "set-up", shown_duration(set_up_in));
    for stage in stages {
        match reports.iter().find(|report| report.stage == *stage) {
            Some(report) => {
                let verdict = match &report.outcome {
                    Ok(Outcome::Passed) => "passed".to_owned(),
                    Ok(Outcome::PassedWithout(part)) => format!("passed, without {part}"),
                    Err(_) => "FAILED".to_owned(),
                };
                eprintln!(
                    "{:<14} {:>9}  {verdict}",
                    stage.name(),
                    shown_duration(report.took)
                );
            }
            None => eprintln!("{:<14} {:>9}  not run", stage.name(), ""),
        }
    }
    eprintln!("{:<14} {:>9}", "all", shown_duration(took));
    let failed: Vec<String> = reports
        .iter()
        .filter(|report| report.outcome.is_err())
        .map(|report| report.stage.name())
        .collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
