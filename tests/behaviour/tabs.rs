//! What one tab makes of the others: `tests/tabs.rs` has them all together.

use sessionkeeper::*;

use crate::support::{Driver, read, token_text};

const HOUR: Span = Span::from_hours(1);
const OTHER: TabId = TabId(77);

/// What tabs that share everything are configured with.
pub(crate) fn tabs() -> Config {
    Config {
        logout: true,
        tabs: TabsConfig {
            locks: true,
            channel: true,
            share_token: true,
        },
        ..Config::default()
    }
}

fn signed_in(config: Config) -> Driver {
    let mut driver = Driver::signed_in(config, HOUR);
    driver.input(Input::Joined);
    driver.shared.clear();
    driver
}

/// A token that another tab has got now, in the session that was begun at this instant.
fn granted(driver: &Driver, started: Timestamp, later: i64) -> SharedGrant {
    let issued = driver.server_time().as_millis() / 1000;
    let claims = serde_json::json!({ "iat": issued, "exp": issued + 3600, "jti": later });
    SharedGrant {
        generation: Generation {
            started,
            asked: driver.now.wall + Span::from_millis(later),
            tab: OTHER,
        },
        token: Some(read(token_text(&claims)).unwrap()),
        is_shared: true,
        sent: driver.now.wall,
        expiry: driver.now.wall + HOUR,
        lifetime: HOUR,
        due: driver.now.wall + Span::from_mins(54),
        session_end: None,
        clock: None,
    }
}

fn hear(driver: &mut Driver, message: Message) {
    driver.input(Input::Peer(PeerMessage {
        from: OTHER,
        message,
    }));
}

/// What was posted since the last time.
fn posted(driver: &mut Driver) -> Vec<Message> {
    std::mem::take(&mut driver.shared)
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Post(post) => Some(post.message),
            _ => None,
        })
        .collect()
}

fn turn(driver: &Driver) -> TurnId {
    let asked = driver.shared.iter().rev().find_map(|effect| match effect {
        Effect::AskTurn { id } => Some(*id),
        _ => None,
    });
    asked.expect("a wish for the turn")
}

/// Grants the turn, to a tab that sees these standings.
fn grant_turn(driver: &mut Driver, standings: Vec<Standing>) {
    let id = turn(driver);
    driver.input(Input::Around {
        tabs: vec![OTHER],
        standings,
    });
    driver.input(Input::TurnCame { id });
}

fn started(driver: &Driver) -> Timestamp {
    driver.record.started.expect("a start")
}

#[test]
fn nothing_is_sent_before_it_is_this_tabs_turn() {
    let mut driver = signed_in(tabs());
    driver.renew();
    assert!(driver.attempts.is_empty());
    grant_turn(&mut driver, Vec::new());
    assert_eq!(driver.attempts.len(), 1);
    let key = driver.last_attempt().key;
    let sent = driver.now.wall;
    assert_eq!(posted(&mut driver), [Message::Pending(key, sent)]);
    driver.succeed(HOUR);
    // The others can see it before the turn is given up.
    let order: Vec<_> = driver
        .shared
        .iter()
        .map(|effect| match effect {
            Effect::Post(_) => "post",
            Effect::Stand(_) => "stand",
            Effect::EndTurn { .. } => "end",
            _ => "other",
        })
        .collect();
    assert_eq!(order, ["post", "stand", "end"]);
}

#[test]
fn a_token_from_another_tab_is_as_good_as_ones_own() {
    let mut driver = signed_in(tabs());
    let renew = driver.renew();
    let grant = granted(&driver, started(&driver), 1);
    let token = grant.token.clone().map(|read| read.token);
    hear(&mut driver, Message::Granted(grant));
    assert_eq!(driver.settlement(renew), Some(Settlement::Done));
    assert_eq!(driver.session.usable_token(), token.as_ref());
    let events = driver.take_events();
    assert!(
        matches!(
            events[..],
            [Event::Renewed {
                by: By::OtherTab,
                ..
            }]
        ),
        "{events:?}"
    );
    // The wish for the turn is taken back.
    let id = turn(&driver);
    assert!(driver.shared.contains(&Effect::EndTurn { id }));
    assert!(driver.attempts.is_empty());
    // The same one again, and an older one, are no news.
    for later in [1, 0] {
        let old = granted(&driver, started(&driver), later);
        hear(&mut driver, Message::Granted(old));
    }
    assert!(driver.take_events().is_empty());
    assert_eq!(driver.session.usable_token(), token.as_ref());
}

