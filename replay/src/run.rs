//! Runs one recording to its end.

use std::io::{self, Write};

use sessionkeeper::recording::{Fault, Replay, Step};

use crate::account::Account;

/// A recording that was run.
pub(crate) struct Run {
    pub(crate) steps: u64,
    pub(crate) effects: u64,
    pub(crate) end: End,
}

/// How it ended.
pub(crate) enum End {
    Whole,
    /// As it was asked for.
    Stopped,
    /// The recording does not go on, for this reason.
    Unfinished(&'static str),
    /// Something else came of a step; says what.
    Differs(String),
    NoRecording(String),
}

/// Runs a recording, and stops after this step.
pub(crate) fn run(
    lines: &[String],
    until: Option<u64>,
    account: &mut Account<'_, impl Write>,
) -> io::Result<Run> {
    let (mut steps, mut effects) = (0, 0);
    let end = play(lines, until, account, &mut steps, &mut effects)?;
    Ok(Run {
        steps,
        effects,
        end,
    })
}

fn play(
    lines: &[String],
    until: Option<u64>,
    account: &mut Account<'_, impl Write>,
    steps: &mut u64,
    effects: &mut u64,
) -> io::Result<End> {
    let mut lines = lines.iter().zip(1_u64..).peekable();
    let Some((head, _)) = lines.next() else {
        return Ok(End::NoRecording("it is empty".to_owned()));
    };
    let mut replay = match Replay::begin(head) {
        Ok(replay) => replay,
        Err(fault) => return Ok(End::NoRecording(fault.to_string())),
    };
    account.begin(&replay)?;
    let mut open = false;
    while let Some((line, number)) = lines.next() {
        match replay.step(line) {
            Ok(Step::Heard { now, input }) => {
                *steps += 1;
                open = true;
                account.heard(*steps, now, input.as_deref())?;
            }
            Ok(Step::Came(came)) => {
                *effects += came.len() as u64;
                open = false;
                account.came(&came, replay.session())?;
                if until.is_some_and(|until| *steps >= until) {
                    return Ok(End::Stopped);
                }
            }
            Ok(Step::Full) => return Ok(End::Unfinished("there was no room for the rest")),
            Err(Fault::CutOff) if lines.peek().is_none() => {
                return Ok(End::Unfinished("its last line is cut off"));
            }
            Err(fault @ Fault::Differs { .. }) => {
                let (recorded, ours) = (replay.package(), env!("CARGO_PKG_VERSION"));
                let another = match recorded == ours {
                    true => String::new(),
                    false => format!("\n  recorded with version {recorded:?}, run with {ours}"),
                };
                return Ok(End::Differs(format!("{fault}{another}")));
            }
            Err(fault) => return Ok(End::NoRecording(format!("line {number}: {fault}"))),
        }
    }
    Ok(match open {
        true => End::Unfinished("what came of its last input is not in it"),
        false => End::Whole,
    })
}
