//! The command line.

mod audit;
mod database;
mod listing;
mod operator;
mod report;
mod report_text;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const DEFAULT_DATABASE: &str = "target/sample-server.sqlite3";

/// The sample page's backend, for this machine alone.
#[derive(Parser)]
#[command(
    name = "sample-server",
    version,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the sample page and its sessions (the default).
    Serve(serve::Serve),
    /// Print the audit trail; a server may be running on the same file.
    Audit(audit::Audit),
    /// Answer the operator's questions: renewals, token refusals, reuse alarms, sign-ins,
    /// lifetimes, what pages told, and the alerts.
    Report(report::ReportCommand),
    /// List the sessions that stand.
    Sessions(listing::Sessions),
    /// List the signing keys whose tokens are good.
    Keys(listing::Keys),
    /// End sessions; a server that runs on the same file refuses them within a second.
    End(operator::End),
    /// Let a new key sign access tokens; a server that runs on the same file uses it within a
    /// second.
    RotateKey(operator::RotateKey),
}

/// Does what the process's arguments ask for.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        None => cli.serve.run(),
        Some(Command::Serve(serve)) => serve.run(),
        Some(Command::Audit(audit)) => audit.run(),
        Some(Command::Report(report)) => report.run(),
        Some(Command::Sessions(sessions)) => sessions.run(),
        Some(Command::Keys(keys)) => keys.run(),
        Some(Command::End(end)) => end.run(),
        Some(Command::RotateKey(rotate)) => rotate.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
