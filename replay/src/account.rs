//! Tells what happened, for a person to read.

use std::io::{self, Write};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;
use sessionkeeper::recording::Replay;
use sessionkeeper::{Input, Now, Session, SessionState, Span, Timestamp};

/// The last instant that has a date of four digits for its year, in milliseconds.
const LAST_DATE: i64 = 253_402_300_799_999;
/// The clocks may come apart by so much without a word.
const TOLERATED: Span = Span::from_millis(50);

/// Tells what happened, unless it is to be quiet.
pub(crate) struct Account<'a, W> {
    out: &'a mut W,
    quiet: bool,
    started: Option<Now>,
    /// By how much the wall clock is ahead of the other, since the start.
    ahead: Span,
    state: SessionState,
}

impl<'a, W: Write> Account<'a, W> {
    pub(crate) fn new(out: &'a mut W, quiet: bool) -> Account<'a, W> {
        Account {
            out,
            quiet,
            started: None,
            ahead: Span::ZERO,
            state: SessionState::SignedOut,
        }
    }

    pub(crate) fn begin(&mut self, replay: &Replay) -> io::Result<()> {
        let started = replay.started();
        self.started = Some(started);
        let (recorded, ours) = (replay.package(), env!("CARGO_PKG_VERSION"));
        self.line(format_args!(
            "recorded with version {recorded:?} on {}, run with {ours}",
            date(started.wall)
        ))
    }

    pub(crate) fn heard(&mut self, step: u64, now: Now, input: Option<&Input>) -> io::Result<()> {
        if self.quiet {
            return Ok(());
        }
        let started = self.started.unwrap_or(now);
        let passed = now.monotonic - started.monotonic;
        let ahead = (now.wall - started.wall) - passed;
        let moved = ahead - self.ahead;
        if moved > TOLERATED || moved < Span::ZERO - TOLERATED {
            self.ahead = ahead;
            self.line(format_args!(
                "{:>16}   the wall clock is {} s ahead of the start, {}",
                "",
                seconds(ahead),
                date(now.wall)
            ))?;
        }
        let input = match input.map(serde_json::to_value) {
            Some(Ok(input)) => shown(&input),
            Some(Err(_)) | None => "time passed".to_owned(),
        };
        self.line(format_args!("{step:>5} {:>10} s {input}", seconds(passed)))
    }

    pub(crate) fn came(&mut self, effects: &[Value], session: &Session) -> io::Result<()> {
        for effect in effects {
            self.line(format_args!("{:>20} {}", "→", shown(effect)))?;
        }
        if self.state != session.state() {
            self.state = session.state();
            self.line(format_args!("{:>20} {}", "=", self.state.name()))?;
        }
        Ok(())
    }

    fn line(&mut self, text: core::fmt::Arguments<'_>) -> io::Result<()> {
        match self.quiet {
            true => Ok(()),
            false => writeln!(self.out, "{text}"),
        }
    }
}

/// What is written as `{"name":…}`, for a person.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(members) if members.len() == 1 => {
            let one = members
                .iter()
                .map(|(name, value)| format!("{name} {}", plain(value)));
            one.collect()
        }
        _ => plain(value),
    }
}

/// As JSON, without quotes and without what is absent.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(plain).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            let members = members.map(|(name, value)| format!("{name}: {}", plain(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn seconds(span: Span) -> String {
    format!("{:.3}", span.as_millis() as f64 / 1000.0)
}

fn date(instant: Timestamp) -> String {
    let millis = instant.as_millis();
    match u64::try_from(millis) {
        Ok(since) if millis <= LAST_DATE => {
            httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(since))
        }
        _ => format!("{millis} ms since 1970"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sessionkeeper::Timestamp;

    use super::{date, shown};

    #[test]
    fn inputs_and_effects_are_shown_without_what_is_absent() {
        assert_eq!(shown(&json!("draw-key")), "draw-key");
        assert_eq!(shown(&json!({ "emit": "changed" })), "emit changed");
        let stand = json!({ "stand": { "failures": 0, "until": null, "open": [null, 1] } });
        assert_eq!(shown(&stand), "stand {failures: 0, open: [null, 1]}");
    }

    #[test]
    fn no_instant_is_too_far_to_be_told() {
        for millis in [i64::MIN, -1, super::LAST_DATE + 1, i64::MAX] {
            assert!(date(Timestamp::from_millis(millis)).contains("ms since"));
        }
        let last = date(Timestamp::from_millis(super::LAST_DATE));
        assert_eq!(last, "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
