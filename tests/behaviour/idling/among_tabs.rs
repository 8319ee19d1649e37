//! What one tab makes of the others' users: `tests/idle.rs` has them all together.

use super::*;

const OTHER: TabId = TabId(77);

fn sibling() -> Driver {
    let mut driver = with(Config {
        tabs: TabsConfig {
            locks: false,
            channel: true,
            share_token: true,
        },
        ..config(true)
    });
    driver.input(Input::Joined);
    hear(
        &mut driver,
        Message::Hello {
            started: None,
            asks: false,
        },
    );
    driver.shared.clear();
    driver
}

fn hear(driver: &mut Driver, message: Message) {
    driver.input(Input::Peer(PeerMessage {
        from: OTHER,
        message,
    }));
}

/// The other tab tells of an activity so long ago, and when its page was shown within the warning.
fn hear_active(driver: &mut Driver, ago: Span, seen: Option<Span>) {
    let now = driver.now.wall;
    let activity = Activity {
        at: now - ago,
        seen: seen.map(|ago| now - ago),
    };
    hear(driver, Message::Active(activity));
}

fn told(driver: &mut Driver) -> Vec<Activity> {
    std::mem::take(&mut driver.shared)
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Post(PeerMessage {
                message: Message::Active(activity),
                ..
            }) => Some(activity),
            _ => None,
        })
        .collect()
}

#[test]
fn activities_are_told_at_most_every_five_seconds_and_to_nobody_where_nobody_is() {
    let mut driver = sibling();
    for _ in 0..60 {
        driver.pass(SECOND);
        driver.input(Input::Activity);
    }
    assert_eq!(told(&mut driver).len(), 12);
    driver.input(Input::Gone { tab: OTHER });
    for _ in 0..60 {
        driver.pass(SECOND);
        driver.input(Input::Activity);
    }
    assert_eq!(told(&mut driver), []);
}

#[test]
fn a_newer_activity_elsewhere_puts_the_end_off() {
    let mut driver = sibling();
    driver.pass(Span::from_mins(20));
    hear_active(&mut driver, MINUTE, None);
    let ends_at = driver.now.wall + TIMEOUT - MINUTE;
    assert_eq!(driver.session.idle_deadline(), Some(ends_at));
    hear_active(&mut driver, Span::from_mins(2), None);
    assert_eq!(
        driver.session.idle_deadline(),
        Some(ends_at),
        "an older one"
    );
    hear_active(&mut driver, Span::ZERO - HOUR, None);
    let now = driver.now.wall + TIMEOUT;
    assert_eq!(driver.session.idle_deadline(), Some(now), "none is later");
}

#[test]
fn an_answer_elsewhere_ends_the_warning_here() {
    let mut driver = sibling();
    driver.pass(TIMEOUT - SECOND);
    driver.take_events();
    hear_active(&mut driver, Span::ZERO, None);
    assert_eq!(
        heard(&mut driver),
        [Event::IdleExtended { by: By::OtherTab }]
    );
    assert_eq!(driver.session.snapshot().idle_ends_at, None);
    driver.pass(TIMEOUT - MINUTE);
    assert_eq!(heard(&mut driver), [warning(&driver, MINUTE)]);
}

#[test]
fn the_others_are_asked_before_the_warning_and_before_the_end() {
    let mut driver = sibling();
    let used = driver.now.wall;
    driver.pass(TIMEOUT - MINUTE - SECOND);
    let asked = told(&mut driver);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].at, used);
    driver.pass(SECOND);
    assert_eq!(heard(&mut driver), [warning(&driver, MINUTE)]);
    driver.pass(MINUTE);
    assert_eq!(told(&mut driver).last().expect("a question").at, used);
    assert_eq!(driver.session.usable_token(), None, "it is locked");
    assert_eq!(heard(&mut driver), []);
    driver.pass(SECOND);
    assert_eq!(heard(&mut driver), [ENDED]);
}

