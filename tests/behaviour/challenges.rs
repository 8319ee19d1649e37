//! What becomes of requests that an API refuses.

use serde_json::json;
use sessionkeeper::challenge::{BearerChallenge, BearerError};
use sessionkeeper::*;

use crate::support::{Driver, read, token_text};

const HOUR: Span = Span::from_hours(1);
const UNAVAILABLE: Settlement = Settlement::Failed(SessionError::Unavailable);
const SIGNED_OUT: Settlement = Settlement::Failed(SessionError::SignedOut);

fn error(error: BearerError) -> BearerChallenge {
    BearerChallenge {
        error: Some(error),
        ..BearerChallenge::default()
    }
}

/// The API has refused a request that was sent with the token of a generation.
fn refuse_as(driver: &mut Driver, generation: u32, challenge: BearerChallenge) -> Ticket {
    driver.call(|ticket| Input::Challenged {
        ticket,
        generation,
        challenge,
        url: "https://api.example/payments".to_owned(),
    })
}

/// The API has refused a request that was sent with the token that is held.
fn refuse(driver: &mut Driver) -> Ticket {
    let generation = driver.session.snapshot().generation;
    refuse_as(driver, generation, error(BearerError::InvalidToken))
}

#[test]
fn any_number_of_refusals_at_once_make_one_renewal() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.pass(Span::from_secs(10));
    let generation = driver.session.snapshot().generation;
    let tickets: Vec<_> = (0..50).map(|_| refuse(&mut driver)).collect();
    assert_eq!(driver.attempts.len(), 1);
    assert!(
        tickets
            .iter()
            .all(|ticket| driver.settlement(*ticket).is_none())
    );
    driver.succeed(HOUR);
    for ticket in tickets {
        assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    }
    // One that comes late was sent with the old token.
    let late = refuse_as(&mut driver, generation, BearerChallenge::default());
    assert_eq!(driver.settlement(late), Some(Settlement::Done));
    assert_eq!(driver.attempts.len(), 1);
}

#[test]
fn the_first_generation_tells_sessions_apart() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let first = driver.session.first_generation();
    driver.pass(Span::from_secs(10));
    refuse(&mut driver);
    driver.succeed(HOUR);
    assert_eq!(driver.session.first_generation(), first, "renewed");
    let answer = driver.grant(HOUR);
    driver.begin(answer);
    let generation = driver.session.snapshot().generation;
    assert_eq!(driver.session.first_generation(), generation, "another");
}

#[test]
fn a_refusal_that_is_about_something_else_renews_nothing() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.pass(Span::from_secs(10));
    for about in [
        BearerError::InvalidRequest,
        BearerError::InsufficientScope,
        BearerError::InsufficientUserAuthentication,
        BearerError::Other,
    ] {
        let generation = driver.session.snapshot().generation;
        let ticket = refuse_as(&mut driver, generation, error(about));
        assert_eq!(driver.settlement(ticket), Some(UNAVAILABLE), "{about:?}");
    }
    assert!(driver.attempts.is_empty());
}

#[test]
fn an_api_that_refuses_every_token_makes_no_loop() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.input(Input::Visibility { visible: false });
    let (mut refused, lives) = (0, 4);
    for _ in 0..lives * 3600 {
        driver.pass(Span::from_secs(1));
        let sent = driver.attempts.len();
        let ticket = refuse(&mut driver);
        match driver.attempts.len() > sent {
            true => driver.succeed(HOUR),
            false => refused += 1,
        }
        assert!(driver.settlement(ticket).is_some(), "nobody waits in vain");
    }
    let most = 2 + 2 * lives;
    assert!(
        (2..=most).contains(&driver.attempts.len()),
        "{} renewals",
        driver.attempts.len()
    );
    assert!(refused > 14_000);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn a_token_that_a_renewal_has_just_brought_is_not_renewed() {
    let mut driver = Driver::new();
    driver.restore();
    driver.succeed(HOUR);
    let ticket = refuse(&mut driver);
    assert_eq!(driver.settlement(ticket), Some(UNAVAILABLE));
    driver.pass(Span::from_secs(5));
    let ticket = refuse(&mut driver);
    assert_eq!(
        (driver.settlement(ticket), driver.attempts.len()),
        (None, 2)
    );
}

#[test]
fn the_token_of_a_sign_in_is_renewed_at_once_where_an_api_refuses_it() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let ticket = refuse(&mut driver);
    assert_eq!(
        (driver.settlement(ticket), driver.attempts.len()),
        (None, 1)
    );
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    let ticket = refuse(&mut driver);
    assert_eq!(driver.settlement(ticket), Some(UNAVAILABLE));
}

#[test]
fn what_the_application_asks_for_leaves_an_api_its_two_renewals() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    for _ in 0..5 {
        driver.call(|ticket| Input::Renew { ticket });
        driver.succeed(HOUR);
        driver.pass(Span::from_secs(5));
    }
    for renewals in [6, 7] {
        let ticket = refuse(&mut driver);
        assert_eq!(
            (driver.settlement(ticket), driver.attempts.len()),
            (None, renewals)
        );
        driver.succeed(HOUR);
        assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
        driver.pass(Span::from_secs(5));
    }
    let ticket = refuse(&mut driver);
    assert_eq!(driver.settlement(ticket), Some(UNAVAILABLE));
}

