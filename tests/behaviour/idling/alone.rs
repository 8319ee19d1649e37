//! One page.

use super::*;

#[test]
fn the_warning_is_given_and_then_the_session_ends_and_the_server_is_told() {
    let mut driver = signed_in();
    driver.pass(TIMEOUT - MINUTE - SECOND);
    assert_eq!(heard(&mut driver), []);
    assert_eq!(driver.session.snapshot().idle_ends_at, None);
    driver.pass(SECOND);
    assert_eq!(heard(&mut driver), [warning(&driver, MINUTE)]);
    let ends_at = driver.now.wall + MINUTE;
    assert_eq!(driver.session.snapshot().idle_ends_at, Some(ends_at));
    assert_eq!(driver.session.idle_deadline(), Some(ends_at));
    driver.pass(MINUTE - Span::from_millis(1));
    assert_eq!(heard(&mut driver), []);
    assert!(driver.session.usable_token().is_some());
    driver.pass(Span::from_millis(1));
    assert_eq!(heard(&mut driver), [ENDED]);
    assert!(is_over(&driver));
    assert_eq!(driver.session.held_token(), None);
    assert_eq!(driver.session.idle_deadline(), None);
    assert_eq!(driver.session.snapshot().idle_ends_at, None);
    assert_eq!(driver.logouts.len(), 1);
    assert_eq!(driver.record.ending, Some(Ending::Untold));
    let ticket = driver.need_token(None);
    let refused = Settlement::Failed(SessionError::SignedOut);
    assert_eq!(driver.settlement(ticket), Some(refused));
}

#[test]
fn off_it_does_nothing() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let before = driver.session.poll_timeout();
    driver.input(Input::Activity);
    driver.input(Input::Extend);
    assert_eq!(driver.session.poll_timeout(), before);
    assert_eq!(driver.session.idle_deadline(), None);
    assert_eq!(driver.session.idle_for(driver.now), None);
    assert_eq!(driver.record.activity, None);
    see(&mut driver, false);
    assert_eq!(driver.record.activity, None);
}

#[test]
fn an_activity_puts_the_end_off_and_moves_no_timer() {
    let mut driver = signed_in();
    let before = driver.session.poll_timeout();
    for _ in 0..100 {
        driver.shift(Span::from_millis(100));
        driver.input(Input::Activity);
        assert_eq!(driver.session.poll_timeout(), before);
    }
    assert_eq!(
        driver.session.idle_deadline(),
        Some(driver.now.wall + TIMEOUT)
    );
    driver.pass(TIMEOUT - MINUTE);
    assert_eq!(heard(&mut driver), [warning(&driver, MINUTE)]);
}

#[test]
fn what_happens_without_the_user_is_no_activity() {
    let mut driver = signed_in();
    see(&mut driver, false);
    for _ in 0..29 {
        driver.pass(MINUTE - SECOND);
        driver.need_token(None);
        driver.renew();
        driver.succeed(Span::from_hours(24));
        see(&mut driver, true);
        see(&mut driver, false);
        driver.connectivity(false);
        driver.connectivity(true);
        driver.pass(SECOND);
    }
    assert_eq!(heard(&mut driver), [warning(&driver, MINUTE)]);
    driver.pass(MINUTE);
    assert!(is_over(&driver));
}

#[test]
fn with_confirm_only_the_wish_to_stay_answers_the_warning() {
    let mut driver = signed_in();
    driver.pass(TIMEOUT - MINUTE);
    driver.take_events();
    driver.input(Input::Activity);
    driver.pass(SECOND);
    assert_eq!(heard(&mut driver), []);
    assert!(driver.session.snapshot().idle_ends_at.is_some());
    driver.input(Input::Extend);
    assert_eq!(
        heard(&mut driver),
        [Event::IdleExtended { by: By::ThisTab }]
    );
    assert_eq!(driver.session.snapshot().idle_ends_at, None);
    driver.pass(TIMEOUT - MINUTE);
    assert_eq!(heard(&mut driver), [warning(&driver, MINUTE)]);
    driver.input(Input::Activity);
    driver.pass(MINUTE);
    assert_eq!(heard(&mut driver), [ENDED]);
}

#[test]
fn without_it_any_activity_does() {
    let mut driver = with(config(false));
    for _ in 0..3 {
        driver.pass(TIMEOUT - SECOND);
        driver.take_events();
        driver.input(Input::Activity);
        assert_eq!(
            heard(&mut driver),
            [Event::IdleExtended { by: By::ThisTab }]
        );
    }
    driver.pass(TIMEOUT);
    assert!(is_over(&driver));
}

