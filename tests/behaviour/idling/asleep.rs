//! Sleep, and clocks that are set.

use super::*;

fn answer_probe(driver: &mut Driver) {
    let id = driver.probes.pop().expect("a question");
    let sent = driver.now;
    driver.shift(Span::from_millis(100));
    let secs = driver.server_time().as_millis().div_euclid(1000);
    let exchange = Exchange {
        sent,
        received: driver.now,
    };
    let date = Some(ServerTime::from_millis(secs * 1000));
    driver.input(Input::TimeProbed { id, exchange, date });
}

const REFUSED: Option<Settlement> = Some(Settlement::Failed(SessionError::SignedOut));

#[test]
fn whoever_wakes_past_the_end_gets_no_token_and_sends_nothing() {
    let mut driver = signed_in();
    let sent = driver.attempts.len();
    driver.shift(TIMEOUT + SECOND);
    let (token, renewal) = (driver.need_token(None), driver.renew());
    assert_eq!(driver.settlement(token), REFUSED);
    assert_eq!(driver.settlement(renewal), REFUSED);
    assert_eq!(heard(&mut driver), [ENDED]);
    assert_eq!(driver.attempts.len(), sent);

    let mut driver = signed_in();
    driver.shift(TIMEOUT + SECOND);
    let renewal = driver.renew();
    assert_eq!(driver.settlement(renewal), REFUSED);
    assert_eq!(driver.attempts.len(), sent);
}

#[test]
fn the_same_where_the_monotonic_clock_stood_once_the_time_is_known() {
    for asks_for_token in [true, false] {
        let mut driver = signed_in();
        let sent = driver.attempts.len();
        driver.now.wall += TIMEOUT + SECOND;
        let ticket = match asks_for_token {
            true => driver.need_token(None),
            false => driver.renew(),
        };
        assert_eq!(driver.settlement(ticket), None);
        assert_eq!(driver.session.usable_token(), None);
        driver.input(Input::Activity);
        driver.input(Input::Extend);
        answer_probe(&mut driver);
        assert_eq!(driver.settlement(ticket), REFUSED);
        assert_eq!(heard(&mut driver), [ENDED]);
        assert_eq!(driver.attempts.len(), sent, "no renewal has left");
    }
}

#[test]
fn and_where_the_time_cannot_be_asked() {
    let mut driver = signed_in();
    let sent = driver.attempts.len();
    driver.now.wall += TIMEOUT + SECOND;
    let ticket = driver.renew();
    driver.pass(Span::from_secs(5));
    assert_eq!(driver.settlement(ticket), REFUSED);
    assert!(is_over(&driver));
    assert_eq!(driver.attempts.len(), sent);
}

#[test]
fn a_clock_set_forward_ends_nothing() {
    let mut driver = signed_in();
    driver.pass(MINUTE);
    driver.now.wall += Span::from_hours(24);
    driver.skew = Span::ZERO - Span::from_hours(24);
    let renewal = driver.renew();
    answer_probe(&mut driver);
    assert_eq!(heard(&mut driver), []);
    driver.pass(Span::ZERO);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(renewal), Some(Settlement::Done));
    // The server tells its time in whole seconds.
    let exact = driver.now.wall + TIMEOUT - MINUTE;
    let ends_at = driver.session.idle_deadline().expect("a deadline");
    assert!((exact - ends_at).as_millis().abs() <= 2500, "{ends_at:?}");
    let noted = driver.record.activity.expect("an activity");
    assert_eq!(noted.at + TIMEOUT, ends_at, "of the clock as it is now");
}

#[test]
fn a_clock_set_back_has_the_activity_noted_anew() {
    let mut driver = signed_in();
    driver.pass(MINUTE);
    driver.now.wall -= Span::from_hours(24);
    driver.timeout();
    let noted = driver.record.activity.expect("an activity");
    assert_eq!(noted.at, driver.now.wall - MINUTE);
}

#[test]
fn whoever_does_something_at_the_wake_is_heard_once_it_is_known_how_late_it_is() {
    let mut driver = signed_in();
    driver.now.wall += Span::from_mins(20);
    driver.input(Input::Activity);
    answer_probe(&mut driver);
    let seconds_left = |driver: &Driver| {
        let ends_at = driver.session.idle_deadline().expect("a deadline");
        (ends_at - driver.now.wall).as_millis() / 1000
    };
    assert!((1799..=1800).contains(&seconds_left(&driver)));

    // Within the warning only the wish to stay counts.
    for (stays, left) in [(false, 30), (true, 1800)] {
        let mut driver = signed_in();
        driver.now.wall += TIMEOUT - Span::from_secs(30);
        driver.input(Input::Activity);
        if stays {
            driver.input(Input::Extend);
            driver.input(Input::Activity);
        }
        answer_probe(&mut driver);
        let found = seconds_left(&driver);
        assert!((left - 3..=left).contains(&found), "{found} s");
    }
}

#[test]
fn a_wake_within_the_warning_gives_time_to_answer() {
    for shown in [true, false] {
        let mut driver = signed_in();
        see(&mut driver, shown);
        driver.freeze(TIMEOUT - Span::from_secs(5));
        driver.pass(Span::ZERO);
        let left = match shown {
            true => Span::from_secs(20),
            false => Span::from_secs(5),
        };
        assert_eq!(heard(&mut driver), [warning(&driver, left)]);
        driver.pass(left);
        assert!(is_over(&driver));
    }
}

#[test]
fn a_sleep_within_the_warning_that_passes_the_end_is_the_end() {
    let mut driver = signed_in();
    driver.pass(TIMEOUT - Span::from_secs(30));
    driver.take_events();
    driver.freeze(HOUR);
    assert_eq!(heard(&mut driver), [ENDED]);
}

#[test]
fn a_page_that_is_shown_at_the_wake_is_not_shown_within_a_warning_that_was_over() {
    let mut driver = signed_in();
    see(&mut driver, false);
    driver.pass(TIMEOUT - Span::from_secs(30));
    driver.now.wall += MINUTE;
    see(&mut driver, true);
    answer_probe(&mut driver);
    assert!(is_over(&driver));
}

#[test]
fn a_token_that_comes_in_doubt_does_not_hide_the_sleep() {
    let mut driver = signed_in();
    driver.renew();
    let attempt = driver.last_attempt();
    driver.now.wall += TIMEOUT + SECOND;
    driver.timeout();
    // Its own flight tells nothing of the time.
    let answer = driver.grant(HOUR);
    let outcome = driver.success(answer);
    driver.settle(attempt, outcome);
    assert!(!is_over(&driver));
    assert_eq!(driver.session.usable_token(), None);
    answer_probe(&mut driver);
    assert!(is_over(&driver));
}
