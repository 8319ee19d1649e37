//! What a session does at rest: how seldom it wakes, what a hidden page defers, how it ends.

use sessionkeeper::*;

use super::*;

/// How often a session asks to be called in an hour.
fn wakeups(driver: &mut Driver) -> usize {
    let end = driver.now.monotonic + Span::from_hours(1);
    let mut wakeups = 0;
    let mut answered = driver.attempts.len();
    while let Some(deadline) = driver.session.poll_timeout()
        && deadline.at < end
    {
        wakeups += 1;
        driver.shift((deadline.at - driver.now.monotonic).max(Span::ZERO));
        driver.timeout();
        if driver.attempts.len() > answered {
            answered = driver.attempts.len();
            driver.shift(LATENCY);
            driver.succeed(Span::from_hours(1));
        }
    }
    driver.shift(end - driver.now.monotonic);
    wakeups
}

#[test]
fn a_session_at_rest_wakes_seldom() {
    let mut driver = started(Config::default(), Span::from_hours(1), YEAR);
    for _ in 0..20 {
        assert!(wakeups(&mut driver) <= 62);
    }
    assert!(driver.attempts.len() >= 20);
    driver.input(Input::Visibility { visible: false });
    for _ in 0..20 {
        let before = driver.attempts.len();
        let woken = wakeups(&mut driver);
        assert!(woken <= driver.attempts.len() - before + 1, "{woken}");
    }
    driver.input(Input::Visibility { visible: true });
    assert!((59..=62).contains(&wakeups(&mut driver)));
}

#[test]
fn a_hidden_page_that_defers_renews_when_it_is_shown_or_a_token_is_needed() {
    let deferring = || {
        let mut config = Config::default();
        config.renewal.hidden = Hidden::Defer;
        let mut driver = started(config, Span::from_hours(1), YEAR);
        driver.input(Input::Visibility { visible: false });
        driver
    };
    for hours in [0, 30] {
        let due = Span::from_mins(56) + Span::from_hours(hours);
        let mut driver = deferring();
        driver.pass(due);
        assert!(driver.attempts.is_empty());
        driver.input(Input::Visibility { visible: false });
        assert!(driver.attempts.is_empty());
        driver.input(Input::Visibility { visible: true });
        assert_eq!(driver.attempts.len(), 1);
        driver.succeed(Span::from_hours(1));
        assert_eq!(driver.state(), SessionState::Active);
        driver.input(Input::Visibility { visible: false });
        driver.input(Input::Visibility { visible: true });
        assert_eq!(driver.attempts.len(), 1, "once");

        let mut driver = deferring();
        driver.pass(due);
        let need = driver.need_token(None);
        // One that lives is handed out meanwhile.
        let lives = (hours == 0).then_some(Settlement::Token);
        assert_eq!(driver.settlement(need), lives);
        assert_eq!(driver.attempts.len(), 1);
        driver.succeed(Span::from_hours(1));
        assert_eq!(driver.settlement(need), Some(Settlement::Token));
    }
    // Shown before it is due, there is nothing to make up for.
    let mut driver = deferring();
    driver.pass(Span::from_mins(10));
    driver.input(Input::Visibility { visible: true });
    assert!(driver.attempts.is_empty());
    driver.pass_until_attempt();
}

#[test]
fn what_was_deferred_is_forgotten_with_the_session() {
    let mut config = Config::default();
    config.renewal.hidden = Hidden::Defer;
    let mut driver = started(config, Span::from_hours(1), YEAR);
    driver.input(Input::Visibility { visible: false });
    driver.pass(Span::from_hours(2));
    driver.sign_out(false);
    driver.input(Input::Visibility { visible: true });
    assert!(driver.attempts.is_empty());
}

#[test]
fn the_end_of_the_session_is_announced_once_before_it_comes() {
    for (session, notice) in [
        (Span::from_hours(10), Span::from_mins(5)),
        (Span::from_mins(10), Span::from_mins(1)),
    ] {
        for visible in [true, false] {
            let mut driver = started(Config::default(), Span::from_mins(15), session);
            let end = driver.now.monotonic + session;
            driver.input(Input::Visibility { visible });
            let mut told = Vec::new();
            while driver.state() == SessionState::Active {
                let deadline = driver.session.poll_timeout().expect("a deadline");
                driver.pass((deadline.at - driver.now.monotonic).max(Span::ZERO));
                for event in driver.take_events() {
                    match event {
                        Event::SessionEnding { ends_at } => {
                            told.push((driver.now.monotonic, ends_at - driver.now.wall));
                        }
                        Event::Ended { reason, by } => {
                            assert_eq!((reason, by), (EndReason::Expired, By::Server));
                            assert_eq!(driver.now.monotonic, end);
                        }
                        _ => {}
                    }
                }
                let due = driver.attempts.pop();
                if let Some(attempt) = due {
                    let mut answer = driver.grant(Span::from_mins(15));
                    let left = end - driver.now.monotonic;
                    answer.session_expires_in = Some(left.as_millis() as f64 / 1000.0);
                    let outcome = driver.success(answer);
                    driver.settle(attempt, outcome);
                }
            }
            let reason = driver.session.snapshot().reason;
            assert_eq!(reason, Some(EndReason::Expired));
            let [(at, left)] = told[..] else {
                panic!("{session:?}: told {told:?}");
            };
            assert!(end - at == left && left <= notice, "{session:?}: {left:?}");
            assert!(left > Span::ZERO, "{session:?}: {left:?}");
        }
    }
}
