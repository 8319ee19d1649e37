//! What a browser remembers between two loads of a page, and what comes of it.

use sessionkeeper::retry_after::RetryAfter;
use sessionkeeper::*;

use crate::support::Driver;

const HOUR: Span = Span::from_hours(1);

fn with_logout() -> Config {
    Config {
        logout: true,
        ..Config::default()
    }
}

/// A browser in which somebody has signed out, and whose server does not know of it yet.
fn signed_out() -> Driver {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.sign_out(true);
    driver.hear_logout(Outcome::Unreachable);
    driver
}

#[test]
fn a_renewal_that_the_page_did_not_outlive_is_taken_up_with_its_key() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    let key = driver.last_attempt().key;
    driver.reload(with_logout());
    driver.restore();
    assert_eq!(driver.last_attempt().key, key);
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);
    assert_eq!(driver.record.key, None);
    driver.pass(Span::from_secs(20));
    driver.renew();
    assert_ne!(driver.last_attempt().key, key, "it was answered");
}

#[test]
fn a_new_key_waits_for_what_a_page_that_is_gone_may_have_sent() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    let key = driver.last_attempt().key;
    driver.reload(with_logout());
    driver.restore();
    driver.succeed(HOUR);
    // The first attempt may come to the server after this one.
    let waiting = driver.renew();
    assert_eq!(driver.attempts.len(), 2);
    assert!(driver.pass_until_attempt() <= Span::from_secs(3));
    assert_ne!(driver.last_attempt().key, key);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(waiting), Some(Settlement::Done));
    // As does a page without a token.
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    driver.reload(with_logout());
    driver.restore();
    driver.succeed(HOUR);
    driver.reload(with_logout());
    driver.restore();
    assert_eq!(driver.attempts.len(), 2);
    let waited = driver.pass_until_attempt();
    assert!(
        waited > Span::ZERO && waited <= Span::from_secs(3),
        "{waited:?}"
    );
    // And a clock that was set back makes nobody wait for ever.
    driver.reload(with_logout());
    driver.shift(Span::ZERO - HOUR);
    driver.restore();
    assert_eq!(driver.attempts.len(), 4);
}

#[test]
fn a_third_attempt_waits_for_those_of_pages_that_are_gone() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    for attempts in [2, 2] {
        driver.pass(Span::from_millis(500));
        driver.reload(with_logout());
        driver.restore();
        assert_eq!(driver.attempts.len(), attempts);
    }
    assert_eq!(driver.pass_until_attempt(), Span::from_millis(2_500));
    let keys: Vec<_> = driver.attempts.iter().map(|attempt| attempt.key).collect();
    assert_eq!(keys, [keys[0]; 3]);
}

#[test]
fn a_page_that_goes_gives_its_request_up_but_the_request_does_not_know() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    driver.input(Input::Leaving { cached: false });
    let sent = driver.record.open;
    assert_eq!(sent, [Some(driver.now.wall), None]);
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    assert_eq!(driver.record.open, sent);
}

#[test]
fn nobody_waits_for_attempts_that_were_answered() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    for _ in 0..3 {
        driver.renew();
        driver.fail(503);
        driver.pass_until_attempt();
        driver.succeed(HOUR);
        assert_eq!(driver.record.open, [None; 2]);
        driver.reload(with_logout());
        driver.restore();
        driver.succeed(HOUR);
    }
    assert_eq!(driver.attempts.len(), 9);
}

#[test]
fn a_key_is_remembered_before_the_request_leaves_and_until_an_answer_has_come() {
    let mut driver = Driver::with(with_logout());
    driver.restore();
    let key = driver.last_attempt().key;
    for status in [503, 429, 409] {
        assert_eq!(driver.record.key, Some(key));
        driver.fail(status);
        driver.pass_until_attempt();
        assert_eq!(driver.last_attempt().key, key, "{status}");
    }
    driver.fail(401);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert_eq!(driver.record, Record::default());
}

#[test]
fn a_remembered_renewal_whose_token_has_lapsed_makes_room_for_another() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    let old = driver.last_attempt().key;
    driver.reload(with_logout());
    // A server that answers a repeated attempt word for word hands out the token of then.
    let stale = driver.grant(Span::from_secs(60));
    driver.shift(HOUR);
    driver.restore();
    assert_eq!(driver.last_attempt().key, old);
    let outcome = driver.success(TokenAnswer {
        expires_in: None,
        ..stale
    });
    driver.settle(driver.last_attempt(), outcome);
    driver.pass_until_attempt();
    assert_ne!(driver.last_attempt().key, old);
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn an_end_is_an_end_across_reloads() {
    let mut driver = signed_out();
    for _ in 0..3 {
        driver.reload(with_logout());
        let told = driver.logouts.len();
        let ticket = driver.restore();
        assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
        assert_eq!(driver.state(), SessionState::SignedOut);
        assert_eq!(driver.logouts.len(), told + 1);
        driver.hear_logout(Outcome::Unreachable);
    }
    assert!(driver.attempts.is_empty(), "nothing is renewed");
    driver.hear_logout(driver.status(204));
    driver.pass_until_logout();
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.record, Record::default());
    assert_eq!(driver.session.poll_timeout(), None);
    // The server knows: it may be asked whether there is a session.
    driver.restore();
    assert_eq!(driver.attempts.len(), 1);
}

