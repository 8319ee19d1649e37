//! The longest age of a session, and its hard end.

use serde_json::json;
use sessionkeeper::*;

use crate::support::{Driver, read, token_text};

const HOUR: Span = Span::from_hours(1);
const AGE: Span = Span::from_hours(8);
const ENDED: Event = Event::Ended {
    reason: EndReason::MaxAge,
    by: By::ThisTab,
};

fn config() -> Config {
    Config {
        logout: true,
        max_age: Some(AGE),
        ..Config::default()
    }
}

/// A token for an hour, of a user who signed in so long ago.
fn dated(driver: &Driver, ago: Span) -> TokenAnswer {
    let now = driver.server_time().as_millis() / 1000;
    let signed_in = now - ago.as_millis() / 1000;
    let claims = json!({ "iat": now, "exp": now + 3600, "auth_time": signed_in });
    TokenAnswer {
        token: Some(read(token_text(&claims))),
        expires_in: Some(3600.0),
        ..TokenAnswer::default()
    }
}

fn begun(ago: Span) -> Driver {
    let mut driver = Driver::with(config());
    driver.input(Input::Visibility { visible: false });
    let answer = dated(&driver, ago);
    driver.begin(answer);
    driver.events.clear();
    driver
}

/// Goes on, and has every renewal succeed.
fn live(driver: &mut Driver, span: Span) {
    let end = driver.now.monotonic + span;
    let mut sent = driver.attempts.len();
    while driver.now.monotonic < end {
        driver.pass(Span::from_mins(1).min(end - driver.now.monotonic));
        if driver.attempts.len() > sent {
            sent = driver.attempts.len();
            driver.succeed(HOUR);
        }
    }
}

#[test]
fn a_session_ends_at_its_age_whatever_the_user_does() {
    let mut driver = begun(Span::ZERO);
    let ends_at = driver.now.wall + AGE;
    assert_eq!(driver.session.snapshot().ends_at, Some(ends_at));
    live(&mut driver, AGE - Span::from_mins(5));
    driver.input(Input::Extend);
    let announced = |event: &&Event| matches!(event, Event::SessionEnding { .. });
    let told: Vec<_> = driver.events.iter().filter(announced).cloned().collect();
    assert_eq!(told, [Event::SessionEnding { ends_at }], "once");
    assert_eq!(driver.session.snapshot().ends_at, Some(ends_at));
    live(&mut driver, Span::from_mins(5));
    assert_eq!(driver.take_events().last(), Some(&ENDED));
    assert_eq!(driver.logouts.len(), 1);
    assert_eq!(driver.record.ending, Some(Ending::Untold));
}

#[test]
fn it_counts_from_the_sign_in_that_the_token_tells() {
    let mut driver = begun(Span::from_hours(3));
    let left = driver.session.snapshot().ends_at.unwrap() - driver.now.wall;
    assert!((AGE - Span::from_hours(3) - left).as_millis().abs() <= 1000);
    live(&mut driver, Span::from_hours(2));
    // A later token may say that the user has signed in again: the age goes on.
    driver.renew();
    let answer = dated(&driver, Span::ZERO);
    let outcome = driver.success(answer);
    driver.settle(driver.last_attempt(), outcome);
    live(&mut driver, Span::from_hours(3) - Span::from_secs(2));
    assert_eq!(driver.state(), SessionState::Active);
    live(&mut driver, Span::from_secs(4));
    assert_eq!(driver.session.snapshot().reason, Some(EndReason::MaxAge));
}

#[test]
fn the_device_s_clock_has_no_say_in_that() {
    let mut driver = Driver::with(config());
    driver.skew = Span::from_hours(24 * 365);
    driver.restore();
    let answer = dated(&driver, Span::from_hours(3));
    let outcome = driver.success(answer);
    driver.settle(driver.last_attempt(), outcome);
    let left = driver.session.snapshot().ends_at.unwrap() - driver.now.wall;
    assert!((AGE - Span::from_hours(3) - left).as_millis().abs() <= 2000);
}

#[test]
fn a_reload_does_not_restart_it() {
    let mut driver = begun(Span::ZERO);
    let ends_at = driver.session.snapshot().ends_at;
    driver.shift(Span::from_hours(6));
    driver.reload(config());
    driver.input(Input::Visibility { visible: false });
    driver.restore();
    // A token that says nothing of the sign-in.
    driver.succeed(HOUR);
    assert_eq!(driver.session.snapshot().ends_at, ends_at);
    live(&mut driver, Span::from_hours(2));
    assert_eq!(driver.session.snapshot().reason, Some(EndReason::MaxAge));
}

