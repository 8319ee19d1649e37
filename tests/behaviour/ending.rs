//! How a session ends, and that it stays so.

use sessionkeeper::*;

use crate::support::Driver;

const HOUR: Span = Span::from_hours(1);

fn with_logout() -> Config {
    Config {
        logout: true,
        ..Config::default()
    }
}

const ENDED: Event = Event::Ended {
    reason: EndReason::SignedOut,
    by: By::ThisTab,
};

#[test]
fn a_sign_out_wipes_at_once_and_tells_the_server_after() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    let renew = driver.renew();
    let ticket = driver.sign_out(true);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert_eq!(driver.session.held_token(), None);
    assert_eq!(driver.take_events(), [ENDED]);
    assert_eq!(driver.logouts.len(), 1);
    let expected = Settlement::Failed(SessionError::SignedOut);
    assert_eq!(driver.settlement(renew), Some(expected));
    assert_eq!(driver.settlement(ticket), None);
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.session.poll_timeout(), None);
}

#[test]
fn a_renewal_that_settles_after_the_sign_out_has_the_server_told_again() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    driver.sign_out(true);
    driver.hear_logout(driver.status(204));
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert_eq!(driver.logouts.len(), 2);
    // Nothing of the session is left, so nothing has to be told.
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    driver.sign_out(true);
    driver.fail(503);
    assert_eq!(driver.logouts.len(), 1);
}

#[test]
fn a_sign_out_does_not_wait_longer_than_five_seconds() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    let ticket = driver.sign_out(true);
    driver.pass(Span::from_millis(4999));
    assert_eq!(driver.settlement(ticket), None);
    driver.pass(Span::from_millis(1));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    driver.hear_logout(driver.status(204));
}

#[test]
fn a_sign_out_may_be_local() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    let ticket = driver.sign_out(false);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.logouts.len(), 0);
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let ticket = driver.sign_out(true);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.logouts.len(), 0);
}

#[test]
fn late_answers_after_a_sign_out_change_nothing() {
    for status in [200, 401, 503] {
        let mut driver = Driver::signed_in(Config::default(), HOUR);
        driver.renew();
        driver.sign_out(false);
        driver.events.clear();
        match status {
            200 => driver.succeed(HOUR),
            _ => driver.fail(status),
        }
        assert_eq!(driver.state(), SessionState::SignedOut);
        assert_eq!(driver.session.held_token(), None);
        assert_eq!(driver.session.poll_timeout(), None);
        assert!(driver.take_events().is_empty(), "{status}");
    }
}

#[test]
fn a_verdict_after_a_sign_out_changes_nothing() {
    let config = Config {
        verify: true,
        ..Config::default()
    };
    let mut driver = Driver::with(config);
    driver.restore();
    driver.succeed(HOUR);
    driver.sign_out(false);
    driver.verify(Verdict::Passed);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert_eq!(driver.session.held_token(), None);
}

#[test]
fn a_sign_out_ends_a_sign_in_that_is_still_being_verified() {
    let config = Config {
        verify: true,
        ..with_logout()
    };
    let mut driver = Driver::with(config);
    let answer = driver.grant(HOUR);
    let begin = driver.begin(answer);
    let ticket = driver.sign_out(true);
    let expected = Settlement::Failed(SessionError::SignedOut);
    assert_eq!(driver.settlement(begin), Some(expected));
    // The cookie has come with the answer.
    assert_eq!(driver.logouts.len(), 1);
    driver.verify(Verdict::Passed);
    assert_eq!(driver.state(), SessionState::SignedOut);
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
}

#[test]
fn a_sign_out_without_a_session_tells_nobody() {
    let mut driver = Driver::with(with_logout());
    let ticket = driver.sign_out(true);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.logouts.len(), 0);
    assert_eq!(driver.session.snapshot().reason, None);
}

#[test]
fn after_the_end_only_a_start_means_anything() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    let attempt = driver.last_attempt();
    driver.sign_out(false);
    driver.events.clear();
    let before = driver.session.snapshot();
    let (key, record) = (RenewalKey(99), Record::default());
    driver.input(Input::KeyDrawn { key, record });
    driver.input(Input::RecordRead(record));
    driver.settle(attempt, Outcome::Unreachable);
    driver.settle(attempt, Outcome::Unreachable);
    driver.need_token(None);
    driver.renew();
    driver.sign_out(true);
    driver.connectivity(true);
    driver.input(Input::Dispose);
    driver.pass(HOUR);
    driver.timeout();
    assert_eq!(driver.attempts.len(), 1);
    assert_eq!(driver.logouts.len(), 0);
    assert!(driver.take_events().is_empty());
    let after = driver.session.snapshot();
    assert_eq!(
        (after.state, after.renewing),
        (before.state, before.renewing)
    );
    let answer = driver.grant(HOUR);
    driver.begin(answer);
    assert_eq!(driver.state(), SessionState::Active);
    assert_eq!(driver.session.snapshot().reason, None);
}

#[test]
fn a_session_ends_when_the_server_said_that_it_would() {
    let mut driver = Driver::with(with_logout());
    let mut answer = driver.grant(HOUR);
    answer.session_expires_in = Some(600.0);
    driver.begin(answer);
    let ends = driver.session.snapshot().ends_at.expect("an end");
    assert_eq!(ends - driver.now.wall, Span::from_secs(600));
    driver.pass(Span::from_millis(599_999));
    assert_eq!(driver.state(), SessionState::Active);
    driver.events.clear();
    driver.pass(Span::from_millis(1));
    assert_eq!(driver.session.snapshot().reason, Some(EndReason::Expired));
    let ended = Event::Ended {
        reason: EndReason::Expired,
        by: By::Server,
    };
    assert_eq!(driver.take_events(), [ended]);
    assert_eq!(driver.logouts.len(), 0);
}

#[test]
fn a_renewal_may_move_the_end_and_keeps_it_when_it_says_nothing() {
    let mut driver = Driver::new();
    let mut answer = driver.grant(HOUR);
    answer.session_expires_in = Some(4000.0);
    driver.begin(answer);
    let first = driver.session.snapshot().ends_at;
    driver.renew();
    driver.succeed(HOUR);
    assert_eq!(driver.session.snapshot().ends_at, first);
    driver.renew();
    let mut answer = driver.grant(HOUR);
    answer.session_expires_in = Some(9000.0);
    let outcome = driver.success(answer);
    driver.settle(driver.last_attempt(), outcome);
    assert!(driver.session.snapshot().ends_at > first);
    // Another sign-in has nothing of it.
    let answer = driver.grant(HOUR);
    driver.begin(answer);
    assert_eq!(driver.session.snapshot().ends_at, None);
}
