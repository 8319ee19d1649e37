//! Events and snapshots as numbers, in the order of `js/names.js`.

use crate::clock::ClockEstimate;
use crate::error::SessionError;
use crate::event::Event;
use crate::state::Snapshot;
use crate::time::{Span, Timestamp};

/// Stands for what there is not.
pub(super) const ABSENT: f64 = f64::NAN;

#[inline(never)]
fn millis(instant: Timestamp) -> f64 {
    instant.as_millis() as f64
}

fn span(span: Span) -> f64 {
    span.as_millis() as f64
}

#[inline(never)]
pub(super) fn maybe_millis(instant: Option<Timestamp>) -> f64 {
    instant.map_or(ABSENT, millis)
}

pub(super) fn maybe_span(maybe: Option<Span>) -> f64 {
    maybe.map_or(ABSENT, span)
}

fn uncertainty(clock: ClockEstimate) -> f64 {
    match clock.uncertainty {
        Span::MAX => f64::INFINITY,
        known => span(known),
    }
}

pub(super) fn error(error: SessionError) -> f64 {
    f64::from(error as u8)
}

/// The number of an event and its details.
pub(super) fn event(event: &Event) -> (u32, [f64; 4]) {
    let one = |detail| [detail, ABSENT, ABSENT, ABSENT];
    let two = |one, two| [one, two, ABSENT, ABSENT];
    match *event {
        Event::Started { restored } => (0, one(f64::from(restored))),
        Event::Renewed {
            by,
            token_expires_at,
            attempts,
            took,
        } => {
            let (at, attempts) = (millis(token_expires_at), f64::from(attempts));
            (1, [f64::from(by as u8), at, attempts, span(took)])
        }
        Event::RenewalFailed {
            cause,
            attempt,
            retry_at,
        } => {
            let (cause, attempt) = (f64::from(cause as u8), f64::from(attempt));
            (2, [cause, attempt, maybe_millis(retry_at), ABSENT])
        }
        Event::Degraded { since } => (3, one(millis(since))),
        Event::Recovered { after } => (4, one(span(after))),
        Event::IdleWarning { ends_at, remaining } => (5, two(millis(ends_at), span(remaining))),
        Event::IdleExtended { by } => (6, one(f64::from(by as u8))),
        Event::SessionEnding { ends_at } => (7, one(millis(ends_at))),
        Event::Ended { reason, by } => (8, two(f64::from(reason as u8), f64::from(by as u8))),
        Event::ClockSkew(clock) => {
            let source = f64::from(clock.source as u8);
            (9, [span(clock.skew), uncertainty(clock), source, ABSENT])
        }
        Event::ClockJump { by, kind } => (10, two(span(by), f64::from(kind as u8))),
        Event::PolicyViolation { lifetime } => (11, one(span(lifetime))),
        Event::TokenRejected { reason } => (12, one(f64::from(reason as u8))),
        // They have no numbers.
        Event::Changed | Event::StepUpRequired { .. } => (u32::MAX, one(ABSENT)),
    }
}

/// The members of a snapshot.
pub(super) fn snapshot(shown: &Snapshot) -> [f64; 13] {
    [
        f64::from(shown.state as u8),
        shown
            .reason
            .map_or(ABSENT, |reason| f64::from(reason as u8)),
        maybe_millis(shown.token_expires_at),
        maybe_millis(shown.renews_at),
        f64::from(shown.renewing),
        f64::from(shown.failures),
        maybe_millis(shown.idle_ends_at),
        maybe_millis(shown.ends_at),
        span(shown.clock.skew),
        uncertainty(shown.clock),
        f64::from(shown.clock.source as u8),
        f64::from(shown.online),
        f64::from(shown.tabs),
    ]
}
