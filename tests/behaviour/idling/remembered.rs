//! What outlives a page.

use super::*;

fn load(driver: &mut Driver) -> Ticket {
    driver.reload(config(true));
    driver.take_events();
    driver.restore()
}

#[test]
fn the_record_is_written_now_and_then_and_when_the_page_goes() {
    let mut driver = signed_in();
    let at = |driver: &Driver| driver.record.activity.expect("an activity").at;
    let mut writes = Vec::new();
    for _ in 0..60 {
        let before = at(&driver);
        driver.pass(SECOND);
        driver.input(Input::Activity);
        if at(&driver) != before {
            writes.push(driver.now.wall);
        }
    }
    assert_eq!(writes.len(), 4, "every 15 s");
    assert!(at(&driver) == driver.now.wall);
    driver.pass(SECOND);
    driver.input(Input::Activity);
    assert_ne!(at(&driver), driver.now.wall);
    driver.input(Input::Leaving { cached: false });
    assert_eq!(at(&driver), driver.now.wall);
    driver.pass(SECOND);
    driver.input(Input::Activity);
    see(&mut driver, false);
    assert_eq!(at(&driver), driver.now.wall);
    driver.pass(SECOND);
    driver.input(Input::Activity);
    driver.pass(TIMEOUT - MINUTE - SECOND);
    let last = driver.now.wall - (TIMEOUT - MINUTE - SECOND);
    assert_eq!(at(&driver), last, "before anybody is warned");
}

#[test]
fn the_deadline_goes_on_in_the_next_page_whose_load_is_no_activity() {
    let mut driver = signed_in();
    see(&mut driver, false);
    driver.input(Input::Leaving { cached: false });
    let deadline = driver.session.idle_deadline();
    driver.pass(Span::from_mins(10));
    load(&mut driver);
    assert_eq!(driver.session.idle_deadline(), deadline);
    driver.succeed(HOUR);
    assert_eq!(driver.session.idle_deadline(), deadline);
    driver.pass(Span::from_mins(19));
    assert_eq!(heard(&mut driver), [warning(&driver, MINUTE)]);
}

#[test]
fn past_it_the_session_has_ended_and_nothing_is_asked_but_the_server_told() {
    let mut driver = signed_in();
    driver.input(Input::Leaving { cached: false });
    driver.shift(TIMEOUT);
    let sent = driver.attempts.len();
    let ticket = load(&mut driver);
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(heard(&mut driver), [ENDED]);
    assert!(is_over(&driver));
    assert_eq!(driver.attempts.len(), sent);
    assert_eq!(driver.logouts.len(), 1);
    driver.hear_logout(Outcome::Unreachable);
    load(&mut driver);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert_eq!(driver.attempts.len(), sent, "it stays ended");
    assert_eq!(driver.logouts.len(), 2, "the server is told again");
    driver.restore_as(true);
    assert_eq!(driver.state(), SessionState::Starting);
    assert_eq!(
        driver.session.idle_deadline(),
        Some(driver.now.wall + TIMEOUT)
    );
}

#[test]
fn a_page_that_is_loaded_within_the_warning_warns_once_there_is_a_session() {
    let mut driver = signed_in();
    driver.input(Input::Leaving { cached: false });
    driver.shift(TIMEOUT - Span::from_secs(5));
    load(&mut driver);
    driver.pass(SECOND);
    assert_eq!(heard(&mut driver), []);
    driver.succeed(HOUR);
    driver.pass(Span::ZERO);
    let events = driver.take_events();
    let [Event::Started { .. }, Event::IdleWarning { remaining, .. }] = events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(remaining, Span::from_secs(20));
    driver.pass(Span::from_secs(20));
    assert!(is_over(&driver));
}

#[test]
fn a_session_that_is_not_there_yet_ends_too() {
    let mut driver = signed_in();
    driver.input(Input::Leaving { cached: false });
    driver.shift(TIMEOUT - Span::from_secs(5));
    load(&mut driver);
    driver.fail(503);
    see(&mut driver, false);
    driver.pass(Span::from_secs(5));
    assert_eq!(heard(&mut driver), [ENDED]);
}

#[test]
fn without_a_record_the_load_counts() {
    let mut driver = signed_in();
    driver.record = Record::default();
    load(&mut driver);
    driver.succeed(HOUR);
    assert_eq!(
        driver.session.idle_deadline(),
        Some(driver.now.wall + TIMEOUT)
    );
    assert!(
        driver.record.activity.is_some(),
        "a reload does not restart it"
    );
}

#[test]
fn an_activity_of_the_future_counts_as_one_of_now() {
    let mut driver = signed_in();
    driver.input(Input::Leaving { cached: false });
    driver.shift(Span::ZERO - Span::from_hours(5));
    load(&mut driver);
    driver.succeed(HOUR);
    assert_eq!(
        driver.session.idle_deadline(),
        Some(driver.now.wall + TIMEOUT)
    );
}

#[test]
fn whoever_is_shown_the_warning_keeps_the_time_to_answer_over_a_reload() {
    let mut driver = signed_in();
    see(&mut driver, false);
    driver.pass(TIMEOUT - Span::from_secs(5));
    see(&mut driver, true);
    driver.pass(Span::from_secs(10));
    driver.input(Input::Leaving { cached: false });
    load(&mut driver);
    assert_eq!(driver.state(), SessionState::Starting);
    driver.succeed(HOUR);
    driver.pass(Span::from_secs(9));
    assert!(!is_over(&driver));
    driver.pass(SECOND);
    assert!(is_over(&driver));
}

#[test]
fn a_page_from_the_back_forward_cache_hears_what_the_record_says() {
    for (used, over) in [(false, true), (true, false)] {
        let mut driver = signed_in();
        driver.input(Input::Leaving { cached: false });
        driver.shift(TIMEOUT + SECOND);
        if used {
            // Another page was used meanwhile, and is closed.
            let activity = Activity {
                at: driver.now.wall - MINUTE,
                seen: None,
            };
            let now = driver.now.wall;
            driver.record = driver.record.noted(Note::Active { activity, now });
        }
        let (sent, record) = (driver.attempts.len(), driver.record);
        driver.input(Input::Returned {
            persisted: true,
            record,
        });
        assert_eq!(is_over(&driver), over);
        assert_eq!(driver.session.usable_token(), None);
        driver.pass(Span::ZERO);
        assert_eq!(driver.attempts.len(), sent + usize::from(used));
    }
}

#[test]
fn a_sign_in_is_not_ended_by_what_was_read_before_it() {
    let mut driver = signed_in();
    driver.pass(TIMEOUT);
    driver.hear_logout(Outcome::Unreachable);
    driver.shift(HOUR);
    // It is time to read the record again, for the server is still to be told.
    let answer = driver.grant(HOUR);
    driver.begin(answer);
    driver.pass(Span::from_mins(5));
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn a_tab_without_a_channel_hears_of_the_end_from_the_record() {
    let mut driver = signed_in();
    driver.record = driver.record.noted(Note::Ended(Ending::Untold));
    driver.pass(TIMEOUT - MINUTE);
    let by = By::OtherTab;
    let reason = EndReason::SignedOut;
    assert_eq!(heard(&mut driver), [Event::Ended { reason, by }]);
    assert_eq!(driver.logouts, [], "the other tab tells the server");
}
