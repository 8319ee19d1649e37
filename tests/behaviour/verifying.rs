//! What the verification module's verdicts do.

use sessionkeeper::*;

use crate::support::{Driver, read, token_text};

const HOUR: Span = Span::from_hours(1);

fn verifying() -> Config {
    Config {
        verify: true,
        ..Config::default()
    }
}

fn signed_in(lifetime: Span) -> Driver {
    let mut driver = Driver::with(verifying());
    let answer = driver.grant(lifetime);
    driver.begin(answer);
    driver.verify(Verdict::Passed);
    assert_eq!(driver.state(), SessionState::Active);
    driver.events.clear();
    driver
}

#[test]
fn a_token_is_adopted_only_after_it_has_passed() {
    let mut driver = Driver::with(verifying());
    let answer = driver.grant(HOUR);
    let ticket = driver.begin(answer);
    assert_eq!(driver.settlement(ticket), None);
    assert_eq!(driver.state(), SessionState::SignedOut);
    driver.verify(Verdict::Passed);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    let before = driver.session.usable_token().cloned();
    let renew = driver.renew();
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(renew), None);
    assert_eq!(driver.session.usable_token().cloned(), before);
    driver.verify(Verdict::Passed);
    assert_eq!(driver.settlement(renew), Some(Settlement::Done));
    assert_ne!(driver.session.usable_token().cloned(), before);
}

#[test]
fn a_sign_in_whose_token_does_not_pass_is_refused() {
    for (verdict, error) in [
        (Verdict::Refused, SessionError::TokenInvalid),
        (Verdict::Unknown, SessionError::VerifierMissing),
        (Verdict::Keyless, SessionError::Unavailable),
    ] {
        let mut driver = Driver::with(verifying());
        let answer = driver.grant(HOUR);
        let ticket = driver.begin(answer);
        driver.verify(verdict);
        assert_eq!(driver.settlement(ticket), Some(Settlement::Failed(error)));
        assert_eq!(driver.state(), SessionState::SignedOut);
    }
}

#[test]
fn a_renewed_token_that_does_not_pass_is_a_passing_failure() {
    for (verdict, expected) in [
        (Verdict::Refused, RenewalFailure::InvalidToken),
        (Verdict::Unknown, RenewalFailure::Network),
        (Verdict::Keyless, RenewalFailure::Network),
    ] {
        let mut driver = signed_in(HOUR);
        driver.renew();
        driver.succeed(HOUR);
        driver.verify(verdict);
        assert!(
            matches!(driver.take_events()[..], [Event::RenewalFailed { cause, .. }] if cause == expected)
        );
        assert!(driver.session.usable_token().is_some());
        driver.pass_until_attempt();
    }
}

#[test]
fn tokens_that_fail_the_checks_three_times_after_the_lapse_end_the_session() {
    for verdict in [true, false] {
        let mut driver = match verdict {
            true => signed_in(Span::from_secs(60)),
            false => Driver::signed_in(Config::default(), Span::from_secs(60)),
        };
        let lapse = driver.session.snapshot().token_expires_at.unwrap();
        let mut after_lapse = 0;
        while driver.state() != SessionState::SignedOut {
            driver.pass_until_attempt();
            let mut answer = driver.grant(HOUR);
            if !verdict {
                answer.token = Some(Err(TokenError::Expiry));
            }
            let outcome = driver.success(answer);
            driver.settle(driver.last_attempt(), outcome);
            if verdict {
                driver.verify(Verdict::Refused);
            }
            after_lapse += usize::from(driver.now.wall >= lapse);
            assert!(after_lapse <= 3);
        }
        assert_eq!(after_lapse, 3);
        assert!(driver.attempts.len() > 3, "some before the lapse");
        let ended = Event::Ended {
            reason: EndReason::InvalidToken,
            by: By::ThisTab,
        };
        assert_eq!(driver.take_events().last(), Some(&ended));
    }
}

#[test]
fn a_verdict_that_does_not_come_is_not_waited_for_without_end() {
    let mut driver = signed_in(HOUR);
    let ticket = driver.renew();
    driver.succeed(HOUR);
    driver.pass(Span::from_secs(11));
    let expected = Settlement::Failed(SessionError::Unavailable);
    assert_eq!(driver.settlement(ticket), Some(expected));
    driver.pass(Span::from_mins(1));
    assert!(driver.attempts.len() > 1);
    let before = driver.session.usable_token().cloned();
    driver.verify(Verdict::Passed);
    assert_ne!(
        driver.session.usable_token().cloned(),
        before,
        "however late"
    );
}

#[test]
fn a_token_that_is_not_valid_yet_on_the_servers_clock_is_not_adopted() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let premature = |driver: &Driver, ahead: i64| {
        let issued = driver.server_time().as_millis() / 1000;
        let claims =
            serde_json::json!({ "iat": issued, "exp": issued + 3600, "nbf": issued + ahead });
        TokenAnswer {
            token: Some(read(token_text(&claims))),
            expires_in: Some(3600.0),
            ..TokenAnswer::default()
        }
    };
    driver.renew();
    let outcome = driver.success(premature(&driver, 120));
    driver.settle(driver.last_attempt(), outcome);
    assert!(matches!(
        driver.take_events()[..],
        [
            Event::TokenRejected {
                reason: TokenError::NotYetValid
            },
            Event::RenewalFailed {
                cause: RenewalFailure::InvalidToken,
                ..
            }
        ]
    ));
    driver.pass_until_attempt();
    let outcome = driver.success(premature(&driver, 20));
    driver.settle(driver.last_attempt(), outcome);
    assert!(matches!(driver.take_events()[..], [Event::Renewed { .. }]));
}
