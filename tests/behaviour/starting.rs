//! How a session starts.

use sessionkeeper::*;

use crate::support::{Driver, read};

const HOUR: Span = Span::from_hours(1);

#[test]
fn a_sign_in_makes_a_session() {
    let mut driver = Driver::new();
    let answer = driver.grant(HOUR);
    let ticket = driver.begin(answer.clone());
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.state(), SessionState::Active);
    assert_eq!(
        driver.take_events(),
        [Event::Started { restored: false }],
        "one event"
    );
    let token = answer.token.unwrap().unwrap().token;
    assert_eq!(driver.session.usable_token(), Some(&token));
    assert!(driver.attempts.is_empty());
}

#[test]
fn a_sign_in_without_an_answer_or_an_expiry_is_refused() {
    let mut driver = Driver::new();
    let empty = driver.begin(TokenAnswer::default());
    let endless = driver.begin(TokenAnswer {
        token: Some(read("opaque")),
        ..TokenAnswer::default()
    });
    let nonsense = driver.begin(TokenAnswer {
        token: Some(read("opaque")),
        expires_in: Some(f64::NAN),
        ..TokenAnswer::default()
    });
    for ticket in [empty, endless, nonsense] {
        let expected = Settlement::Failed(SessionError::BadAnswer);
        assert_eq!(driver.settlement(ticket), Some(expected), "{ticket:?}");
    }
    let mut unsigned = driver.grant(HOUR);
    unsigned.token = Some(Err(TokenError::Algorithm));
    let ticket = driver.begin(unsigned);
    let expected = Settlement::Failed(SessionError::TokenInvalid);
    assert_eq!(driver.settlement(ticket), Some(expected));
    assert_eq!(driver.state(), SessionState::SignedOut);
    let reason = TokenError::Algorithm;
    assert_eq!(driver.take_events(), [Event::TokenRejected { reason }]);
    let lapsed = TokenAnswer {
        token: Some(read("opaque")),
        expires_at: Some(1.0),
        ..TokenAnswer::default()
    };
    let ticket = driver.begin(lapsed);
    assert_eq!(driver.settlement(ticket), Some(expected));
    let reason = TokenError::Expired;
    assert_eq!(driver.take_events(), [Event::TokenRejected { reason }]);
}

#[test]
fn a_refused_sign_in_leaves_the_session_that_there_is() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    driver.begin(TokenAnswer::default());
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);
    assert!(matches!(driver.take_events()[..], [Event::Renewed { .. }]));
}

#[test]
fn restoring_asks_the_server_once_and_takes_up_its_session() {
    let mut driver = Driver::new();
    let tickets = [driver.restore(), driver.restore()];
    assert_eq!(driver.state(), SessionState::Starting);
    assert_eq!(driver.attempts.len(), 1);
    let token = driver.need_token(None);
    driver.pass(Span::from_secs(1));
    driver.succeed(HOUR);
    for ticket in tickets {
        assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    }
    assert_eq!(driver.settlement(token), Some(Settlement::Token));
    assert_eq!(driver.take_events(), [Event::Started { restored: true }]);
    let again = driver.restore();
    assert_eq!(driver.settlement(again), Some(Settlement::Done));
    assert_eq!(driver.attempts.len(), 1);
}

#[test]
fn one_refusal_while_starting_is_final_and_no_end() {
    for status in [400, 401, 403, Reply::REDIRECTED] {
        let mut driver = Driver::new();
        let ticket = driver.restore();
        let token = driver.need_token(None);
        driver.fail(status);
        assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
        let expected = Settlement::Failed(SessionError::SignedOut);
        assert_eq!(driver.settlement(token), Some(expected));
        assert_eq!(driver.state(), SessionState::SignedOut);
        assert_eq!(driver.session.snapshot().reason, None);
        assert!(driver.take_events().is_empty(), "{status}");
        assert_eq!(driver.session.poll_timeout(), None);
    }
}

fn expect_started_and_recovered(driver: &mut Driver, as_restored: bool) {
    let events = driver.take_events();
    assert!(
        matches!(
            events[..],
            [Event::Started { restored }, Event::Recovered { .. }] if restored == as_restored
        ),
        "{events:?}"
    );
}

#[test]
fn restoring_is_degraded_after_the_first_failure_and_goes_on() {
    let mut driver = Driver::new();
    let ticket = driver.restore();
    driver.fail(503);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.state(), SessionState::Degraded);
    let again = driver.restore();
    assert_eq!(driver.settlement(again), Some(Settlement::Done));
    driver.pass_until_attempt();
    driver.take_events();
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);
    expect_started_and_recovered(&mut driver, true);
}

#[test]
fn a_sign_in_recovers_a_session_that_suffers() {
    let mut driver = Driver::new();
    driver.restore();
    driver.fail(503);
    driver.take_events();
    let answer = driver.grant(HOUR);
    driver.begin(answer);
    expect_started_and_recovered(&mut driver, false);
}

#[test]
fn a_sign_in_while_restoring_is_the_session() {
    let mut driver = Driver::new();
    let ticket = driver.restore();
    let answer = driver.grant(HOUR);
    let token = answer.token.clone().unwrap().unwrap().token;
    driver.begin(answer);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    driver.succeed(HOUR);
    assert_eq!(driver.session.usable_token(), Some(&token));
    driver.fail(401);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn a_sign_in_elsewhere_takes_the_place_of_a_session_that_lives() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let (before, started) = (driver.session.held_token().cloned(), driver.record.started);
    let ticket = driver.restore();
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    driver.pass(Span::from_secs(1));

    // As another user, in a window of its own for instance: nothing of the one before is handed out.
    let ticket = driver.restore_as(true);
    assert_eq!(driver.state(), SessionState::Starting);
    assert_eq!(driver.session.held_token(), None);
    let call = driver.need_token(None);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.settlement(call), Some(Settlement::Token));
    assert_ne!(driver.session.held_token(), before.as_ref());
    assert_eq!(driver.take_events(), [Event::Started { restored: true }]);
    assert!(driver.record.started > started);
}

#[test]
fn restoring_is_settled_even_when_earlier_attempts_are_never_answered() {
    let mut driver = Driver::new();
    driver.restore();
    driver.pass(Span::from_mins(2));
    assert_eq!(driver.attempts.len(), 2, "both without an answer");
    driver.sign_out(false);
    let ticket = driver.restore_as(true);
    driver.pass(Span::from_secs(30));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.attempts.len(), 2);
    assert_eq!(driver.state(), SessionState::Degraded);
}

#[test]
fn an_application_that_restores_in_a_loop_does_not_flood_the_server() {
    let mut driver = Driver::new();
    for _ in 0..60 {
        driver.restore();
        if driver.session.snapshot().renewing {
            driver.fail(401);
        }
        driver.pass(Span::from_millis(900));
    }
    assert_eq!(driver.attempts.len(), 10);
}

#[test]
fn a_lifetime_of_the_configuration_counts_only_where_no_answer_tells_it() {
    let config = Config {
        lifetime: Some(HOUR),
        ..Config::default()
    };
    let mut driver = Driver::with(config.clone());
    let mut answer = driver.grant(Span::from_mins(5));
    answer.expires_in = None;
    driver.begin(answer);
    driver.pass(Span::from_mins(5));
    assert_eq!(driver.session.usable_token(), None);

    let mut driver = Driver::with(config);
    driver.restore();
    let outcome = driver.success(TokenAnswer::default());
    driver.settle(driver.last_attempt(), outcome);
    assert_eq!(driver.state(), SessionState::Active);
}
