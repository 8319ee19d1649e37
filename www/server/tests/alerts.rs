//! Alerts: each is raised when its rate leaves the bound, and not before; once; and cleared.

mod common;

use axum::http::Method;
use common::{
    Answer, World, bearer, client_batch, client_entry, from, holding, own, post, published_sign_in,
    refresh_request, sign_in_request,
};
use rusqlite::Connection;
use sample_server::{AlertChange, App, Cohort, Operator, Rule, State};
use serde_json::json;

/// A world that watches one rate, with a sample of ten.
fn watching(rule: Rule, bound: &str) -> World {
    let bound = rule.bound(bound).unwrap();
    World::with(|config| {
        config.alerts.bounds = [(rule, bound)].into();
        config.alerts.least_sample = 10;
    })
}

fn watch(world: &World) -> Vec<AlertChange> {
    world.app.watch_rates().unwrap()
}

#[track_caller]
fn assert_quiet(world: &World) {
    assert_eq!(watch(world), []);
}

#[track_caller]
fn assert_change(world: &World, rule: Rule, state: State, measured: (i64, Option<i64>)) {
    let changes = watch(world);
    let [change] = &changes[..] else {
        panic!("{changes:?}");
    };
    assert_eq!((change.alert, change.state), (rule, state));
    assert_eq!((change.measure.part, change.measure.whole), measured);
    assert_quiet(world);
}

fn alert_lines(world: &World) -> Vec<String> {
    let lines = world.audit_lines().into_iter();
    lines.filter(|line| line.starts_with("alert-")).collect()
}

async fn renew(world: &World, from: Answer, times: usize) -> Answer {
    let mut last = from;
    for _ in 0..times {
        last = world.refresh(&last.cookie(), None).await;
    }
    last
}

/// A renewal of somebody whose cookie is unknown.
async fn fail_to_renew(world: &World) {
    let unknown = "A".repeat(43);
    let refused = world.refresh(&unknown, None).await;
    refused.assert_error(401, "invalid_grant");
}

#[tokio::test]
async fn renewals_that_fail() {
    let world = watching(Rule::RenewalFailures, "10%");
    let session = world.sign_in("ada").await;
    for _ in 0..9 {
        fail_to_renew(&world).await;
    }
    assert_quiet(&world);
    // Nobody was signed in: there was nothing to renew.
    for _ in 0..30 {
        world.send(refresh_request(None, None)).await;
    }
    assert_quiet(&world);
    let session = renew(&world, session, 1).await;
    assert_change(&world, Rule::RenewalFailures, State::Raised, (9, Some(10)));
    let session = renew(&world, session, 90).await;
    assert_quiet(&world); // 9 of 100 are within the bound, and not yet within half of it.
    renew(&world, session, 80).await;
    assert_change(&world, Rule::RenewalFailures, State::Clear, (9, Some(180)));
    assert_eq!(
        alert_lines(&world),
        [
            "alert-raised:renewal-failures 9 of 10, at most 10%",
            "alert-cleared:renewal-failures 9 of 180, at most 10%",
        ]
    );
}

#[tokio::test]
async fn renewals_at_which_the_server_fails() {
    let world = watching(Rule::RenewalFailures, "10%");
    let session = world.sign_in("ada").await;
    let session = renew(&world, session, 10).await;
    assert_quiet(&world);
    let other = Connection::open(&world.config.database).unwrap();
    let rename = |from: &str, to: &str| {
        other
            .execute_batch(&format!("ALTER TABLE {from} RENAME TO {to}"))
            .unwrap();
    };
    rename("refresh_tokens", "away");
    for _ in 0..2 {
        let failed = world.refresh(&session.cookie(), Some("key")).await;
        failed.assert_error(500, "server_error");
    }
    rename("away", "refresh_tokens");
    assert_change(&world, Rule::RenewalFailures, State::Raised, (2, Some(12)));
    let outcomes = world.report(60).renewals.unwrap().outcomes;
    let named = outcomes
        .iter()
        .find(|outcome| outcome.outcome == "renewal-failed: server-error");
    assert_eq!(named.unwrap().count, 2);
}

