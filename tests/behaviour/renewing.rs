//! When a session renews, and that it does so once.

use sessionkeeper::retry_after::RetryAfter;
use sessionkeeper::*;

use crate::support::Driver;

const HOUR: Span = Span::from_hours(1);

fn planned(driver: &Driver) -> Span {
    driver.session.snapshot().renews_at.expect("a plan") - driver.now.wall
}

#[test]
fn the_renewal_comes_at_the_planned_time_and_once() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let due = planned(&driver);
    assert!(
        Span::from_mins(53) < due && due <= Span::from_mins(55),
        "{due:?}"
    );
    driver.pass(due - Span::from_millis(1));
    assert!(driver.attempts.is_empty());
    driver.pass(Span::from_millis(1));
    assert_eq!(driver.attempts.len(), 1);
    driver.pass(Span::from_secs(2));
    driver.timeout();
    driver.timeout();
    assert_eq!(driver.attempts.len(), 1);
    driver.succeed(HOUR);
    let [
        Event::Renewed {
            by: By::ThisTab,
            token_expires_at,
            attempts: 1,
            took,
        },
    ] = driver.take_events()[..]
    else {
        panic!("another event");
    };
    assert_eq!(took, Span::from_secs(2));
    assert_eq!(
        driver.session.snapshot().token_expires_at,
        Some(token_expires_at)
    );
    assert!(planned(&driver) > Span::from_mins(53));
}

#[test]
fn the_planned_time_can_be_chosen() {
    let mut config = Config::default();
    config.renewal.lead = Some(Span::from_mins(20));
    config.renewal.jitter = 0.0;
    let driver = Driver::signed_in(config, HOUR);
    // The second is the one that `expires_in` may have been rounded by.
    assert_eq!(planned(&driver), Span::from_mins(40) - Span::from_secs(1));
}

#[test]
fn a_page_that_was_frozen_renews_when_it_wakes() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.freeze(Span::from_hours(9));
    assert_eq!(driver.attempts.len(), 1);
    assert_eq!(driver.state(), SessionState::Active);
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);
    assert!(matches!(driver.take_events()[..], [Event::Renewed { .. }]));
}

#[test]
fn calls_at_the_same_time_share_one_renewal() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let tickets = [driver.renew(), driver.renew(), driver.renew()];
    assert_eq!(driver.attempts.len(), 1);
    assert_eq!(driver.settlement(tickets[0]), None);
    driver.succeed(HOUR);
    for ticket in tickets {
        assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    }
    assert_eq!(driver.take_events().len(), 1);
}

#[test]
fn every_renewal_has_a_key_of_its_own_and_its_attempts_share_it() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    driver.fail(503);
    driver.pass_until_attempt();
    driver.succeed(HOUR);
    driver.renew();
    driver.succeed(HOUR);
    let keys: Vec<RenewalKey> = driver.attempts.iter().map(|attempt| attempt.key).collect();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
}

#[test]
fn a_token_that_is_handed_out_again_makes_no_loop() {
    for lifetime in [Span::from_secs(10), Span::from_mins(15), HOUR] {
        let mut driver = Driver::signed_in(Config::default(), lifetime);
        let mut cached = driver.grant(lifetime);
        let mut made = driver.now.monotonic;
        let start = driver.now.monotonic;
        let span = lifetime.share(10.0);
        while driver.now.monotonic - start < span {
            driver.pass_until_attempt();
            if driver.now.monotonic - made >= lifetime {
                cached = driver.grant(lifetime);
                made = driver.now.monotonic;
            }
            let mut answer = cached.clone();
            let left = lifetime - (driver.now.monotonic - made);
            answer.expires_in = Some((left.as_millis() / 1000).max(1) as f64);
            let outcome = driver.success(answer);
            driver.settle(driver.last_attempt(), outcome);
        }
        // Half of what remains, again and again down to the least interval, then the end.
        let halvings = (lifetime.as_millis() as f64 / 5000.0).log2().max(0.0) as usize;
        let most = 12 * (2 + halvings);
        assert!(
            driver.attempts.len() <= most,
            "{lifetime:?}: {} renewals",
            driver.attempts.len()
        );
    }
}

#[test]
fn the_least_interval_also_holds_where_a_token_is_handed_out_again() {
    let lifetime = Span::from_mins(15);
    let mut driver = Driver::signed_in(Config::default(), lifetime);
    let mut cached = driver.grant(lifetime);
    cached.expires_in = None;
    let made = driver.now.monotonic;
    loop {
        driver.pass_until_attempt();
        if driver.now.monotonic - made >= lifetime - Span::from_secs(1) {
            break;
        }
        let outcome = driver.success(cached.clone());
        driver.settle(driver.last_attempt(), outcome);
    }
    for pair in driver.attempts.windows(2) {
        let between = pair[1].sent.monotonic - pair[0].sent.monotonic;
        assert!(between >= Span::from_secs(5), "{between:?}");
    }
}

#[test]
fn an_answer_in_time_counts_however_late_it_is_noticed() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    driver.shift(Span::from_secs(30));
    driver.succeed(HOUR);
    assert!(matches!(
        driver.take_events()[..],
        [Event::Renewed { attempts: 1, .. }]
    ));
}

#[test]
fn a_late_answer_is_adopted() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let ticket = driver.renew();
    let late = driver.last_attempt();
    driver.pass(Span::from_secs(10));
    let expected = Settlement::Failed(SessionError::Unavailable);
    assert_eq!(driver.settlement(ticket), Some(expected));
    let answer = driver.grant(HOUR);
    let token = answer.token.clone().unwrap().unwrap().token;
    let outcome = driver.success(answer);
    driver.settle(late, outcome);
    assert_eq!(driver.session.usable_token(), Some(&token));
    let events = driver.take_events();
    assert!(matches!(
        events[..],
        [
            Event::RenewalFailed {
                cause: RenewalFailure::Timeout,
                attempt: 1,
                ..
            },
            Event::Renewed { attempts: 1, .. }
        ]
    ));
    driver.pass(Span::from_mins(5));
    assert_eq!(driver.attempts.len(), 1, "the retry is needless");
}