#[test]
fn whoever_knows_better_answers() {
    let mut driver = sibling();
    driver.pass(MINUTE);
    driver.input(Input::Activity);
    told(&mut driver);
    hear_active(&mut driver, MINUTE, None);
    let activity = Activity {
        at: driver.now.wall,
        seen: None,
    };
    assert_eq!(told(&mut driver), [activity]);
    hear_active(&mut driver, Span::ZERO, None);
    assert_eq!(told(&mut driver), [], "there is nothing to add");
    hear(
        &mut driver,
        Message::Hello {
            started: None,
            asks: true,
        },
    );
    assert_eq!(told(&mut driver), [activity]);
}

#[test]
fn an_answer_unlocks_what_was_held_up() {
    let mut driver = sibling();
    driver.pass(TIMEOUT);
    let (token, renewal) = (driver.need_token(None), driver.renew());
    let sent = driver.attempts.len();
    assert_eq!(driver.settlement(token), None);
    hear_active(&mut driver, SECOND, None);
    assert_eq!(driver.settlement(token), Some(Settlement::Token));
    driver.pass(Span::ZERO);
    assert_eq!(driver.attempts.len(), sent + 1);
    driver.succeed(HOUR);
    assert_eq!(driver.settlement(renewal), Some(Settlement::Done));
}

#[test]
fn a_page_shown_elsewhere_gives_its_time_here_too() {
    let mut driver = sibling();
    see(&mut driver, false);
    driver.pass(TIMEOUT - Span::from_secs(3));
    hear_active(&mut driver, TIMEOUT - Span::from_secs(3), Some(Span::ZERO));
    driver.pass(Span::from_secs(10));
    // It was shown earlier already: once for each warning.
    see(&mut driver, true);
    driver.pass(Span::from_secs(10) - Span::from_millis(1));
    assert!(driver.session.usable_token().is_some());
    driver.pass(Span::from_millis(1) + SECOND);
    assert!(is_over(&driver));
}

#[test]
fn no_tab_holds_the_session_up_for_longer() {
    let mut driver = sibling();
    see(&mut driver, false);
    driver.pass(TIMEOUT - SECOND);
    hear_active(&mut driver, TIMEOUT - SECOND, Some(Span::ZERO - HOUR));
    driver.pass(Span::from_secs(23));
    assert!(is_over(&driver));
}

#[test]
fn a_late_tab_asks_before_it_warns() {
    let mut driver = sibling();
    driver.freeze(TIMEOUT - Span::from_secs(40));
    assert_eq!(heard(&mut driver), []);
    assert_eq!(told(&mut driver).len(), 1);
    hear_active(&mut driver, Span::from_secs(7), None);
    driver.pass(SECOND);
    assert_eq!(heard(&mut driver), []);
}

#[test]
fn what_is_heard_in_doubt_counts_once_it_is_known_how_late_it_is() {
    let mut driver = sibling();
    driver.now.wall += Span::from_mins(20);
    driver.timeout();
    hear_active(&mut driver, MINUTE, None);
    hear_active(&mut driver, Span::from_mins(30), None);
    assert_eq!(
        told(&mut driver),
        [],
        "there is nothing to be told in doubt"
    );
    let used = driver.now.wall - MINUTE;
    driver.pass(Span::from_secs(5));
    assert_eq!(driver.session.idle_deadline(), Some(used + TIMEOUT));
}

#[test]
fn a_load_right_after_the_end_asks_whether_another_tab_knows_better() {
    for answered in [true, false] {
        let mut driver = sibling();
        driver.input(Input::Leaving { cached: false });
        driver.shift(TIMEOUT + Span::from_secs(10));
        let with_channel = Config {
            tabs: TabsConfig {
                channel: true,
                share_token: true,
                locks: false,
            },
            ..config(true)
        };
        let sent = driver.attempts.len();
        driver.reload(with_channel);
        driver.take_events();
        let ticket = driver.restore();
        driver.input(Input::Joined);
        assert_eq!(driver.state(), SessionState::Starting);
        assert_eq!(driver.attempts.len(), sent, "no renewal leaves");
        if answered {
            hear_active(&mut driver, Span::from_secs(28), None);
            driver.pass(Span::ZERO);
            assert_eq!(driver.attempts.len(), sent + 1);
            continue;
        }
        driver.pass(SECOND);
        assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
        assert!(is_over(&driver));
        assert_eq!(driver.attempts.len(), sent);
    }
}