#[tokio::test]
async fn faults_that_were_armed_count_as_failures() {
    let rule = Rule::RenewalFailures;
    let world = World::with(|config| {
        config.faults = true;
        config.alerts.bounds = [(rule, rule.default_bound())].into();
    });
    let session = world.sign_in("ada").await;
    let session = renew(&world, session, 18).await;
    let order = json!({ "status": { "code": 503 }, "requests": 2 });
    let arm = post("/faults")
        .header("content-type", "application/json")
        .body(order.to_string().into())
        .unwrap();
    world.send(arm).await;
    for _ in 0..2 {
        world.refresh(&session.cookie(), None).await;
    }
    assert_change(&world, rule, State::Raised, (2, Some(20)));
}

#[tokio::test]
async fn a_reuse_alarm() {
    let world = watching(Rule::ReuseAlarms, "0");
    let session = world.sign_in("ada").await;
    let renewed = world.refresh(&session.cookie(), Some("key")).await;
    world.refresh(&session.cookie(), Some("key")).await;
    assert_quiet(&world);
    world.refresh(&session.cookie(), Some("other")).await;
    assert_change(&world, Rule::ReuseAlarms, State::Raised, (1, None));
    world.refresh(&renewed.cookie(), None).await;
    world.advance_seconds(900);
    assert_quiet(&world);
    world.advance_seconds(1);
    assert_change(&world, Rule::ReuseAlarms, State::Clear, (0, None));
    let again = world.sign_in("ada").await;
    world.refresh(&again.cookie(), Some("key")).await;
    world.refresh(&again.cookie(), None).await;
    assert_change(&world, Rule::ReuseAlarms, State::Raised, (1, None));
}

#[tokio::test]
async fn access_tokens_that_are_refused() {
    let world = watching(Rule::TokenRefusals, "4");
    let session = world.sign_in("ada").await;
    let token = session.access_token();
    let ask = |token: String| bearer(Method::GET, "/api/me", &token);
    world.sign_out(Some(&session.cookie())).await;
    for _ in 0..20 {
        world.send(ask(token.clone())).await; // Its session has ended: that is no failure.
    }
    for _ in 0..4 {
        world.send(ask(format!("{token}x"))).await;
    }
    assert_quiet(&world);
    world.send(ask("nonsense".to_owned())).await;
    assert_change(&world, Rule::TokenRefusals, State::Raised, (5, None));
    world.advance_seconds(901);
    assert_change(&world, Rule::TokenRefusals, State::Clear, (0, None));
}

#[tokio::test]
async fn sign_ins_that_are_refused() {
    let world = watching(Rule::SignInRefusals, "50%");
    for _ in 0..5 {
        world.sign_in("ada").await;
    }
    for _ in 0..5 {
        world.send(sign_in_request("grace", "wrong")).await;
    }
    assert_quiet(&world);
    world.send(sign_in_request("nobody", "wrong")).await;
    assert_change(&world, Rule::SignInRefusals, State::Raised, (6, Some(11)));
    for _ in 0..13 {
        world.sign_in("ada").await;
    }
    assert_change(&world, Rule::SignInRefusals, State::Clear, (6, Some(24)));
}

#[tokio::test]
async fn one_time_codes_that_are_refused() {
    let world = watching(Rule::StepUpRefusals, "50%");
    for username in ["ada", "grace"] {
        let token = world.sign_in(username).await.access_token();
        for _ in 0..5 {
            assert_quiet(&world);
            let body = Some(json!({ "code": "abcdef" }));
            let request = own(Method::POST, "/auth/step-up", &token, body);
            world.send(request).await.assert_error(400, "invalid_grant");
        }
    }
    assert_change(&world, Rule::StepUpRefusals, State::Raised, (10, Some(10)));
}

