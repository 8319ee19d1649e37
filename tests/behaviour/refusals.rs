//! What a server's refusal means.

use sessionkeeper::*;

use crate::support::Driver;

const HOUR: Span = Span::from_hours(1);

const ENDED: Event = Event::Ended {
    reason: EndReason::Rejected,
    by: By::Server,
};

#[test]
fn a_refusal_is_final_only_after_a_second_look_with_a_fresh_key() {
    for status in [400, 401, 403, Reply::REDIRECTED] {
        let mut driver = Driver::signed_in(Config::default(), HOUR);
        let ticket = driver.renew();
        driver.fail(status);
        assert_eq!(driver.state(), SessionState::Active);
        assert_eq!(driver.settlement(ticket), None);
        assert_eq!(driver.attempts.len(), 2, "at once");
        assert_ne!(driver.attempts[0].key, driver.attempts[1].key);
        driver.fail(status);
        assert_eq!(driver.state(), SessionState::SignedOut);
        let expected = Settlement::Failed(SessionError::SignedOut);
        assert_eq!(driver.settlement(ticket), Some(expected));
        assert_eq!(driver.session.snapshot().reason, Some(EndReason::Rejected));
        assert_eq!(driver.take_events().last(), Some(&ENDED));
        assert_eq!(driver.session.held_token(), None);
        assert_eq!(driver.session.poll_timeout(), None);
    }
}

#[test]
fn the_second_look_keeps_the_key_where_an_earlier_attempt_is_uncertain() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    driver.pass_until_attempt();
    driver.fail(401);
    assert_eq!(driver.attempts.len(), 3);
    assert_eq!(driver.attempts[0].key, driver.attempts[2].key);
    driver.fail(401);
    assert_eq!(driver.take_events().last(), Some(&ENDED));
}

#[test]
fn a_success_at_the_second_look_goes_on() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let ticket = driver.renew();
    driver.fail(401);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.state(), SessionState::Active);
    // The next renewal has two looks again.
    driver.renew();
    driver.fail(401);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn a_failure_between_the_two_looks_delays_the_judgement() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    driver.fail(401);
    driver.fail(503);
    assert_eq!(driver.state(), SessionState::Active);
    driver.pass_until_attempt();
    driver.fail(401);
    assert_eq!(driver.take_events().last(), Some(&ENDED));
}

#[test]
fn the_statuses_of_a_refusal_can_be_chosen() {
    let mut config = Config::default();
    config.retry.rejected_statuses = vec![404];
    let mut driver = Driver::signed_in(config, HOUR);
    driver.renew();
    driver.fail(401);
    assert_eq!(driver.attempts.len(), 1);
    driver.pass_until_attempt();
    driver.fail(404);
    driver.fail(404);
    assert_eq!(driver.take_events().last(), Some(&ENDED));
}

#[test]
fn a_refusal_is_not_answered_with_a_logout() {
    let config = Config {
        logout: true,
        ..Config::default()
    };
    let mut driver = Driver::signed_in(config, HOUR);
    driver.renew();
    driver.fail(401);
    driver.fail(401);
    assert_eq!(driver.logouts.len(), 0);
}
