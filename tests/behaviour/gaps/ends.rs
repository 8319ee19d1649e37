//! What a gap means for the session's end, and for what comes after it.

use sessionkeeper::*;

use super::*;

#[test]
fn a_session_whose_end_has_passed_in_sleep_ends_once_that_is_certain() {
    for server in [Server::Tells, Server::TellsNothing, Server::Silent] {
        let mut driver = started(Config::default(), Span::from_mins(15), Span::from_hours(6));
        sleep(&mut driver, Span::from_hours(8), false);
        driver.timeout();
        let need = driver.need_token(None);
        assert_eq!(driver.state(), SessionState::Active);
        let sent = driver.now;
        match server {
            Server::Silent => driver.pass(PROBE_LIMIT),
            _ => {
                driver.shift(LATENCY);
                probed(&mut driver, sent, server == Server::Tells);
            }
        }
        let expected = Settlement::Failed(SessionError::SignedOut);
        assert_eq!(driver.settlement(need), Some(expected));
        let reason = driver.session.snapshot().reason;
        assert_eq!(reason, Some(EndReason::Expired), "{server:?}");
        assert_eq!(driver.session.held_token(), None);
        assert_eq!(driver.session.poll_timeout(), None);
    }
    let mut driver = started(Config::default(), Span::from_mins(15), Span::from_hours(6));
    sleep(&mut driver, Span::from_hours(8), true);
    driver.timeout();
    let reason = driver.session.snapshot().reason;
    assert_eq!(reason, Some(EndReason::Expired));
}

#[test]
fn a_clock_that_was_set_past_the_sessions_end_does_not_end_it() {
    let mut driver = started(Config::default(), Span::from_mins(15), Span::from_hours(6));
    set(&mut driver, YEAR);
    driver.timeout();
    let sent = driver.now;
    driver.shift(LATENCY);
    probed(&mut driver, sent, true);
    assert_eq!(driver.state(), SessionState::Active);
    let ends_at = driver.session.snapshot().ends_at.unwrap() - driver.now.wall;
    assert!(
        Span::from_hours(6) - Span::from_secs(10) < ends_at && ends_at <= Span::from_hours(6),
        "{ends_at:?}"
    );
}

#[test]
fn a_sleep_is_told_from_a_set_clock_after_an_earlier_one_was_left_open() {
    let mut driver = started(Config::default(), Span::from_hours(8), YEAR);
    let woken = |driver: &mut Driver, date: bool| {
        driver.timeout();
        let sent = driver.now;
        driver.shift(LATENCY);
        probed(driver, sent, date);
        let events = driver.take_events();
        jumps(&events)[0].0
    };
    sleep(&mut driver, Span::from_hours(1), false);
    assert_eq!(woken(&mut driver, false), JumpKind::Unknown);
    let before = driver.session.snapshot().token_expires_at.unwrap() - driver.now.wall;
    set(&mut driver, Span::from_hours(5));
    // The first hour may be a part of what the server's clock has gained.
    assert_eq!(woken(&mut driver, true), JumpKind::SetForward);
    let after = driver.session.snapshot().token_expires_at.unwrap() - driver.now.wall;
    assert!(after <= before && before - after <= Span::from_hours(1) + Span::from_secs(5));
    assert!(driver.session.usable_token().is_some());
    sleep(&mut driver, Span::from_hours(2), false);
    assert_eq!(woken(&mut driver, true), JumpKind::Sleep);
}

#[test]
fn short_sleeps_are_time_that_passes() {
    let mut driver = started(Config::default(), Span::from_secs(30), YEAR);
    let lapses = driver.server_time() + Span::from_secs(30);
    driver.input(Input::Connectivity { online: false });
    while driver.server_time() < lapses + Span::from_secs(10) {
        sleep(&mut driver, Span::from_millis(1_500), false);
        driver.timeout();
        driver.pass(LATENCY);
        assert!(driver.session.usable_token().is_none() || driver.server_time() < lapses);
    }
    assert!(driver.probes.is_empty());
    assert!(jumps(&driver.take_events()).is_empty());
}

#[test]
fn a_renewal_that_tells_the_time_is_as_good_as_the_answer_to_the_question() {
    let mut driver = started(Config::default(), Span::from_hours(8), YEAR);
    set(&mut driver, Span::from_hours(2));
    driver.timeout();
    let need = driver.need_token(None);
    driver.renew();
    driver.pass(LATENCY);
    driver.succeed(Span::from_hours(8));
    assert_eq!(driver.settlement(need), Some(Settlement::Token));
    let expected = vec![(JumpKind::SetForward, Span::from_hours(2))];
    assert_eq!(jumps(&driver.take_events()), expected);
}

#[test]
fn where_only_dates_are_told_a_gap_of_unknown_kind_does_not_make_every_token_look_dead() {
    let lifetime = Span::from_mins(15);
    let mut driver = started(Config::default(), lifetime, YEAR);
    set(&mut driver, Span::from_hours(8));
    driver.timeout();
    let sent = driver.now;
    driver.shift(LATENCY);
    probed(&mut driver, sent, false);
    assert_eq!(driver.attempts.len(), 1);
    driver.pass(LATENCY);
    let mut answer = driver.grant(lifetime);
    answer.expires_in = None;
    let outcome = Outcome::Answered(Reply {
        status: 200,
        date: None,
        aged: false,
        retry_after: None,
        answer: Some(answer),
    });
    driver.settle(driver.last_attempt(), outcome);
    assert_eq!(driver.state(), SessionState::Active);
    assert!(driver.session.usable_token().is_some());
}
