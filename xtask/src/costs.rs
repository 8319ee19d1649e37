//! What a session costs while it runs, as far as it can be counted, and the limits of that.

use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::process::{command, find_program, output, run};
use crate::project::Project;
use crate::setup::{self, Need};
use crate::stages::Outcome;
use crate::{browsers, package};

pub(crate) const NEEDS: &[Need] = &[
    Need::WasmTarget,
    Need::WasmBindgen,
    Need::WasmPack,
    Need::NpmPackages,
    Need::Chromium,
    Need::Valgrind,
];

/// costs.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    day: Day,
    wakeups: WakeUps,
    activity: Timers,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Day {
    instructions: u64,
    tolerance_percent: u64,
}

/// In an hour.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WakeUps {
    visible: f64,
    hidden: f64,
}

/// In an hour.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timers {
    set: f64,
    put_off: f64,
}

/// Prints what is counted, and fails where it passes its limit.
pub(crate) fn check(project: &Project) -> Result<Outcome> {
    setup::provide(project, NEEDS)?;
    let limits: Limits =
        toml::from_str(&fs::read_to_string(project.path("costs.toml"))?).context("costs.toml")?;
    let mut exceeded = Vec::new();
    let mut compare = |name: &str, measured: f64, limit: f64| {
        println!("{name:<52} {:>12} {limit:>12}", rounded(measured));
        if measured > limit {
            exceeded.push(format!(
                "{name}: {}, and the limit is {limit}",
                rounded(measured)
            ));
        }
    };
    println!("{:<52} {:>12} {:>12}", "count", "", "limit");

    let outcome = if COUNTS_HERE {
        let Day {
            instructions,
            tolerance_percent,
        } = limits.day;
        let counted = count_instructions(project)?;
        let tolerance = instructions * tolerance_percent / 100;
        compare(
            "instructions of a session's day",
            counted as f64,
            (instructions + tolerance) as f64,
        );
        if counted + tolerance < instructions {
            println!("  fewer than costs.toml says: lower its limit to {counted}");
        }
        Outcome::Passed
    } else {
        Outcome::PassedWithout("the instructions, which are counted on Linux on x86-64")
    };

    package::build(project)?;
    let [visible, hidden, set, put_off] = count_wakeups(project)?;
    compare(
        "wake-ups in an hour, visible",
        visible,
        limits.wakeups.visible,
    );
    compare("wake-ups in an hour, hidden", hidden, limits.wakeups.hidden);
    compare(
        "timers set in an hour of activity",
        set,
        limits.activity.set,
    );
    compare(
        "timers put off in an hour of activity",
        put_off,
        limits.activity.put_off,
    );
    if !exceeded.is_empty() {
        bail!(
            "not within the limits of costs.toml:\n  {}",
            exceeded.join("\n  ")
        );
    }
    Ok(outcome)
}

/// In hundredths: some figures are the means of a day's hours.
fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

/// Where the limit holds: other processors have other instructions.
const COUNTS_HERE: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

/// Whether valgrind is there, where it is of use.
pub(crate) fn valgrind_is_present(project: &Project) -> bool {
    !COUNTS_HERE || find_program(project, &["valgrind"]).is_some()
}

/// The instructions of what `live` does in tests/crowd/src/bin/one_day.rs, without the start of the process.
fn count_instructions(project: &Project) -> Result<u64> {
    run(command(project, "cargo").args([
        "build",
        "--quiet",
        "--locked",
        "--release",
        "--package",
        "crowd",
    ]))?;
    let counts = project.path("target/one_day.callgrind");
    output(
        command(project, "valgrind")
            .args(["--tool=callgrind", "--toggle-collect=one_day::live"])
            .arg(format!("--callgrind-out-file={}", counts.display()))
            .arg(project.cargo_target().join("release/one_day")),
    )?;
    let text = fs::read_to_string(&counts)?;
    total(&text).context("callgrind has counted nothing")
}

/// The sum that callgrind writes.
fn total(counts: &str) -> Option<u64> {
    let line = counts
        .lines()
        .find_map(|line| line.strip_prefix("summary: "))?;
    line.trim().parse().ok().filter(|total| *total > 0)
}

/// The package's own figures on a virtual clock, in Chromium.
fn count_wakeups(project: &Project) -> Result<[f64; 4]> {
    let chromium = browsers::chromium(project).context("no Chromium")?;
    let printed = output(
        command(project, "node")
            .arg("benches/browser/measures/quiet.mjs")
            .env("PACKAGE", project.pkg())
            .env("CHROMIUM", chromium),
    )?;
    let figures: Vec<f64> = printed
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    figures
        .try_into()
        .ok()
        .with_context(|| format!("four figures were asked for: {printed}"))
}

#[cfg(test)]
mod tests {
    use super::{Limits, total};

    #[test]
    fn the_sum_of_callgrind_is_read() {
        assert_eq!(total("events: Ir\nsummary: 1234\n"), Some(1234));
        assert_eq!(total("events: Ir\nsummary: 0\n"), None);
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn a_misspelt_limit_is_refused() {
        let limits = include_str!("../../costs.toml");
        assert!(toml::from_str::<Limits>(limits).is_ok());
        assert!(toml::from_str::<Limits>(&limits.replace("visible", "shown")).is_err());
    }
}