#[tokio::test]
async fn sign_ins_from_new_places() {
    let world = watching(Rule::NewPlaces, "30%");
    for n in 0..10 {
        let address = if n < 7 {
            "203.0.113.1".to_owned()
        } else {
            format!("198.51.{n}.1")
        };
        world.send(from(&address, published_sign_in("ada"))).await;
    }
    assert_quiet(&world);
    world
        .send(from("192.0.2.1", published_sign_in("ada")))
        .await;
    assert_change(&world, Rule::NewPlaces, State::Raised, (4, Some(11)));
}

#[tokio::test]
async fn sessions_that_are_ended_by_force() {
    let world = watching(Rule::ForcedEnds, "20%");
    for _ in 0..8 {
        world.sign_in("grace").await;
    }
    let one = world.sign_in("ada").await;
    let two = world.sign_in("ada").await;
    world.sign_out(Some(&one.cookie())).await;
    world.sign_in("ada").await;
    assert_quiet(&world);
    let operator = Operator::open(&world.config.database, world.clock.clone()).unwrap();
    operator.end(&Cohort::Session(two.sid())).unwrap();
    assert_quiet(&world);
    operator.end(&Cohort::User("grace".to_owned())).unwrap();
    assert_change(&world, Rule::ForcedEnds, State::Raised, (9, Some(10)));
}

#[tokio::test]
async fn tabs_that_tell_of_failed_renewals() {
    let world = watching(Rule::FailingTabs, "10%");
    let session = world.sign_in("ada").await;
    let tell = async |tab: String, kind: &str, cookie: Option<&str>| {
        let entry = client_entry(1, kind, json!({}));
        let request = client_batch(json!({ "tab": tab, "entries": [entry] }).to_string());
        let cookies: &[(&str, &str)] = match cookie {
            Some(cookie) => &[("refresh", cookie)],
            None => &[],
        };
        let answer = world.send(holding(request, cookies)).await;
        assert_eq!(answer.status.as_u16(), 204);
    };
    for n in 0..50 {
        tell(format!("stranger-{n}"), "renewal-failed", None).await;
    }
    let cookie = session.cookie();
    for n in 0..18 {
        tell(format!("well-{n}"), "renewed", Some(&cookie)).await;
    }
    for n in 0..2 {
        tell(format!("ill-{n}"), "renewal-failed", Some(&cookie)).await;
    }
    assert_quiet(&world);
    tell("ill-2".to_owned(), "renewal-failed", Some(&cookie)).await;
    assert_change(&world, Rule::FailingTabs, State::Raised, (3, Some(21)));
}

#[tokio::test]
async fn a_restart_does_not_raise_it_again() {
    let world = watching(Rule::ReuseAlarms, "0");
    let session = world.sign_in("ada").await;
    world.refresh(&session.cookie(), Some("key")).await;
    world.refresh(&session.cookie(), None).await;
    assert_eq!(watch(&world).len(), 1);
    let restarted = App::open(world.config.clone(), world.clock.clone()).unwrap();
    assert_eq!(restarted.watch_rates().unwrap(), []);
    let standings = world.report(60).alerts.unwrap();
    let [standing] = &standings[..] else {
        panic!("{standings:?}");
    };
    assert_eq!(standing.state, State::Raised);
    assert_eq!(standing.since.as_deref(), Some("2026-01-01T00:00:00Z"));

    let mut config = world.config.clone();
    config.alerts.bounds.clear();
    let without = App::open(config, world.clock.clone()).unwrap();
    assert_eq!(without.watch_rates().unwrap(), []);
    assert!(world.report(60).alerts.unwrap().is_empty());
}

#[test]
fn the_line_that_is_printed_is_json() {
    let rule = Rule::RenewalFailures;
    assert_eq!(
        Rule::ALL.len(),
        Rule::ALL
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    );
    for rule in Rule::ALL {
        assert_eq!(Rule::from_name(rule.as_str()), Some(rule));
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.as_str());
        let bound = rule.default_bound();
        assert_eq!(rule.bound(&bound.to_string()), Ok(bound));
    }
    assert!(rule.bound("5").is_err() && Rule::ReuseAlarms.bound("5%").is_err());
}