#[test]
fn whoever_was_refused_does_not_wait_for_a_renewal_that_fails() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.pass(Span::from_secs(10));
    let ticket = refuse(&mut driver);
    driver.fail(503);
    assert_eq!(driver.settlement(ticket), Some(UNAVAILABLE));
    let next = refuse(&mut driver);
    assert_eq!(
        driver.settlement(next),
        Some(UNAVAILABLE),
        "nor for the next try of it"
    );
    assert_eq!(
        driver.state(),
        SessionState::Active,
        "the token may be good elsewhere"
    );
    driver.sign_out(false);
    let ticket = refuse(&mut driver);
    assert_eq!(driver.settlement(ticket), Some(SIGNED_OUT));
}

#[test]
fn a_demand_for_step_up_is_told_as_it_was_made() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let challenge = BearerChallenge {
        acr_values: Some("aal3 aal2".to_owned()),
        max_age: Some(Span::from_mins(5)),
        ..error(BearerError::InsufficientUserAuthentication)
    };
    let generation = driver.session.snapshot().generation;
    refuse_as(&mut driver, generation, challenge);
    let told = Event::StepUpRequired {
        acr_values: Some("aal3 aal2".to_owned()),
        max_age: Some(Span::from_mins(5)),
        url: "https://api.example/payments".to_owned(),
    };
    assert_eq!(driver.take_events(), [told]);
}

/// A token of a user's session, who signed in so long ago.
fn token_of(driver: &Driver, sub: &str, sid: &str, ago: i64) -> TokenAnswer {
    let issued = driver.server_time().as_millis() / 1000;
    let claims = json!({ "iat": issued, "exp": issued + 3600, "sub": sub, "sid": sid, "auth_time": issued - ago });
    TokenAnswer {
        token: Some(read(token_text(&claims))),
        expires_in: Some(3600.0),
        ..TokenAnswer::default()
    }
}

#[test]
fn a_sign_in_to_the_same_session_goes_on_with_it() {
    let config = Config {
        max_age: Some(Span::from_hours(8)),
        ..Config::default()
    };
    let mut driver = Driver::with(config);
    driver.begin(token_of(&driver, "ada", "1", 60));
    let ends_at = driver.session.snapshot().ends_at;
    assert!(ends_at.is_some());
    driver.pass(Span::from_mins(10));
    let (before, record) = (driver.session.snapshot().generation, driver.record);
    driver.take_events();
    let ticket = driver.begin(token_of(&driver, "ada", "1", 0));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert!(matches!(
        driver.take_events()[..],
        [Event::Renewed {
            by: By::ThisTab,
            attempts: 0,
            ..
        }]
    ));
    let snapshot = driver.session.snapshot();
    assert!(snapshot.generation > before);
    assert_eq!(snapshot.ends_at, ends_at, "its age goes on");
    assert_eq!(driver.record.started, record.started);
    for (sub, sid) in [("ada", "2"), ("bob", "2")] {
        driver.begin(token_of(&driver, sub, sid, 0));
        let events = driver.take_events();
        assert!(
            matches!(events[..], [Event::Started { restored: false }]),
            "{sub} {sid}: {events:?}"
        );
    }
    assert!(driver.record.started > record.started);
}

#[test]
fn a_renewal_under_way_does_not_take_a_step_up_back() {
    let mut driver = Driver::with(Config::default());
    driver.begin(token_of(&driver, "ada", "1", 60));
    driver.pass(Span::from_secs(10));
    driver.renew();
    driver.begin(token_of(&driver, "ada", "1", 0));
    let stepped_up = driver.session.usable_token().cloned();
    driver.take_events();
    driver.succeed(HOUR);
    assert_eq!(driver.session.usable_token().cloned(), stepped_up);
    assert_eq!(driver.take_events(), []);
    assert_eq!(driver.state(), SessionState::Active);
    let next = driver.pass_until_attempt();
    assert!(next < HOUR, "{next:?}");
}

#[test]
fn a_sign_in_is_recent_on_the_servers_clock_and_by_its_latest_reading() {
    let mut driver = Driver::with(Config::default());
    driver.skew = Span::from_hours(3);
    assert!(
        !driver.session.is_recent(HOUR, driver.now),
        "nobody is signed in"
    );
    driver.begin(token_of(&driver, "ada", "1", 0));
    driver.renew();
    let again = token_of(&driver, "ada", "1", 60);
    let outcome = driver.success(again);
    driver.settle(driver.last_attempt(), outcome);
    let is_recent =
        |driver: &Driver, secs| driver.session.is_recent(Span::from_secs(secs), driver.now);
    assert!(is_recent(&driver, 63) && !is_recent(&driver, 59));
    driver.shift(Span::from_mins(2));
    assert!(is_recent(&driver, 183) && !is_recent(&driver, 179));
    driver.sign_out(false);
    assert!(!is_recent(&driver, 1000));
}

/// A sign-in says when it was at least, and not more: the device's clock would make it old, or young for ever.
#[test]
fn a_sign_in_is_recent_whatever_the_device_says_where_nothing_but_its_token_tells_the_time() {
    for hours in [-3, 0, 3] {
        let mut driver = Driver::with(Config::default());
        driver.skew = Span::from_hours(hours);
        driver.begin(token_of(&driver, "ada", "1", 60));
        let is_recent =
            |driver: &Driver, secs| driver.session.is_recent(Span::from_secs(secs), driver.now);
        assert!(is_recent(&driver, 63), "{hours}");
        assert!(!is_recent(&driver, 50), "{hours}");
        driver.shift(Span::from_mins(2));
        assert!(is_recent(&driver, 183), "{hours}");
        assert!(!is_recent(&driver, 170), "{hours}");
    }
}
