//! The command line.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};

use crate::app::{App, StartError};
use crate::clock::SystemClock;
use crate::config::{Config, PasswordCost};
use crate::serve::serve;
use crate::span::{parse_lifetime, parse_signed};
use crate::store::AuditEntry;

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
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the sample page and its sessions (the default).
    Serve(ServeArgs),
    /// Print the audit trail; a server may be running on the same file.
    Audit(AuditArgs),
}

#[derive(Args)]
struct ServeArgs {
    /// The port on the loopback address; 0 picks a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The database file, created when absent.
    #[arg(long, value_name = "PATH", default_value = DEFAULT_DATABASE)]
    database: PathBuf,
    /// An access token's lifetime for every role, such as 10s or 15m.
    #[arg(long, value_name = "SPAN", value_parser = parse_lifetime)]
    access_lifetime: Option<i64>,
    /// A session's lifetime for every role, such as 10m or 12h.
    #[arg(long, value_name = "SPAN", value_parser = parse_lifetime)]
    session_lifetime: Option<i64>,
    /// Sets the server's clock wrong by this much, such as -2h or +5m.
    #[arg(
        long, value_name = "SPAN", value_parser = parse_signed,
        allow_hyphen_values = true, default_value = "0s"
    )]
    clock_offset: i64,
    /// Serve over TLS, with a self-signed certificate for localhost and 127.0.0.1.
    #[arg(long)]
    tls: bool,
    /// Take orders at /faults to misbehave, from anybody on this machine: to refuse, to be late,
    /// to garble answers and to lose them. For trying out clients; see docs/server.md.
    #[arg(long)]
    faults: bool,
    /// The folder of the sample page.
    #[arg(long, value_name = "DIR", default_value = "www")]
    pages: PathBuf,
    /// The folder of the npm package, served under /pkg/.
    #[arg(long, value_name = "DIR", default_value = "pkg")]
    package: PathBuf,
}

#[derive(Args)]
struct AuditArgs {
    /// The database file.
    #[arg(long, value_name = "PATH", default_value = DEFAULT_DATABASE)]
    database: PathBuf,
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
}

/// Does what the process's arguments ask for.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        None => run_serve(cli.serve),
        Some(Command::Serve(args)) => run_serve(args),
        Some(Command::Audit(args)) => run_audit(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_serve(args: ServeArgs) -> Result<(), StartError> {
    for (flag, folder) in [("--pages", &args.pages), ("--package", &args.package)] {
        if !folder.is_dir() {
            eprintln!(
                "warning: {flag} {}: there is no such folder",
                folder.display()
            );
        }
    }
    let clock = SystemClock {
        offset_seconds: args.clock_offset,
    };
    let config = Config {
        database: args.database,
        access_seconds: args.access_lifetime,
        session_seconds: args.session_lifetime,
        tls: args.tls,
        pages: args.pages,
        package: args.package,
        faults: args.faults,
        password_cost: PasswordCost::Recommended,
    };
    let app = App::open(config, Arc::new(clock))?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve(app, args.port))
}

fn run_audit(args: &AuditArgs) -> Result<(), StartError> {
    let entries = App::read_audit(&args.database)?;
    let mut out = std::io::stdout().lock();
    for entry in &entries {
        if args.json {
            writeln!(
                out,
                "{}",
                serde_json::to_string(entry).map_err(std::io::Error::from)?
            )?;
        } else {
            writeln!(out, "{}", line(entry))?;
        }
    }
    Ok(())
}

fn line(entry: &AuditEntry) -> String {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    format!(
        "{:>5}  {}  {:<16}  {:<22}  {:<10}  {}",
        entry.id,
        entry.at,
        entry.kind,
        or_dash(&entry.sid),
        or_dash(&entry.sub),
        entry.detail.as_deref().unwrap_or_default(),
    )
}
