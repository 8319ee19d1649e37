//! The commands of this repository: `cargo xtask` with demo, test, replay, build, sizes, costs, bench, simulate,
//! interface or setup.

mod bench;
mod browsers;
mod costs;
mod demo;
mod demo_check;
mod fingerprint;
mod package;
mod process;
mod project;
mod python;
mod replay;
mod setup;
mod sizes;
mod stages;
mod test;
mod tools;
mod types;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::project::Project;
use crate::setup::Need;
use crate::test::TestOptions;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Set up, build, try, test, weigh and measure sessionkeeper"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what is missing, and nothing else; the other commands do so themselves
    Setup,
    /// Makes the npm package in pkg/
    Build,
    /// Weighs the package and holds it to the limits of sizes.toml
    Sizes,
    /// Counts instructions, wake-ups and timers, and holds them to the limits of costs.toml
    Costs,
    /// Measures the package beside other libraries in Chromium, and writes docs/benchmarks.md anew
    Bench {
        /// Draws the figures of the last run once more
        #[arg(long)]
        draw: bool,
    },
    /// Has a million sessions live through a day, and draws the load of their server
    Simulate {
        /// So many clients
        #[arg(long, default_value_t = 1_000_000)]
        clients: u64,
        /// What chance begins with
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// `renewal.jitter` of the sessions, where it is not the default
        #[arg(long)]
        jitter: Option<f64>,
        /// Where the picture goes; docs/load.svg for what is usual
        #[arg(long)]
        picture: Option<PathBuf>,
    },
    /// Writes the report of the package's public interface anew
    Interface,
    /// Runs the sample page with its server
    Demo {
        /// Flags for the server
        #[arg(last = true)]
        server_flags: Vec<String>,
    },
    /// Runs every check, stage by stage
    Test(TestOptions),
    /// Runs recordings of sessions again
    #[command(disable_help_flag = true)]
    Replay {
        /// Files, and how: `--help` says more
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let project = Project::locate()?;
    match command {
        Command::Setup => setup::provide(&project, Need::ALL),
        Command::Build => {
            package::build(&project)?;
            sizes::print(&project)
        }
        Command::Sizes => {
            package::build(&project)?;
            sizes::check(&project)
        }
        Command::Costs => costs::check(&project).map(drop),
        Command::Bench { draw } => bench::run(&project, draw),
        Command::Simulate {
            clients,
            seed,
            jitter,
            picture,
        } => bench::simulate(&project, clients, seed, jitter, picture),
        Command::Interface => {
            package::build(&project)?;
            types::report(&project)
        }
        Command::Demo { server_flags } => demo::run(&project, &server_flags),
        Command::Test(options) => test::run(&project, &options),
        Command::Replay { arguments } => replay::replay(&project, &arguments),
    }
}
