//! What passing failures do, and what they do not.

use sessionkeeper::retry_after::RetryAfter;
use sessionkeeper::*;

use crate::support::Driver;

const HOUR: Span = Span::from_hours(1);

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

fn causes(driver: &mut Driver) -> Vec<RenewalFailure> {
    let failed = |event| match event {
        Event::RenewalFailed { cause, .. } => Some(cause),
        _ => None,
    };
    driver
        .take_events()
        .into_iter()
        .filter_map(failed)
        .collect()
}

/// Fails every attempt for so long.
fn fail_for(driver: &mut Driver, span: Span, status: u16) {
    let end = driver.now.monotonic + span;
    while driver.now.monotonic < end {
        if driver.session.snapshot().renewing {
            driver.fail(status);
        }
        let Some(deadline) = driver.session.poll_timeout() else {
            return;
        };
        let step = deadline.at.min(end) - driver.now.monotonic;
        driver.pass(step.max(Span::ZERO));
    }
}

#[test]
fn failing_renewals_disturb_nobody_while_the_token_lives() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.pass_until_attempt();
    fail_for(&mut driver, secs(240), 503);
    assert_eq!(driver.state(), SessionState::Active);
    let events = driver.take_events();
    assert!(events.len() > 5);
    for event in events {
        let cause = RenewalFailure::ServerError;
        assert!(
            matches!(event, Event::RenewalFailed { cause: told, retry_at: Some(_), .. } if told == cause)
        );
    }
    let ticket = driver.need_token(None);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
}

#[test]
fn a_lapse_while_renewals_fail_is_degraded_and_a_success_recovers() {
    let mut driver = Driver::signed_in(Config::default(), secs(120));
    let expiry = driver.session.snapshot().token_expires_at.unwrap();
    driver.pass_until_attempt();
    fail_for(&mut driver, secs(90), 500);
    assert_eq!(driver.state(), SessionState::Degraded);
    let degraded: Vec<Event> = driver
        .take_events()
        .into_iter()
        .filter(|event| !matches!(event, Event::RenewalFailed { .. }))
        .collect();
    assert_eq!(degraded, [Event::Degraded { since: expiry }]);
    if !driver.session.snapshot().renewing {
        driver.pass_until_attempt();
    }
    driver.events.clear();
    let after = driver.now.wall - expiry;
    driver.succeed(HOUR);
    let [Event::Renewed { .. }, Event::Recovered { after: told }] = driver.take_events()[..] else {
        panic!("other events");
    };
    assert_eq!(told, after);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn a_lapse_without_a_failure_is_no_trouble() {
    let mut driver = Driver::signed_in(Config::default(), secs(60));
    driver.shift(secs(90));
    driver.timeout();
    driver.pass(secs(2));
    assert_eq!(driver.state(), SessionState::Active);
    driver.succeed(secs(60));
    assert!(matches!(driver.take_events()[..], [Event::Renewed { .. }]));
}

#[test]
fn a_session_that_stays_degraded_is_given_up() {
    let mut driver = Driver::signed_in(Config::default(), secs(60));
    let day = Span::from_hours(24);
    fail_for(&mut driver, day, 503);
    assert_eq!(driver.state(), SessionState::Degraded);
    fail_for(&mut driver, secs(180), 503);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert_eq!(
        driver.session.snapshot().reason,
        Some(EndReason::Unreachable)
    );
    let ended = Event::Ended {
        reason: EndReason::Unreachable,
        by: By::ThisTab,
    };
    assert_eq!(driver.take_events().last(), Some(&ended));
}

#[test]
fn the_first_failure_after_a_long_sleep_gives_nothing_up() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.freeze(Span::from_hours(60));
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    driver.pass(Span::ZERO);
    assert_eq!(driver.state(), SessionState::Degraded);
    driver.pass_until_attempt();
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn a_degraded_session_that_slept_is_attempted_once_more_before_it_is_given_up() {
    let asleep = || {
        let mut driver = Driver::signed_in(Config::default(), secs(60));
        fail_for(&mut driver, secs(70), 503);
        if driver.session.snapshot().renewing {
            driver.fail(503);
        }
        assert_eq!(driver.state(), SessionState::Degraded);
        driver.freeze(Span::from_hours(60));
        assert!(driver.session.snapshot().renewing);
        driver
    };
    let mut driver = asleep();
    driver.pass(secs(1));
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);

    let mut driver = asleep();
    driver.fail(503);
    fail_for(&mut driver, secs(120), 503);
    assert_eq!(
        driver.session.snapshot().reason,
        Some(EndReason::Unreachable)
    );
}