/// A sibling that knows no more than when its token was made has nothing else to say of the time.
#[test]
fn a_token_from_another_tab_tells_how_late_it_is_at_least() {
    let config = Config {
        max_age: Some(Span::from_hours(8)),
        ..tabs()
    };
    let mut driver = Driver::with(config);
    driver.skew = Span::from_hours(-3);
    driver.restore();
    let now = driver.now.wall;
    let issued = driver.server_time().as_millis() / 1000;
    let claims =
        serde_json::json!({ "iat": issued, "exp": issued + 3600, "auth_time": issued - 1800 });
    let grant = SharedGrant {
        token: Some(read(token_text(&claims)).unwrap()),
        ..granted(&driver, now, 0)
    };
    hear(&mut driver, Message::Granted(grant));
    assert_eq!(driver.state(), SessionState::Active);
    // As it is in the tab of the sign-in: neither by the device's clock, nor from now on.
    let is_recent =
        |driver: &Driver, mins| driver.session.is_recent(Span::from_mins(mins), driver.now);
    assert!(is_recent(&driver, 31) && !is_recent(&driver, 29));
    let ends_in = driver.session.snapshot().ends_at.unwrap() - now;
    let rounding = Span::from_secs(1);
    assert!(ends_in - Span::from_mins(450) <= rounding, "{ends_in:?}");
}

#[test]
fn a_turn_that_came_before_the_message_renews_nothing() {
    let mut driver = signed_in(tabs());
    let renew = driver.renew();
    let grant = granted(&driver, started(&driver), 1);
    let standing = Standing {
        generation: Some(grant.generation),
        failures: 0,
        until: None,
        sent: None,
    };
    grant_turn(&mut driver, vec![standing]);
    assert!(driver.attempts.is_empty());
    let asks = Message::Hello {
        started: driver.record.started,
        asks: true,
    };
    assert_eq!(posted(&mut driver), [asks]);
    hear(&mut driver, Message::Granted(grant));
    assert_eq!(driver.settlement(renew), Some(Settlement::Done));
    assert!(driver.attempts.is_empty());

    // Whoever has the newer token is frozen: it is not waited for.
    let mut driver = signed_in(tabs());
    driver.renew();
    grant_turn(&mut driver, vec![standing]);
    driver.pass(Span::from_secs(1));
    grant_turn(&mut driver, vec![standing]);
    assert_eq!(driver.attempts.len(), 1);
    driver.succeed(HOUR);
    let told = posted(&mut driver);
    let known = standing.generation;
    let newer = |message: &Message| matches!(message, Message::Granted(grant) if Some(grant.generation) > known);
    assert!(told.iter().any(newer), "{told:?}");
}

#[test]
fn restoring_is_settled_even_when_the_turn_does_not_come() {
    let mut driver = Driver::with(tabs());
    let ticket = driver.restore();
    let call = driver.need_token(None);
    driver.pass(Span::from_secs(15));
    let expected = Settlement::Failed(SessionError::Unavailable);
    assert_eq!(driver.settlement(call), Some(expected));
    assert_eq!(driver.state(), SessionState::Starting);
    driver.pass(Span::from_secs(15));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
    assert_eq!(driver.state(), SessionState::Degraded);
}

#[test]
fn a_tab_that_does_not_let_go_is_passed_by() {
    let mut driver = signed_in(tabs());
    driver.input(Input::Visibility { visible: false });
    driver.renew();
    let id = turn(&driver);
    driver.input(Input::TurnNear { id });
    driver.pass(Span::from_millis(11_999));
    assert!(!driver.shared.contains(&Effect::StealTurn { id }));
    driver.pass(Span::from_millis(1));
    assert!(driver.shared.contains(&Effect::StealTurn { id }));
    // With the key of whoever hung.
    let key = RenewalKey(42);
    let sent = driver.now.wall;
    hear(&mut driver, Message::Pending(key, sent));
    grant_turn(&mut driver, Vec::new());
    assert_eq!(driver.last_attempt().key, key);
}

