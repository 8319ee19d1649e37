//! Who gets a token, and when.

use sessionkeeper::*;

use crate::support::Driver;

const HOUR: Span = Span::from_hours(1);
const UNAVAILABLE: Settlement = Settlement::Failed(SessionError::Unavailable);
const SIGNED_OUT: Settlement = Settlement::Failed(SessionError::SignedOut);

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

/// A session whose token has so much life left, and whose renewal is under way.
fn nearly_lapsed(left: Span) -> Driver {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let expiry = driver.session.snapshot().token_expires_at.unwrap();
    driver.shift(expiry - driver.now.wall - left);
    driver.timeout();
    assert_eq!(driver.attempts.len(), 1);
    driver
}

#[test]
fn a_good_token_is_handed_out_at_once() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    for min_validity in [None, Some(Span::ZERO), Some(secs(600))] {
        let ticket = driver.need_token(min_validity);
        assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
    }
    assert!(driver.attempts.is_empty());
}

#[test]
fn whoever_is_signed_out_gets_nothing() {
    let mut driver = Driver::new();
    let tickets = [driver.need_token(None), driver.renew()];
    for ticket in tickets {
        assert_eq!(driver.settlement(ticket), Some(SIGNED_OUT));
    }
    let sign_out = driver.sign_out(true);
    assert_eq!(driver.settlement(sign_out), Some(Settlement::Done));
    assert_eq!(driver.session.poll_timeout(), None);
}

#[test]
fn a_call_waits_for_the_renewal_when_the_token_has_lapsed() {
    let mut driver = nearly_lapsed(Span::ZERO);
    assert_eq!(driver.session.usable_token(), None);
    assert!(driver.session.held_token().is_some());
    let ticket = driver.need_token(None);
    driver.pass(secs(3));
    assert_eq!(driver.settlement(ticket), None);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
}

#[test]
fn a_longer_validity_renews_first() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.pass(secs(2400));
    let short = driver.need_token(Some(secs(900)));
    assert_eq!(driver.settlement(short), Some(Settlement::Token));
    let long = driver.need_token(Some(secs(1500)));
    assert_eq!(driver.settlement(long), None);
    assert_eq!(driver.attempts.len(), 1);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(long), Some(Settlement::Token));
}

#[test]
fn no_more_than_half_of_the_lifetime_can_be_asked_for() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let whole = driver.need_token(Some(HOUR));
    assert_eq!(driver.settlement(whole), Some(Settlement::Token));
    driver.pass(secs(1850));
    let half = driver.need_token(Some(HOUR));
    assert_eq!(driver.settlement(half), None);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(half), Some(Settlement::Token));
}

#[test]
fn the_least_interval_binds_a_demand_for_validity() {
    let mut config = Config::default();
    config.renewal.min_interval = Span::from_mins(10);
    let mut driver = Driver::signed_in(config, Span::from_mins(30));
    driver.renew();
    driver.succeed(Span::from_mins(9));
    // Both are capped at half of the nine minutes.
    driver.pass(Span::from_millis(269_500));
    let before = driver.attempts.len();
    let ticket = driver.need_token(Some(Span::from_mins(9)));
    assert_eq!(driver.settlement(ticket), None);
    driver.pass(Span::from_millis(499));
    assert_eq!(driver.attempts.len(), before);
    driver.pass(Span::from_millis(1));
    assert_eq!(driver.attempts.len(), before + 1);
    driver.succeed(Span::from_mins(30));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
}

#[test]
fn who_does_not_insist_takes_the_living_token_while_a_renewal_fails() {
    let mut driver = nearly_lapsed(secs(4));
    let waiting = driver.need_token(None);
    let insisting = driver.need_token(Some(secs(60)));
    assert_eq!(
        driver.settlement(waiting),
        None,
        "the renewal has not failed yet"
    );
    driver.fail(503);
    assert_eq!(driver.settlement(waiting), Some(Settlement::Token));
    assert_eq!(driver.settlement(insisting), None);
    let next = driver.need_token(None);
    assert_eq!(driver.settlement(next), Some(Settlement::Token));
    driver.pass(secs(10));
    assert_eq!(driver.settlement(insisting), Some(UNAVAILABLE));
}

#[test]
fn nobody_waits_longer_than_the_limit() {
    let config = Config {
        wait: secs(3),
        ..Config::default()
    };
    let mut driver = Driver::signed_in(config, secs(60));
    driver.shift(secs(70));
    driver.timeout();
    let ticket = driver.need_token(None);
    driver.pass(Span::from_millis(2999));
    assert_eq!(driver.settlement(ticket), None);
    driver.pass(Span::from_millis(1));
    assert_eq!(driver.settlement(ticket), Some(UNAVAILABLE));
    assert_eq!(
        driver.state(),
        SessionState::Active,
        "nothing has failed yet"
    );
    driver.succeed(HOUR);
    let ticket = driver.need_token(None);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
}

#[test]
fn at_the_limit_who_does_not_insist_takes_a_token_that_still_lives() {
    let config = Config {
        wait: secs(3),
        ..Config::default()
    };
    let mut driver = Driver::signed_in(config, HOUR);
    let expiry = driver.session.snapshot().token_expires_at.unwrap();
    driver.shift(expiry - driver.now.wall - Span::from_millis(4500));
    driver.timeout();
    let ticket = driver.need_token(None);
    driver.pass(secs(3));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Token));
}

#[test]
fn a_renewal_that_was_asked_for_fails_with_its_first_attempt() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let ticket = driver.renew();
    driver.fail(500);
    assert_eq!(driver.settlement(ticket), Some(UNAVAILABLE));
    driver.pass_until_attempt();
    driver.succeed(HOUR);
    assert!(matches!(
        driver.take_events()[..],
        [
            Event::RenewalFailed { .. },
            Event::Renewed { attempts: 2, .. }
        ]
    ));
}

#[test]
fn a_renewal_asked_for_in_a_pause_is_attempted_at_once() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.connectivity(false);
    driver.renew();
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    let ticket = driver.renew();
    assert_eq!(driver.attempts.len(), 2);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
}

#[test]
fn who_is_forgotten_is_not_settled() {
    let mut driver = nearly_lapsed(Span::ZERO);
    let ticket = driver.need_token(None);
    driver.input(Input::Forget { ticket });
    driver.succeed(HOUR);
    driver.pass(secs(20));
    assert_eq!(driver.settlement(ticket), None);
}

#[test]
fn disposal_rejects_everybody() {
    let disposed = Some(Settlement::Failed(SessionError::Disposed));
    let config = Config {
        verify: true,
        ..Config::default()
    };
    let mut driver = Driver::with(config);
    let restore = driver.restore();
    let renew = driver.renew();
    let token = driver.need_token(None);
    let answer = driver.grant(HOUR);
    let begin = driver.begin(answer);
    driver.input(Input::Dispose);
    for ticket in [restore, renew, token, begin] {
        assert_eq!(driver.settlement(ticket), disposed, "{ticket:?}");
    }
    assert_eq!(driver.session.poll_timeout(), None);
    assert!(driver.take_events().is_empty());
    driver.succeed(HOUR);
    driver.verify(Verdict::Passed);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert!(driver.take_events().is_empty());

    let config = Config {
        logout: true,
        ..Config::default()
    };
    let mut driver = Driver::signed_in(config, HOUR);
    let farewell = driver.sign_out(true);
    driver.input(Input::Dispose);
    assert_eq!(driver.settlement(farewell), disposed);
    assert_eq!(driver.session.poll_timeout(), None);
}
