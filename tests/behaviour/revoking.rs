//! The server's word that a session is over.

use serde_json::json;
use sessionkeeper::*;

use crate::support::{Driver, read, token_text};
use crate::tabs::tabs;

const HOUR: Span = Span::from_hours(1);
const OTHER: TabId = TabId(77);

const REVOKED: Event = Event::Ended {
    reason: EndReason::Revoked,
    by: By::Server,
};

/// A session with a token of these claims beside the dates, among other tabs.
fn signed_in(mut claims: serde_json::Value) -> Driver {
    let mut driver = Driver::with(tabs());
    let issued = driver.server_time().as_millis() / 1000;
    claims["iat"] = issued.into();
    claims["exp"] = (issued + 3600).into();
    driver.begin(TokenAnswer {
        token: Some(read(token_text(&claims))),
        ..TokenAnswer::default()
    });
    driver.input(Input::Joined);
    driver.events.clear();
    driver.shared.clear();
    driver
}

/// A session whose token nobody can read.
fn opaque() -> Driver {
    let mut driver = Driver::new();
    driver.begin(TokenAnswer {
        token: Some(read("opaque")),
        expires_in: Some(3600.0),
        ..TokenAnswer::default()
    });
    driver.events.clear();
    driver
}

fn revoke(driver: &mut Driver, session: Option<&str>) {
    let session = session.map(str::to_owned);
    driver.input(Input::Revoked { session });
}

fn hear(driver: &mut Driver, message: Message) {
    let from = OTHER;
    driver.input(Input::Peer(PeerMessage { from, message }));
}

#[test]
fn it_ends_at_once_and_the_server_is_not_told_what_it_said_itself() {
    let mut driver = signed_in(json!({ "sub": "ada", "sid": "one" }));
    let started = driver.record.started.expect("a start");
    let renew = driver.renew();
    revoke(&mut driver, Some("one"));
    assert_eq!(driver.take_events(), [REVOKED]);
    assert_eq!(driver.state(), SessionState::SignedOut);
    let reason = driver.session.snapshot().reason;
    assert_eq!(reason, Some(EndReason::Revoked));
    assert_eq!(driver.session.held_token(), None);
    let expected = Settlement::Failed(SessionError::SignedOut);
    assert_eq!(driver.settlement(renew), Some(expected));
    assert!(driver.logouts.is_empty());
    assert_eq!(driver.record, Record::default());
    assert_eq!(driver.session.poll_timeout(), None);
    let told = driver.shared.iter().find_map(|effect| match effect {
        Effect::Post(post) => Some(post.message.clone()),
        _ => None,
    });
    let expected = Message::Ended {
        started,
        reason: EndReason::Revoked,
        untold: false,
    };
    assert_eq!(told, Some(expected));
    revoke(&mut driver, Some("one"));
    assert!(driver.take_events().is_empty(), "an end is an end");
}

#[test]
fn the_end_of_another_session_changes_nothing() {
    let mut driver = signed_in(json!({ "sub": "ada", "sid": "two" }));
    for foreign in ["one", "", "TWO", "two "] {
        revoke(&mut driver, Some(foreign));
        assert_eq!(driver.state(), SessionState::Active, "{foreign}");
    }
    assert!(driver.take_events().is_empty());
    assert!(driver.record.started.is_some());
}

#[test]
fn a_token_without_a_subject_names_its_session_as_well() {
    let mut driver = signed_in(json!({ "sid": "two" }));
    revoke(&mut driver, Some("one"));
    assert_eq!(driver.state(), SessionState::Active);
    revoke(&mut driver, Some("two"));
    assert_eq!(driver.take_events(), [REVOKED]);
}

#[test]
fn where_one_side_has_no_name_the_stream_is_that_of_the_session() {
    for (mut driver, session) in [
        (signed_in(json!({ "sub": "ada", "sid": "one" })), None),
        (signed_in(json!({ "sub": "ada" })), Some("one")),
        (signed_in(json!({ "sub": "ada", "sid": 7 })), Some("one")),
        (opaque(), Some("one")),
        (opaque(), None),
    ] {
        revoke(&mut driver, session);
        assert_eq!(driver.take_events(), [REVOKED]);
    }
}

#[test]
fn without_a_session_there_is_nothing_to_end() {
    let mut driver = Driver::new();
    revoke(&mut driver, None);
    driver.restore();
    revoke(&mut driver, Some("one"));
    revoke(&mut driver, None);
    assert_eq!(driver.state(), SessionState::Starting);
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn it_is_the_servers_doing_in_every_tab() {
    let mut driver = signed_in(json!({ "sub": "ada", "sid": "one" }));
    let ended = |driver: &Driver, ago| Message::Ended {
        started: driver.record.started.expect("a start") - ago,
        reason: EndReason::Revoked,
        untold: false,
    };
    let earlier = ended(&driver, Span::from_secs(1));
    hear(&mut driver, earlier);
    assert!(driver.take_events().is_empty(), "that was one before");
    let ours = ended(&driver, Span::ZERO);
    hear(&mut driver, ours);
    assert_eq!(driver.take_events(), [REVOKED]);
    let posts = |effect: &&Effect| matches!(effect, Effect::Post(_));
    let told = driver.shared.iter().filter(posts).count();
    assert_eq!(told, 1, "it is passed on once");
    assert!(driver.logouts.is_empty());
}

#[test]
fn a_tab_that_asks_later_hears_of_it() {
    let mut driver = signed_in(json!({ "sub": "ada", "sid": "one" }));
    let started = driver.record.started;
    revoke(&mut driver, None);
    driver.shared.clear();
    let asks = true;
    hear(&mut driver, Message::Hello { started, asks });
    let revoked = |effect: &Effect| matches!(effect, Effect::Post(post) if matches!(post.message, Message::Ended { reason: EndReason::Revoked, .. }));
    assert!(driver.shared.iter().any(revoked));
}

#[test]
fn a_renewal_on_its_way_brings_nothing_back() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    driver.renew();
    revoke(&mut driver, None);
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::SignedOut);
    assert_eq!(driver.session.held_token(), None);
}

#[test]
fn another_tabs_newer_session_stays_in_the_record() {
    let mut driver = signed_in(json!({ "sub": "ada", "sid": "one" }));
    let later = driver.now.wall + Span::from_secs(1);
    driver.record = driver.record.noted(Note::Begun(later));
    revoke(&mut driver, Some("one"));
    assert_eq!(driver.take_events(), [REVOKED]);
    assert_eq!(driver.record.started, Some(later));
}