#[test]
fn past_it_a_load_ends_the_session_and_renews_nothing() {
    let mut driver = begun(Span::ZERO);
    driver.shift(AGE);
    driver.reload(config());
    let ticket = driver.restore();
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.take_events(), [ENDED]);
    assert_eq!((driver.attempts.len(), driver.logouts.len()), (0, 1));
    // Whoever signs in starts anew.
    let answer = dated(&driver, Span::ZERO);
    driver.begin(answer);
    let ends_at = driver.session.snapshot().ends_at;
    assert_eq!(ends_at, Some(driver.now.wall + AGE));
}

#[test]
fn where_nothing_is_known_it_counts_from_first_sight() {
    let mut driver = Driver::with(config());
    driver.restore();
    driver.succeed(HOUR);
    let ends_at = driver.session.snapshot().ends_at;
    let started = driver.record.started.expect("the first sight");
    assert_eq!(ends_at, Some(started + AGE));
}

#[test]
fn a_page_that_is_starting_ends_too() {
    let mut driver = begun(Span::ZERO);
    driver.shift(AGE - Span::from_secs(30));
    driver.reload(config());
    driver.input(Input::Visibility { visible: false });
    driver.restore();
    driver.fail(503);
    driver.pass(Span::from_secs(30));
    assert_eq!(driver.session.snapshot().reason, Some(EndReason::MaxAge));
}

#[test]
fn a_sign_in_date_that_is_none_is_no_date() {
    for nonsense in [json!("yesterday"), json!(-5), json!(1e300), json!(null)] {
        let mut driver = Driver::with(config());
        let now = driver.server_time().as_millis() / 1000;
        let claims = json!({ "iat": now, "exp": now + 3600, "auth_time": nonsense });
        driver.begin(TokenAnswer {
            token: Some(read(token_text(&claims))),
            ..TokenAnswer::default()
        });
        let ends_at = driver.session.snapshot().ends_at;
        assert_eq!(ends_at, Some(driver.now.wall + AGE), "{nonsense}");
    }
    // Nor can it be put off by one of the future.
    let driver = begun(Span::ZERO - Span::from_hours(5));
    let ends_at = driver.session.snapshot().ends_at;
    assert_eq!(ends_at, Some(driver.now.wall + AGE));
}

#[test]
fn a_token_that_lives_until_the_end_is_not_renewed() {
    let mut driver = begun(Span::from_hours(7) + Span::from_mins(1));
    let sent = driver.attempts.len();
    assert_eq!(driver.session.snapshot().renews_at, None);
    driver.pass(HOUR);
    assert_eq!(driver.attempts.len(), sent);
    assert_eq!(driver.session.snapshot().reason, Some(EndReason::MaxAge));
}

#[test]
fn the_earlier_of_both_ends_is_the_end() {
    for (session_secs, reason) in [(3600.0, EndReason::Expired), (36_000.0, EndReason::MaxAge)] {
        let mut driver = Driver::with(config());
        driver.input(Input::Visibility { visible: false });
        let mut answer = dated(&driver, Span::ZERO);
        answer.session_expires_in = Some(session_secs);
        driver.begin(answer);
        let end = Span::from_secs(session_secs as i64).min(AGE);
        let ends_at = driver.session.snapshot().ends_at;
        assert_eq!(ends_at, Some(driver.now.wall + end));
        live(&mut driver, end);
        assert_eq!(driver.session.snapshot().reason, Some(reason));
    }
}

#[test]
fn a_sleep_counts_and_whoever_wakes_past_the_end_sends_nothing() {
    let mut driver = begun(Span::ZERO);
    driver.now.wall += AGE + HOUR;
    let ticket = driver.renew();
    driver.pass(Span::from_secs(5));
    let refused = Settlement::Failed(SessionError::SignedOut);
    assert_eq!(driver.settlement(ticket), Some(refused));
    assert_eq!(driver.session.snapshot().reason, Some(EndReason::MaxAge));
    assert_eq!(driver.attempts, []);
}

#[test]
fn another_sign_in_has_an_age_of_its_own() {
    let mut driver = begun(Span::from_hours(7));
    let answer = dated(&driver, Span::ZERO);
    driver.begin(answer);
    let left = driver.session.snapshot().ends_at.unwrap() - driver.now.wall;
    assert_eq!(left, AGE);
}
