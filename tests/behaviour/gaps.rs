//! What a session makes of clocks that are wrong, that are set, and that stand still in sleep.

mod ends;
mod rest;
mod skew;
mod table;

use sessionkeeper::*;

use crate::support::Driver;

const YEAR: Span = Span::from_hours(24 * 365);
const LATENCY: Span = Span::from_millis(100);
/// How long the server's time is waited for.
const PROBE_LIMIT: Span = Span::from_secs(5);

fn minus(span: Span) -> Span {
    Span::ZERO - span
}

// What befalls a device.

/// The device sleeps, and its monotonic clock runs on or stands still.
fn sleep(driver: &mut Driver, span: Span, runs: bool) {
    driver.now.wall += span;
    if runs {
        driver.now.monotonic += span;
    }
}

/// Somebody sets the wall clock; the server's time does not move.
fn set(driver: &mut Driver, by: Span) {
    driver.now.wall += by;
    driver.skew = driver.skew - by;
}

fn probed(driver: &mut Driver, sent: Now, date: bool) {
    let id = driver.probes.pop().expect("a question for the time");
    let secs = driver.server_time().as_millis().div_euclid(1000);
    let exchange = Exchange {
        sent,
        received: driver.now,
    };
    driver.input(Input::TimeProbed {
        id,
        exchange,
        date: date.then_some(ServerTime::from_millis(secs * 1000)),
    });
}

/// A session whose server's time is known, with a fresh token.
fn started(config: Config, lifetime: Span, session: Span) -> Driver {
    let mut driver = Driver::with(config);
    driver.skew = Span::from_millis(-3_300);
    driver.restore();
    driver.pass(LATENCY);
    let mut answer = driver.grant(lifetime);
    answer.session_expires_in = Some((session.as_millis() / 1000) as f64);
    let outcome = driver.success(answer);
    driver.settle(driver.last_attempt(), outcome);
    assert_eq!(driver.state(), SessionState::Active);
    driver.take_events();
    driver.attempts.clear();
    driver
}

fn jumps(events: &[Event]) -> Vec<(JumpKind, Span)> {
    let jump = |event: &Event| match *event {
        Event::ClockJump { by, kind } => Some((kind, by)),
        _ => None,
    };
    events.iter().filter_map(jump).collect()
}

/// What the server does when it is asked for the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Server {
    Tells,
    TellsNothing,
    Silent,
    /// The clocks move while it is asked, and it tells the time when it is asked again.
    AskedTwice,
}