#[test]
fn a_new_key_waits_for_what_another_tab_has_on_its_way() {
    let mut driver = signed_in(tabs());
    driver.input(Input::Visibility { visible: false });
    let standing = |sent| Standing {
        generation: None,
        failures: 0,
        until: None,
        sent,
    };
    driver.renew();
    let sent = driver.now.wall;
    for _ in 0..60 {
        grant_turn(&mut driver, vec![standing(Some(sent))]);
        assert!(driver.attempts.is_empty());
        let ended = driver.shared.last();
        assert!(matches!(ended, Some(Effect::EndTurn { .. })), "{ended:?}");
        driver.pass(Span::from_secs(1));
    }
    grant_turn(&mut driver, vec![standing(None)]);
    assert_eq!(driver.attempts.len(), 1);
}

/// Since when a tab is seen to wait for an answer.
fn seen_to_wait(driver: &Driver) -> Option<Timestamp> {
    let stood = driver.shared.iter().rev().find_map(|effect| match effect {
        Effect::Stand(standing) => Some(standing.sent),
        _ => None,
    });
    stood.expect("a standing")
}

#[test]
fn what_a_tab_has_sent_can_be_seen_until_it_is_answered() {
    let mut driver = signed_in(tabs());
    driver.renew();
    grant_turn(&mut driver, Vec::new());
    assert_eq!(seen_to_wait(&driver), Some(driver.now.wall));
    driver.succeed(HOUR);
    assert_eq!(seen_to_wait(&driver), None);
}

#[test]
fn a_refusal_is_an_answer_that_nobody_waits_for_any_longer() {
    // A visitor who is not signed in opens a second page, or comes back from a sign-in.
    let mut driver = Driver::with(tabs());
    driver.restore();
    grant_turn(&mut driver, Vec::new());
    assert_eq!(seen_to_wait(&driver), Some(driver.now.wall));
    driver.fail(401);
    assert_eq!(seen_to_wait(&driver), None);
    let order = driver.shared.iter().rev();
    let ended = order
        .clone()
        .position(|effect| matches!(effect, Effect::EndTurn { .. }));
    let stood = order
        .clone()
        .position(|effect| matches!(effect, Effect::Stand(_)));
    assert!(ended < stood, "it is seen before the turn is given up");

    // The second look has to wait, for too much has failed already.
    let mut driver = signed_in(tabs());
    for _ in 0..9 {
        driver.renew();
        grant_turn(&mut driver, Vec::new());
        driver.fail(503);
    }
    driver.renew();
    grant_turn(&mut driver, Vec::new());
    driver.fail(401);
    assert_eq!(driver.state(), SessionState::Active);
    assert_eq!(seen_to_wait(&driver), None);
}

#[test]
fn a_key_that_was_answered_to_another_tab_is_not_used_again() {
    let mut driver = signed_in(tabs());
    driver.renew();
    grant_turn(&mut driver, Vec::new());
    let key = driver.last_attempt().key;
    driver.pass(Span::from_secs(10));
    // It was repeated, and answered, which this tab has not heard of yet.
    driver.record = driver.record.noted(Note::Answered(key, driver.now.wall));
    driver.pass(Span::from_secs(2));
    grant_turn(&mut driver, Vec::new());
    assert_eq!(driver.attempts.len(), 1, "its own is on its way");
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    driver.pass(Span::from_millis(1));
    grant_turn(&mut driver, Vec::new());
    assert_ne!(driver.last_attempt().key, key);
}

#[test]
fn an_end_in_another_tab_is_one_here() {
    for reason in [EndReason::SignedOut, EndReason::Rejected] {
        let mut driver = signed_in(tabs());
        let started = started(&driver);
        let end = Message::Ended {
            started,
            reason,
            untold: true,
        };
        hear(&mut driver, end);
        assert_eq!(driver.state(), SessionState::SignedOut);
        assert_eq!(driver.session.held_token(), None);
        let ended = Event::Ended {
            reason,
            by: By::OtherTab,
        };
        assert_eq!(driver.take_events(), [ended]);
        assert!(driver.logouts.is_empty());
        // What was posted before the end, and comes after it.
        let late = granted(&driver, started, 9);
        hear(&mut driver, Message::Granted(late));
        assert_eq!(driver.state(), SessionState::SignedOut);
        // A sign-in elsewhere is one here, too.
        let next = granted(&driver, started + Span::from_millis(1), 0);
        hear(&mut driver, Message::Granted(next));
        assert_eq!(driver.state(), SessionState::Active);
    }
}

