//! What a session makes of sleep, and of clocks that somebody sets.

use sessionkeeper::*;

use crate::support::Driver;

const HOUR: Span = Span::from_hours(1);
const EIGHT_HOURS: Span = Span::from_hours(8);

/// The device sleeps, and its monotonic clock stands.
fn sleep(driver: &mut Driver, span: Span) {
    driver.now.wall += span;
    driver.pass(Span::from_secs(60));
}

/// A session that has learnt the server's time, and then slept.
fn asleep() -> Driver {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    driver.succeed(HOUR);
    driver.pass(Span::from_mins(5));
    driver.events.clear();
    driver.now.wall += EIGHT_HOURS;
    driver
}

fn answer_probe(driver: &mut Driver, told: bool) {
    let id = driver.probes.pop().expect("a question");
    let sent = driver.now;
    driver.shift(Span::from_millis(100));
    let secs = driver.server_time().as_millis().div_euclid(1000);
    let date = told.then_some(ServerTime::from_millis(secs * 1000));
    let exchange = Exchange {
        sent,
        received: driver.now,
    };
    driver.input(Input::TimeProbed { id, exchange, date });
}

fn jumps(driver: &mut Driver) -> Vec<JumpKind> {
    let jump = |event| match event {
        Event::ClockJump { kind, .. } => Some(kind),
        _ => None,
    };
    driver.take_events().into_iter().filter_map(jump).collect()
}

#[test]
fn whoever_calls_after_a_sleep_waits_for_the_server_and_then_for_the_renewal() {
    let mut driver = asleep();
    let ticket = driver.need_token(None);
    assert_eq!(driver.settlement(ticket), None);
    assert_eq!(driver.session.usable_token(), None);
    assert!(driver.attempts.len() == 1, "nothing is done in doubt");
    answer_probe(&mut driver, true);
    assert_eq!(jumps(&mut driver), [JumpKind::Sleep]);
    assert_eq!(driver.settlement(ticket), None, "the wait has just begun");
    assert_eq!(driver.attempts.len(), 2);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
}

#[test]
fn a_renewal_sent_in_doubt_is_neither_late_nor_lapsed_once_the_sleep_is_known() {
    for opaque in [false, true] {
        let mut driver = asleep();
        let ticket = driver.renew();
        answer_probe(&mut driver, true);
        assert!(jumps(&mut driver) == [JumpKind::Sleep]);
        assert_eq!(driver.settlement(ticket), None);
        let mut answer = driver.grant(HOUR);
        if opaque {
            answer.token = Some(crate::support::read("opaque"));
        }
        let outcome = driver.success(answer);
        driver.settle(driver.last_attempt(), outcome);
        assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
        assert!(driver.session.usable_token().is_some());

        // The answer itself tells of the sleep.
        let mut driver = asleep();
        let ticket = driver.renew();
        driver.shift(Span::from_millis(100));
        let mut answer = driver.grant(HOUR);
        if opaque {
            answer.token = Some(crate::support::read("opaque"));
        }
        let outcome = driver.success(answer);
        driver.settle(driver.last_attempt(), outcome);
        assert_eq!(
            driver.settlement(ticket),
            Some(Settlement::Done),
            "{opaque}"
        );
        assert!(driver.session.usable_token().is_some());
    }
}

#[test]
fn what_an_answer_in_doubt_says_is_counted_from_its_coming() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    driver.succeed(HOUR);
    driver.renew();
    // The device sleeps while the answer is on its way, which tells nothing of the time then.
    driver.now.wall += EIGHT_HOURS;
    driver.timeout();
    let mut answer = driver.grant(HOUR);
    answer.session_expires_in = Some(7200.0);
    let outcome = driver.success(answer);
    driver.settle(driver.last_attempt(), outcome);
    driver.events.clear();
    answer_probe(&mut driver, true);
    assert_eq!(jumps(&mut driver), [JumpKind::Sleep]);
    assert_eq!(driver.state(), SessionState::Active);
    let ends = driver.session.snapshot().ends_at.expect("an end") - driver.now.wall;
    assert!(ends > Span::from_secs(7190), "{ends:?}");
}

#[test]
fn a_clock_that_was_set_forward_changes_nothing() {
    let mut driver = asleep();
    driver.skew = Span::ZERO - EIGHT_HOURS;
    let before = driver.session.held_token().cloned();
    let ticket = driver.need_token(None);
    answer_probe(&mut driver, true);
    assert_eq!(jumps(&mut driver), [JumpKind::SetForward]);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
    assert_eq!(driver.session.usable_token().cloned(), before);
    assert_eq!(driver.attempts.len(), 1);
}

#[test]
fn a_clock_that_was_set_back_changes_nothing() {
    let mut driver = asleep();
    driver.now.wall = driver.now.wall - EIGHT_HOURS - EIGHT_HOURS;
    driver.timeout();
    assert_eq!(jumps(&mut driver), [JumpKind::SetBack]);
    let ticket = driver.need_token(None);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
    assert!(driver.probes.is_empty());
}

#[test]
fn where_the_server_cannot_be_asked_time_is_taken_as_passed() {
    for answered in [true, false] {
        let mut driver = asleep();
        let ticket = driver.need_token(None);
        match answered {
            true => answer_probe(&mut driver, false),
            false => driver.pass(Span::from_secs(5)),
        }
        assert_eq!(jumps(&mut driver), [JumpKind::Unknown]);
        assert_eq!(driver.attempts.len(), 2);
        driver.succeed(HOUR);
        assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
    }
}

#[test]
fn a_sleep_reports_no_skew() {
    let mut driver = asleep();
    driver.timeout();
    driver.pass(Span::from_secs(5));
    answer_probe(&mut driver, false);
    let skewed = |event: &Event| matches!(event, Event::ClockSkew(_));
    assert!(!driver.take_events().iter().any(skewed));
}

#[test]
fn a_clock_that_is_off_is_reported_once() {
    let mut driver = Driver::new();
    driver.skew = Span::from_mins(-2);
    driver.restore();
    driver.succeed(HOUR);
    driver.renew();
    driver.succeed(HOUR);
    let skewed = |event: &&Event| matches!(event, Event::ClockSkew(_));
    assert_eq!(driver.take_events().iter().filter(skewed).count(), 1);
}

#[test]
fn a_sleep_of_a_degraded_session_is_followed_by_an_attempt() {
    let mut driver = Driver::signed_in(Config::default(), Span::from_mins(2));
    driver.pass_until_attempt();
    driver.fail(503);
    sleep(&mut driver, Span::from_hours(60));
    answer_probe(&mut driver, true);
    driver.pass(Span::ZERO);
    assert_ne!(driver.state(), SessionState::SignedOut);
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn a_hidden_page_that_defers_renews_when_it_is_shown_or_asked() {
    let mut config = Config::default();
    config.renewal.hidden = Hidden::Defer;
    for asked in [false, true] {
        let mut driver = Driver::signed_in(config.clone(), HOUR);
        driver.input(Input::Visibility { visible: false });
        driver.pass(HOUR + HOUR);
        assert!(driver.attempts.is_empty());
        match asked {
            true => {
                driver.need_token(None);
            }
            false => driver.input(Input::Visibility { visible: true }),
        }
        assert_eq!(driver.attempts.len(), 1);
    }
}
