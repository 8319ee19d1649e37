//! Recordings, run again.

use sessionkeeper::recording::{Replay, Step};

/// Runs a recording again, and tells how many steps it has; or the line at which that goes wrong, and how.
pub fn replay(lines: &[String]) -> Result<usize, String> {
    let (head, rest) = lines.split_first().ok_or("there is no line")?;
    let mut replay = Replay::begin(head).map_err(|fault| fault.to_string())?;
    let mut steps = 0;
    for (index, line) in rest.iter().enumerate() {
        match replay.step(line) {
            Ok(Step::Heard { .. }) => steps += 1,
            Ok(Step::Came(_) | Step::Full) => {}
            Err(fault) => return Err(format!("line {}: {fault}\n{line}", index + 2)),
        }
    }
    Ok(steps)
}