#[test]
fn a_late_refusal_or_failure_says_nothing() {
    for status in [401, 503, Reply::REDIRECTED] {
        let mut driver = Driver::signed_in(Config::default(), HOUR);
        driver.renew();
        let late = driver.last_attempt();
        driver.pass(Span::from_secs(10));
        driver.pass_until_attempt();
        driver.events.clear();
        let outcome = driver.status(status);
        driver.settle(late, outcome);
        assert!(driver.take_events().is_empty(), "{status}");
        driver.succeed(HOUR);
        assert_eq!(driver.state(), SessionState::Active);
    }
}

#[test]
fn the_answer_to_an_earlier_renewal_does_not_end_the_one_under_way() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    let lost = driver.last_attempt();
    driver.pass(Span::from_secs(10));
    driver.pass_until_attempt();
    driver.succeed(Span::from_mins(2));
    driver.pass_until_attempt();
    let key = driver.last_attempt().key;
    assert_ne!(lost.key, key);
    let answer = driver.grant(HOUR);
    let outcome = driver.success(answer);
    driver.settle(lost, outcome);
    // Whether the server has rotated for the newer key is not known: the key must be kept.
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    driver.pass_until_attempt();
    assert_eq!(driver.last_attempt().key, key);
}

#[test]
fn at_most_two_attempts_are_unanswered() {
    let mut driver = Driver::signed_in(Config::default(), Span::from_mins(2));
    driver.renew();
    driver.pass(Span::from_hours(3));
    assert_eq!(driver.attempts.len(), 2);
    let renew = driver.renew();
    driver.pass(Span::from_secs(11));
    let expected = Settlement::Failed(SessionError::Unavailable);
    assert_eq!(driver.settlement(renew), Some(expected));
    assert_eq!(driver.attempts.len(), 2);
    driver.settle(driver.attempts[0], Outcome::Unreachable);
    driver.pass(Span::ZERO);
    assert_eq!(driver.attempts.len(), 3);
}

#[test]
fn a_new_key_waits_while_an_earlier_attempt_is_on_its_way_and_the_token_lives() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    let slow = driver.last_attempt();
    driver.pass(Span::from_secs(10));
    driver.pass_until_attempt();
    driver.succeed(HOUR);
    // The first request may still reach the server, or bring back its cookie.
    driver.renew();
    assert_eq!(driver.attempts.len(), 2);
    driver.settle(slow, Outcome::Unreachable);
    driver.pass(Span::ZERO);
    assert_eq!(driver.attempts.len(), 3);

    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    driver.pass(Span::from_secs(10));
    driver.pass_until_attempt();
    driver.succeed(HOUR);
    let lapse = driver.session.snapshot().token_expires_at.unwrap() - driver.now.wall;
    driver.pass(lapse - Span::from_millis(1));
    assert_eq!(driver.attempts.len(), 2);
    driver.pass(Span::from_millis(1));
    assert_eq!(driver.attempts.len(), 3, "no longer than the token lives");
}

#[test]
fn a_sign_in_during_a_renewal_drops_its_answer() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let renew = driver.renew();
    let old = driver.last_attempt();
    let answer = driver.grant(HOUR);
    let token = answer.token.clone().unwrap().unwrap().token;
    driver.pass(Span::from_secs(1));
    driver.begin(answer);
    assert_eq!(driver.settlement(renew), Some(Settlement::Done));
    driver.events.clear();
    for outcome in [driver.status(401), {
        let newer = driver.grant(HOUR + HOUR);
        driver.success(newer)
    }] {
        driver.settle(old, outcome);
        assert_eq!(driver.session.usable_token(), Some(&token));
        assert!(driver.take_events().is_empty());
    }
}

#[test]
fn cookie_only_sessions_are_renewed_too() {
    let answer = || TokenAnswer {
        expires_in: Some(3600.0),
        ..TokenAnswer::default()
    };
    let mut driver = Driver::new();
    let ticket = driver.begin(answer());
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.state(), SessionState::Active);
    assert_eq!(driver.session.held_token(), None);
    driver.pass_until_attempt();
    let outcome = driver.success(answer());
    driver.settle(driver.last_attempt(), outcome);
    let need = driver.need_token(None);
    assert_eq!(driver.settlement(need), Some(Settlement::Token));
}

#[test]
fn a_session_with_tokens_takes_no_answer_without_one() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    let outcome = driver.success(TokenAnswer {
        expires_in: Some(3600.0),
        ..TokenAnswer::default()
    });
    driver.settle(driver.last_attempt(), outcome);
    assert!(matches!(
        driver.take_events()[..],
        [Event::RenewalFailed {
            cause: RenewalFailure::MalformedAnswer,
            ..
        }]
    ));
    assert!(driver.session.usable_token().is_some());
}

#[test]
fn retry_after_holds_even_a_renewal_that_the_application_asks_for() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    let floor = RetryAfter::Delay(Span::from_secs(40));
    let outcome = driver.retry_after(429, floor);
    driver.settle(driver.last_attempt(), outcome);
    let ticket = driver.renew();
    driver.pass(Span::from_millis(39_999));
    assert_eq!(driver.attempts.len(), 1);
    let expected = Settlement::Failed(SessionError::Unavailable);
    assert_eq!(driver.settlement(ticket), Some(expected));
    driver.pass(Span::from_millis(1));
    assert_eq!(driver.attempts.len(), 2);
}
