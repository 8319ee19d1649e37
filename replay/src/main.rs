//! Runs recordings of sessions again, and tells what happened in them: `cargo xtask replay FILE`.
//!
//! Ends with 0 where everything came of them that did when they were recorded, with 1 where something else
//! did, and with 2 where a file is no recording.

mod account;
mod run;
mod source;

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

use account::Account;
use run::{End, Run};

#[derive(Parser)]
#[command(
    name = "cargo xtask replay",
    about = "Run recordings of sessions again"
)]
struct Cli {
    /// Recordings as lines of JSON, exports of the inspector, or folders of recordings (*.jsonl)
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Tells the verdict alone
    #[arg(long, short)]
    quiet: bool,
    /// Stops after this step
    #[arg(long, value_name = "STEP")]
    until: Option<u64>,
}

/// How all went, from the best to the worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Same = 0,
    Differs = 1,
    NoRecording = 2,
}

/// What was run in all.
#[derive(Default)]
struct Total {
    recordings: u64,
    steps: u64,
    effects: u64,
    /// Those which end in the middle of a step, or were full.
    unfinished: u64,
    failed: u64,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    match replay_all(&cli, &mut out).and_then(|verdict| out.flush().map(|()| verdict)) {
        Ok(verdict) => ExitCode::from(verdict as u8),
        // Whoever read has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(Verdict::NoRecording as u8)
        }
    }
}

fn replay_all(cli: &Cli, out: &mut impl Write) -> io::Result<Verdict> {
    let started = Instant::now();
    let mut total = Total::default();
    let mut worst = Verdict::Same;
    let files = source::files(&cli.files)?;
    for file in &files {
        worst = worst.max(replay(cli, file, files.len() > 1, &mut total, out)?);
    }
    if files.len() > 1 {
        tell_total(&total, started.elapsed(), out)?;
    }
    Ok(worst)
}

fn replay(
    cli: &Cli,
    file: &Path,
    among_others: bool,
    total: &mut Total,
    out: &mut impl Write,
) -> io::Result<Verdict> {
    total.recordings += 1;
    let lines = match source::lines(file) {
        Ok(lines) => lines,
        Err(error) => {
            total.failed += 1;
            writeln!(out, "{}: {error:#}", file.display())?;
            return Ok(Verdict::NoRecording);
        }
    };
    if among_others && !cli.quiet {
        writeln!(out, "{}:", file.display())?;
    }
    let mut account = Account::new(out, cli.quiet);
    let Run {
        steps,
        effects,
        end,
    } = run::run(&lines, cli.until, &mut account)?;
    total.steps += steps;
    total.effects += effects;
    let (verdict, text) = match end {
        End::Whole => (Verdict::Same, "the same as recorded".to_owned()),
        End::Stopped => (Verdict::Same, "the same as recorded, up to here".to_owned()),
        End::Unfinished(why) => {
            total.unfinished += 1;
            (
                Verdict::Same,
                format!("the same as recorded, up to its end: {why}"),
            )
        }
        End::Differs(what) => (
            Verdict::Differs,
            format!("NOT the same, in step {steps}: {what}"),
        ),
        End::NoRecording(why) => (Verdict::NoRecording, why),
    };
    if verdict != Verdict::Same {
        total.failed += 1;
    }
    // Of many, only those are of interest that went wrong.
    if verdict != Verdict::Same || !among_others {
        writeln!(
            out,
            "{}: {text} ({steps} steps, {effects} effects)",
            file.display()
        )?;
    }
    Ok(verdict)
}

fn tell_total(total: &Total, took: Duration, out: &mut impl Write) -> io::Result<()> {
    let Total {
        recordings,
        steps,
        effects,
        unfinished,
        failed,
    } = total;
    writeln!(
        out,
        "{recordings} recordings with {steps} steps and {effects} effects in {:.1} s: {failed} failed, {unfinished} end in the middle",
        took.as_secs_f64()
    )
}