#[test]
fn both_forms_of_retry_after_are_a_floor() {
    for status in [429, 503] {
        for date in [false, true] {
            // The device's clock is wrong by years, and it does not matter.
            let mut driver = Driver::new();
            driver.skew = Span::from_hours(-24 * 1000);
            let answer = driver.grant(HOUR);
            driver.begin(answer);
            driver.renew();
            let wait = secs(120);
            let floor = match date {
                true => RetryAfter::Date(driver.server_time() + wait),
                false => RetryAfter::Delay(wait),
            };
            let outcome = driver.retry_after(status, floor);
            driver.events.clear();
            driver.settle(driver.last_attempt(), outcome);
            let expected = match status {
                429 => RenewalFailure::RateLimited,
                _ => RenewalFailure::ServerError,
            };
            assert_eq!(causes(&mut driver), [expected]);
            let waited = driver.pass_until_attempt();
            assert!(wait <= waited && waited <= wait + secs(2), "{waited:?}");
        }
    }
}

#[test]
fn an_earlier_floor_still_holds_after_a_failure_without_one() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    let slow = driver.last_attempt();
    driver.pass(secs(10));
    driver.pass_until_attempt();
    let outcome = driver.retry_after(429, RetryAfter::Delay(secs(100)));
    driver.settle(driver.last_attempt(), outcome);
    driver.settle(slow, Outcome::Unreachable);
    driver.connectivity(false);
    driver.connectivity(true);
    let waited = driver.pass_until_attempt();
    assert_eq!(waited, secs(100));
}

#[test]
fn a_server_that_asks_for_more_than_an_hour_is_asked_after_one() {
    let mut driver = Driver::signed_in(Config::default(), HOUR + HOUR);
    driver.renew();
    let outcome = driver.retry_after(429, RetryAfter::Delay(Span::MAX));
    driver.settle(driver.last_attempt(), outcome);
    assert_eq!(driver.pass_until_attempt(), HOUR);
}

#[test]
fn every_passing_failure_has_its_cause() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    for (status, expected) in [
        (200, RenewalFailure::MalformedAnswer),
        (204, RenewalFailure::MalformedAnswer),
        (304, RenewalFailure::ServerError),
        (404, RenewalFailure::ServerError),
        (408, RenewalFailure::ServerError),
        (429, RenewalFailure::RateLimited),
        (500, RenewalFailure::ServerError),
        (599, RenewalFailure::ServerError),
    ] {
        driver.fail(status);
        assert_eq!(causes(&mut driver), [expected], "{status}");
        driver.pass_until_attempt();
    }
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    assert_eq!(causes(&mut driver), [RenewalFailure::Network]);
    driver.pass_until_attempt();
    driver.pass(secs(10));
    assert_eq!(causes(&mut driver), [RenewalFailure::Timeout]);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn backing_off_stays_under_the_cap_and_within_ten_failures_a_minute() {
    for seed in 0..20 {
        let mut config = Config::default();
        config.retry.backoff.base = Span::from_millis(1);
        let mut driver = Driver::seeded(config, seed);
        let answer = driver.grant(secs(60));
        driver.begin(answer);
        fail_for(&mut driver, HOUR, 503);
        let sent: Vec<Monotonic> = driver.attempts.iter().map(|a| a.sent.monotonic).collect();
        for pair in sent.windows(2) {
            assert!(pair[1] - pair[0] <= secs(60));
        }
        for window in sent.windows(11) {
            assert!(window[10] - window[0] >= secs(60), "seed {seed}");
        }
        assert!(sent.len() > 120, "seed {seed}: {}", sent.len());
    }
}

#[test]
fn an_application_that_renews_in_a_loop_does_not_flood_the_server() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    for _ in 0..5000 {
        driver.renew();
        if driver.session.snapshot().renewing {
            driver.fail(503);
        }
        driver.pass(Span::from_millis(100));
    }
    let sent: Vec<Monotonic> = driver.attempts.iter().map(|a| a.sent.monotonic).collect();
    for window in sent.windows(11) {
        assert!(window[10] - window[0] >= secs(60));
    }
    assert!(sent.len() > 50);
}

#[test]
fn being_offline_pauses_and_coming_online_resumes() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.connectivity(false);
    driver.renew();
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    assert_eq!(causes(&mut driver), [RenewalFailure::Offline]);
    driver.pass(secs(20));
    assert_eq!(driver.attempts.len(), 1);
    driver.connectivity(true);
    assert!(driver.pass_until_attempt() <= secs(1));
    driver.succeed(HOUR);

    // A browser that is wrong about it is not believed for ever.
    driver.connectivity(false);
    driver.renew();
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    assert_eq!(driver.pass_until_attempt(), secs(60));
}

#[test]
fn being_told_again_that_it_is_online_changes_nothing() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    driver.fail(503);
    let planned = driver.session.poll_timeout();
    driver.connectivity(true);
    assert_eq!(driver.session.poll_timeout(), planned);
}
