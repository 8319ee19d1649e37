//! Policies that come with the claims of a token.

use sessionkeeper::*;

use crate::support::Driver;

const HOUR: Span = Span::from_hours(1);
const MINUTE: Span = Span::from_mins(1);

fn idle(timeout: Span) -> Option<IdleConfig> {
    Some(IdleConfig {
        timeout,
        warning: MINUTE,
        confirm: true,
    })
}

fn follow(driver: &mut Driver, policy: Policy) {
    driver.input(Input::Policy(policy));
}

#[test]
fn a_session_idles_out_sooner_for_whom_the_policy_says_so() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    assert_eq!(driver.session.idle_deadline(), None);
    let policy = Policy {
        idle: idle(Span::from_mins(15)),
        ..Policy::default()
    };
    follow(&mut driver, policy);
    let deadline = |driver: &Driver| driver.session.idle_deadline().unwrap() - driver.now.wall;
    assert_eq!(deadline(&driver), Span::from_mins(15));
    assert!(driver.record.activity.is_some());
    driver.pass(Span::from_mins(5));
    follow(&mut driver, policy);
    assert_eq!(
        deadline(&driver),
        Span::from_mins(10),
        "nobody did anything"
    );
    let longer = Policy {
        idle: idle(Span::from_mins(30)),
        ..policy
    };
    follow(&mut driver, longer);
    assert_eq!(deadline(&driver), Span::from_mins(25));
    follow(&mut driver, Policy::default());
    assert_eq!(driver.session.idle_deadline(), None);
    driver.pass(Span::from_mins(40));
    assert_eq!(driver.state(), SessionState::Active);
}

#[test]
fn a_warning_of_another_policy_is_given_anew() {
    let mut driver = Driver::signed_in(Config::default(), Span::from_hours(24));
    let policy = |mins| Policy {
        idle: idle(Span::from_mins(mins)),
        ..Policy::default()
    };
    follow(&mut driver, policy(15));
    driver.pass(Span::from_mins(14));
    assert!(driver.session.snapshot().idle_ends_at.is_some());
    follow(&mut driver, policy(15));
    assert!(driver.session.snapshot().idle_ends_at.is_some(), "the same");
    follow(&mut driver, policy(30));
    assert_eq!(driver.session.snapshot().idle_ends_at, None);
    follow(&mut driver, policy(10));
    assert_eq!(driver.session.usable_token(), None, "it is over by that");
    driver.pass(Span::ZERO);
    let reason = driver.session.snapshot().reason;
    assert_eq!(reason, Some(EndReason::IdleTimeout));
}

#[test]
fn the_record_is_remembered_for_a_policy_that_comes_with_the_token() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let policy = Policy {
        idle: idle(Span::from_mins(15)),
        ..Policy::default()
    };
    follow(&mut driver, policy);
    driver.input(Input::Leaving { cached: false });
    driver.shift(Span::from_mins(20));
    driver.reload(Config::default());
    driver.restore();
    driver.succeed(HOUR);
    assert_eq!(driver.state(), SessionState::Active);
    follow(&mut driver, policy);
    driver.pass(Span::ZERO);
    let reason = driver.session.snapshot().reason;
    assert_eq!(reason, Some(EndReason::IdleTimeout));
}

#[test]
fn the_longest_age_counts_from_the_start_whenever_it_is_told() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let begun = driver.now.wall;
    driver.pass(Span::from_mins(20));
    let policy = Policy {
        max_age: Some(Span::from_hours(2)),
        ..Policy::default()
    };
    follow(&mut driver, policy);
    let ends_at = begun + Span::from_hours(2);
    assert_eq!(driver.session.snapshot().ends_at, Some(ends_at));
    let sooner = Policy {
        max_age: Some(Span::from_mins(30)),
        ..policy
    };
    follow(&mut driver, sooner);
    assert_eq!(driver.session.snapshot().renews_at, None);
    follow(&mut driver, policy);
    assert!(driver.session.snapshot().renews_at.is_some());
}

#[test]
fn the_lead_is_that_of_the_policy_for_the_token_that_is_held() {
    let mut config = Config::default();
    config.renewal.jitter = 0.0;
    let mut driver = Driver::signed_in(config, HOUR);
    let before = driver.session.snapshot().renews_at.unwrap();
    let policy = Policy {
        lead: Some(Span::from_mins(20)),
        ..Policy::default()
    };
    follow(&mut driver, policy);
    let after = driver.session.snapshot().renews_at.unwrap();
    assert_eq!(before - after, Span::from_mins(15));
}

#[test]
fn a_token_outside_the_policy_is_reported_once_and_kept() {
    let mut driver = Driver::signed_in(Config::default(), HOUR);
    let policy = Policy {
        lifetime: (Some(Span::from_mins(5)), Some(Span::from_mins(15))),
        ..Policy::default()
    };
    let violations = |driver: &mut Driver| -> Vec<Span> {
        let lifetime = |event| match event {
            Event::PolicyViolation { lifetime } => Some(lifetime),
            _ => None,
        };
        driver
            .take_events()
            .into_iter()
            .filter_map(lifetime)
            .collect()
    };
    follow(&mut driver, policy);
    assert_eq!(violations(&mut driver), [HOUR]);
    for (lifetime, told) in [(HOUR, false), (MINUTE, true), (Span::from_mins(10), false)] {
        driver.renew();
        driver.succeed(lifetime);
        follow(&mut driver, policy);
        let expected = if told { vec![lifetime] } else { Vec::new() };
        assert_eq!(violations(&mut driver), expected, "{lifetime:?}");
        assert!(driver.session.usable_token().is_some());
    }
    assert_eq!(driver.said, [Remark::PolicyViolation], "once");
}