#[test]
fn an_end_is_passed_on_once_to_those_who_came_after_it() {
    let mut driver = signed_in(tabs());
    let end = Message::Ended {
        started: started(&driver),
        reason: EndReason::SignedOut,
        untold: true,
    };
    // It has come since the user signed out elsewhere, and knows of no session.
    hear(
        &mut driver,
        Message::Hello {
            started: None,
            asks: true,
        },
    );
    assert!(matches!(posted(&mut driver)[..], [Message::Granted(_)]));
    hear(&mut driver, end.clone());
    let told = posted(&mut driver);
    assert_eq!(told[..], *std::slice::from_ref(&end));
    hear(&mut driver, end);
    assert_eq!(posted(&mut driver), []);
}

#[test]
fn an_end_of_an_older_session_is_none_of_a_newer_one() {
    let mut driver = signed_in(tabs());
    let end = Message::Ended {
        started: started(&driver) - Span::from_millis(1),
        reason: EndReason::SignedOut,
        untold: false,
    };
    hear(&mut driver, end);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn another_user_replaces_the_session_in_all_tabs() {
    for share_token in [true, false] {
        let mut config = tabs();
        config.tabs.share_token = share_token;
        let mut driver = signed_in(config);
        let old = driver.session.held_token().cloned();
        let next = SharedGrant {
            is_shared: share_token,
            ..granted(&driver, started(&driver) + HOUR, 0)
        };
        hear(&mut driver, Message::Granted(next));
        assert_ne!(driver.session.usable_token(), old.as_ref());
        if !share_token {
            assert_eq!(driver.state(), SessionState::Starting);
            grant_turn(&mut driver, Vec::new());
            driver.succeed(HOUR);
        }
        assert_eq!(driver.state(), SessionState::Active);
        let end = Message::Ended {
            started: started(&driver),
            reason: EndReason::SignedOut,
            untold: false,
        };
        hear(&mut driver, end);
        // That was the end of the one before.
        assert_eq!(driver.state(), SessionState::Active);
    }
}

#[test]
fn a_cookie_that_comes_after_the_other_tabs_sign_out_is_dealt_with() {
    let mut driver = signed_in(tabs());
    driver.renew();
    grant_turn(&mut driver, Vec::new());
    let started = started(&driver);
    let end = Message::Ended {
        started,
        reason: EndReason::SignedOut,
        untold: true,
    };
    hear(&mut driver, end);
    // That tab has told the server, and forgotten.
    driver.record = Record::default();
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert_eq!(driver.logouts.len(), 1);
    assert_eq!(driver.record.ending, Some(Ending::Untold));
    driver.hear_logout(driver.status(204));
    assert_eq!(driver.record, Record::default());
}

#[test]
fn a_failure_in_another_tab_counts_here() {
    let mut driver = signed_in(tabs());
    driver.input(Input::Visibility { visible: false });
    driver.pass(HOUR - Span::from_mins(1));
    assert!(driver.attempts.is_empty());
    let until = driver.now.wall + Span::from_secs(20);
    hear(&mut driver, Message::Failed { failures: 5, until });
    grant_turn(&mut driver, Vec::new());
    assert!(driver.attempts.is_empty(), "it waits, too");
    let id = turn(&driver);
    assert!(driver.shared.contains(&Effect::EndTurn { id }));
    driver.pass(Span::from_secs(20));
    grant_turn(&mut driver, Vec::new());
    assert_eq!(driver.attempts.len(), 1);
    // Ten in a minute are enough, whoever makes them.
    driver.fail(503);
    for _ in 0..9 {
        let until = driver.now.wall + Span::from_millis(100);
        hear(&mut driver, Message::Failed { failures: 6, until });
    }
    driver.renew();
    driver.pass(Span::from_secs(50));
    assert_eq!(driver.attempts.len(), 1);
}

#[test]
fn coming_online_is_not_held_up_by_what_a_tab_has_shown_itself() {
    let mut driver = signed_in(tabs());
    driver.input(Input::Visibility { visible: false });
    driver.connectivity(false);
    driver.renew();
    grant_turn(&mut driver, Vec::new());
    driver.settle(driver.last_attempt(), Outcome::Unreachable);
    let shown = driver.shared.iter().rev().find_map(|effect| match effect {
        Effect::Stand(standing) => Some(*standing),
        _ => None,
    });
    let shown = shown.expect("a standing");
    assert!(shown.until.is_some());
    driver.connectivity(true);
    driver.pass(Span::from_secs(1));
    grant_turn(&mut driver, vec![shown]);
    assert_eq!(driver.attempts.len(), 2);
}

#[test]
fn a_page_that_comes_back_reads_nothing_before_it_has_looked() {
    let mut driver = signed_in(tabs());
    driver.input(Input::Leaving { cached: true });
    assert!(driver.shared.contains(&Effect::Leave));
    // Others may look at the page before it knows that it is back.
    assert_eq!(driver.session.held_token(), None);
    assert_eq!(driver.session.snapshot().state, SessionState::Starting);
    driver.shift(Span::from_secs(60));
    let back = |driver: &mut Driver, persisted| {
        let record = driver.record;
        driver.input(Input::Returned { persisted, record });
    };
    back(&mut driver, true);
    assert_eq!(driver.session.held_token(), None);
    assert_eq!(driver.state(), SessionState::Starting);
    let ticket = driver.need_token(None);
    assert_eq!(driver.settlement(ticket), None);
    let now = granted(&driver, started(&driver), 4);
    hear(&mut driver, Message::Granted(now));
    assert_eq!(driver.settlement(ticket), Some(Settlement::Token));

    // An unload that was cancelled costs nothing.
    driver.input(Input::Leaving { cached: false });
    driver.shared.clear();
    back(&mut driver, false);
    assert_eq!(driver.state(), SessionState::Active);
    assert!(driver.shared.contains(&Effect::Join {
        tab: match driver.shared[0] {
            Effect::Join { tab } => tab,
            _ => OTHER,
        }
    }));
    assert!(driver.attempts.is_empty());

    // What has ended meanwhile has ended here.
    driver.input(Input::Leaving { cached: true });
    driver.record = driver.record.noted(Note::Ended(Ending::Untold));
    back(&mut driver, true);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert_eq!(driver.session.held_token(), None);
}

#[test]
fn a_page_that_comes_back_hears_of_an_end_that_it_has_missed() {
    for reason in [EndReason::SignedOut, EndReason::Rejected] {
        let mut driver = signed_in(tabs());
        let (started, record) = (started(&driver), Record::default());
        driver.input(Input::Leaving { cached: true });
        driver.input(Input::Returned {
            persisted: true,
            record,
        });
        assert!(driver.take_events().is_empty());
        let by = match reason {
            EndReason::SignedOut => {
                let end = Message::Ended {
                    started,
                    reason,
                    untold: false,
                };
                hear(&mut driver, end);
                By::OtherTab
            }
            _ => {
                driver.timeout();
                grant_turn(&mut driver, Vec::new());
                driver.fail(401);
                assert_eq!(driver.state(), SessionState::Starting, "once is not enough");
                driver.fail(401);
                By::Server
            }
        };
        assert_eq!(driver.state(), SessionState::SignedOut);
        let ended = Event::Ended { reason, by };
        assert_eq!(driver.take_events().last(), Some(&ended));
    }
}

#[test]
fn a_tab_says_what_it_knows_to_one_that_asks() {
    let mut driver = signed_in(tabs());
    let started = started(&driver);
    let hello = |started| Message::Hello {
        started,
        asks: true,
    };
    hear(&mut driver, hello(None));
    let told = posted(&mut driver);
    assert!(matches!(told[..], [Message::Granted(_)]), "{told:?}");
    assert_eq!(driver.session.snapshot().tabs, 2);
    driver.sign_out(false);
    posted(&mut driver);
    hear(&mut driver, hello(Some(started)));
    let told = posted(&mut driver);
    assert!(matches!(told[..], [Message::Ended { .. }]), "{told:?}");
    hear(&mut driver, Message::Bye);
    assert_eq!(driver.session.snapshot().tabs, 1);
}

#[test]
fn a_message_that_makes_no_sense_loops_nothing() {
    let mut driver = signed_in(tabs());
    driver.input(Input::Visibility { visible: false });
    let mut grant = granted(&driver, started(&driver), 1);
    // It is due before it was sent, and lives for a millisecond of a year.
    grant.due = Timestamp::from_millis(1);
    grant.lifetime = Span::from_millis(1);
    hear(&mut driver, Message::Granted(grant));
    driver.pass(Span::from_mins(10));
    let wishes = driver
        .shared
        .iter()
        .filter(|effect| matches!(effect, Effect::AskTurn { .. }))
        .count();
    assert_eq!(wishes, 1);
    let far = driver.now.wall + Span::from_hours(9999);
    hear(
        &mut driver,
        Message::Failed {
            failures: 1,
            until: far,
        },
    );
    grant_turn(&mut driver, Vec::new());
    assert_eq!(driver.attempts.len(), 1, "nobody waits for a year");
}