#[test]
fn without_a_warning_the_wish_to_stay_is_an_activity() {
    let mut driver = signed_in();
    driver.pass(TIMEOUT - MINUTE - SECOND);
    driver.input(Input::Extend);
    assert_eq!(heard(&mut driver), []);
    driver.pass(TIMEOUT - MINUTE - SECOND);
    assert_eq!(heard(&mut driver), []);
    driver.sign_out(false);
    driver.take_events();
    driver.input(Input::Extend);
    driver.input(Input::Activity);
    driver.pass(HOUR);
    assert_eq!(driver.session.idle_deadline(), None);
    assert_eq!(heard(&mut driver), []);
}

#[test]
fn a_page_that_is_shown_only_within_the_warning_gives_time_to_answer_once() {
    let mut driver = signed_in();
    see(&mut driver, false);
    driver.pass(TIMEOUT - Span::from_secs(5));
    driver.take_events();
    see(&mut driver, true);
    let end = driver.now.wall + Span::from_secs(20);
    assert_eq!(driver.session.snapshot().idle_ends_at, Some(end));
    driver.pass(Span::from_secs(12));
    see(&mut driver, false);
    see(&mut driver, true);
    assert_eq!(driver.session.snapshot().idle_ends_at, Some(end));
    driver.pass(Span::from_secs(7));
    assert!(driver.session.usable_token().is_some());
    driver.pass(SECOND);
    assert_eq!(heard(&mut driver), [ENDED]);
}

#[test]
fn early_in_the_warning_that_changes_nothing_and_a_hidden_page_never_does() {
    for shown_after in [None, Some(Span::ZERO), Some(Span::from_secs(39))] {
        let mut driver = signed_in();
        see(&mut driver, false);
        driver.pass(TIMEOUT - MINUTE);
        if let Some(after) = shown_after {
            driver.pass(after);
            see(&mut driver, true);
        }
        let rest = MINUTE - shown_after.unwrap_or(Span::ZERO);
        driver.pass(rest - Span::from_millis(1));
        assert!(!is_over(&driver));
        driver.pass(Span::from_millis(1));
        assert!(is_over(&driver), "{shown_after:?}");
    }
}

#[test]
fn a_short_warning_gives_no_more_than_itself() {
    let mut short = config(true);
    short.idle = Some(IdleConfig {
        timeout: Span::from_secs(4),
        warning: Span::from_secs(2),
        confirm: true,
    });
    let mut driver = with(short);
    see(&mut driver, false);
    driver.pass(Span::from_secs(3));
    see(&mut driver, true);
    driver.pass(Span::from_millis(1999));
    assert!(!is_over(&driver));
    driver.pass(Span::from_millis(1));
    assert!(is_over(&driver));
}

#[test]
fn extensions_have_no_limit_but_the_longest_age() {
    let mut driver = with(Config {
        max_age: Some(Span::from_hours(20)),
        ..config(true)
    });
    see(&mut driver, false);
    for _ in 0..40 {
        driver.pass(TIMEOUT - SECOND);
        driver.input(Input::Extend);
    }
    driver.pass(MINUTE);
    assert_eq!(
        driver.session.snapshot().reason,
        Some(EndReason::MaxAge),
        "{:?}",
        driver.events
    );
}

#[test]
fn a_renewal_on_its_way_when_the_session_ends_has_the_server_told_again() {
    let mut driver = signed_in();
    see(&mut driver, false);
    driver.pass(TIMEOUT - SECOND);
    driver.renew();
    driver.pass(SECOND);
    assert!(is_over(&driver));
    assert_eq!(driver.logouts.len(), 1);
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.record.ending, Some(Ending::Untold));
    driver.succeed(HOUR);
    assert!(is_over(&driver), "a late answer brings nobody back");
    driver.pass_until_logout();
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.record, Record::default());
}

#[test]
fn the_time_since_the_last_activity_is_told() {
    let mut driver = signed_in();
    driver.pass(Span::from_secs(90));
    assert_eq!(
        driver.session.idle_for(driver.now),
        Some(Span::from_secs(90))
    );
    driver.input(Input::Activity);
    assert_eq!(driver.session.idle_for(driver.now), Some(Span::ZERO));
    let mut endless = config(false);
    endless.idle = Some(IdleConfig {
        timeout: Span::MAX,
        warning: Span::ZERO,
        confirm: false,
    });
    let mut driver = with(endless);
    see(&mut driver, false);
    driver.pass(Span::from_hours(20));
    assert_eq!(heard(&mut driver), []);
    assert_eq!(driver.session.idle_deadline(), None);
    assert_eq!(
        driver.session.idle_for(driver.now),
        Some(Span::from_hours(20))
    );
}