#[test]
fn the_server_is_told_again_until_it_knows() {
    let mut driver = signed_out();
    let mut waits = Vec::new();
    for round in 0..12 {
        waits.push(driver.pass_until_logout());
        let status = [500, 503, 429, 408][round % 4];
        driver.hear_logout(driver.status(status));
    }
    let longest = waits.iter().max().expect("waits");
    assert!(*longest > Span::from_secs(30), "{waits:?}");
    assert!(*longest <= Span::from_mins(5), "{waits:?}");
    driver.pass_until_logout();
    let floor = RetryAfter::Delay(Span::from_mins(20));
    driver.hear_logout(driver.retry_after(503, floor));
    assert!(driver.pass_until_logout() >= Span::from_mins(20));
    // Nobody hears an answer to an earlier question.
    let earlier = driver.logouts[0];
    let outcome = driver.status(204);
    driver.input(Input::LogoutSettled {
        id: earlier,
        outcome,
    });
    assert_eq!(driver.record.ending, Some(Ending::Untold));
    // One that never comes is not waited for.
    driver.pass_until_logout();
    driver.hear_logout(driver.status(401));
    assert_eq!(driver.record, Record::default());
    assert_eq!(driver.session.poll_timeout(), None);
}

#[test]
fn coming_online_is_a_reason_to_tell_the_server_at_once() {
    let mut driver = signed_out();
    for _ in 0..6 {
        driver.pass_until_logout();
        driver.hear_logout(Outcome::Unreachable);
    }
    driver.connectivity(false);
    driver.connectivity(true);
    assert_eq!(driver.pass_until_logout(), Span::ZERO);
}

#[test]
fn a_server_that_will_not_hear_of_it_is_left_alone_until_the_next_load() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    let ticket = driver.sign_out(true);
    driver.hear_logout(driver.status(404));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.session.poll_timeout(), None);
    driver.reload(with_logout());
    driver.restore();
    assert_eq!(driver.logouts.len(), 2);
    assert!(driver.attempts.is_empty());
}

#[test]
fn a_local_end_stays_and_the_server_hears_nothing() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.sign_out(false);
    driver.reload(with_logout());
    driver.restore();
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert!(driver.attempts.is_empty() && driver.logouts.is_empty());
}

#[test]
fn a_sign_in_is_a_new_beginning() {
    let mut driver = signed_out();
    driver.shift(Span::from_secs(1));
    let answer = driver.grant(HOUR);
    driver.begin(answer);
    assert_eq!(driver.record.ending, None);
    assert_eq!(driver.record.started, Some(driver.now.wall));
    driver.input(Input::Visibility { visible: false });
    driver.pass(Span::from_mins(40));
    assert_eq!(driver.logouts.len(), 1, "the new session is not ended");

    let mut driver = signed_out();
    driver.reload(with_logout());
    driver.restore_as(true);
    assert_eq!(driver.record.ending, None);
    assert_eq!(driver.attempts.len(), 1);
    driver.succeed(HOUR);
    driver.reload(with_logout());
    driver.restore();
    assert_eq!(driver.attempts.len(), 2);
}

#[test]
fn a_sign_in_in_another_tab_stops_what_would_end_it() {
    let mut driver = signed_out();
    let begun = Note::Begun(driver.now.wall);
    driver.record = driver.record.noted(begun);
    driver.pass(HOUR);
    assert_eq!(driver.logouts.len(), 1);
    assert_eq!(driver.session.poll_timeout(), None);
}

#[test]
fn an_end_in_another_tab_is_found_before_a_renewal_leaves() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.record = driver.record.noted(Note::Ended(Ending::Untold));
    let call = driver.renew();
    assert!(driver.attempts.is_empty());
    let expected = Settlement::Failed(SessionError::SignedOut);
    assert_eq!(driver.settlement(call), Some(expected));
    let ended = Event::Ended {
        reason: EndReason::SignedOut,
        by: By::OtherTab,
    };
    assert_eq!(driver.take_events(), [ended]);
    assert!(driver.logouts.is_empty(), "that tab tells the server");
}

#[test]
fn a_cookie_that_came_after_the_sign_out_is_dealt_with() {
    // The answer comes before the server has heard of the end, after that, or never.
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    driver.sign_out(true);
    driver.succeed(HOUR);
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.logouts.len(), 2);
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.record, Record::default());

    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    driver.sign_out(true);
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.record.ending, Some(Ending::Untold), "until it has");
    let attempt = driver.last_attempt();
    driver.settle(attempt, Outcome::Unreachable);
    assert_eq!(driver.logouts.len(), 2, "it may have come all the same");
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.record, Record::default());

    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    driver.sign_out(true);
    driver.hear_logout(driver.status(204));
    driver.fail(401);
    assert_eq!(driver.logouts.len(), 1);
    assert_eq!(driver.record, Record::default());
}

#[test]
fn an_end_that_the_server_has_announced_needs_no_telling() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    driver.fail(401);
    driver.fail(401);
    assert_eq!(driver.session.snapshot().reason, Some(EndReason::Rejected));
    assert_eq!(driver.record, Record::default());
    assert!(driver.logouts.is_empty());
}

#[test]
fn what_is_strange_about_a_server_is_said_once() {
    let mut driver = Driver::signed_in(with_logout(), HOUR);
    driver.renew();
    driver.fail(418);
    driver.pass_until_attempt();
    driver.fail(404);
    assert_eq!(driver.said, [Remark::UnexpectedStatus(418)]);
    for _ in 0..2 {
        driver.pass_until_attempt();
        let year = RetryAfter::Delay(Span::from_hours(24 * 365));
        driver.settle(driver.last_attempt(), driver.retry_after(503, year));
    }
    assert_eq!(driver.said[1..], [Remark::LongRetryAfter]);
    let wait = driver.pass_until_attempt();
    assert!(wait <= HOUR + Span::from_secs(30), "{wait:?}");
}
