//! The change of a password.

mod common;

use axum::http::{Method, StatusCode};
use common::{Answer, World, config_in, holding, own, refresh_request, send, sign_in_request};
use sample_server::App;
use serde_json::{Value, json};

const PUBLISHED: &str = "correct horse battery";
const NEW: &str = "staple after staple";

async fn change(world: &World, by: &Answer, body: Value) -> Answer {
    let request = own(
        Method::POST,
        "/auth/password",
        &by.access_token(),
        Some(body),
    );
    let refresh = by.cookie();
    world.send(holding(request, &[("refresh", &refresh)])).await
}

fn passwords(current: &str, new: &str) -> Value {
    json!({ "current_password": current, "new_password": new })
}

#[tokio::test]
async fn it_ends_every_session_and_starts_one_here() {
    let world = World::new();
    let here = world.sign_in("ada").await;
    let there = world.sign_in("ada").await;
    let stranger = world.sign_in("grace").await;
    let answer = change(&world, &here, passwords(PUBLISHED, NEW)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_ne!(answer.sid(), here.sid());
    for old in [&here, &there] {
        world
            .me(&old.access_token())
            .await
            .assert_error(401, "invalid_token");
        world
            .refresh(&old.cookie(), Some("key"))
            .await
            .assert_error(401, "invalid_grant");
    }
    for good in [&answer, &stranger] {
        assert_eq!(world.me(&good.access_token()).await.status, StatusCode::OK);
    }
    let next = world.refresh(&answer.cookie(), Some("key")).await;
    assert_eq!(next.status, StatusCode::OK);

    let old = world.send(sign_in_request("ada", PUBLISHED)).await;
    old.assert_error(401, "invalid_grant");
    let new = world.send(sign_in_request("ada", NEW)).await;
    assert_eq!(new.status, StatusCode::OK);
    let lines = world.audit_lines();
    let count = |wanted: &str| lines.iter().filter(|line| *line == wanted).count();
    assert_eq!(count("session-ended:password-changed"), 2);
    assert_eq!(count("password-changed"), 1);
}

#[tokio::test]
async fn the_current_password_is_wanted() {
    let world = World::new();
    let here = world.sign_in("ada").await;
    let answer = change(&world, &here, passwords("incorrect", NEW)).await;
    // Not a 401: the access token is good, and a client would renew for nothing.
    answer.assert_error(400, "invalid_grant");
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(world.me(&here.access_token()).await.status, StatusCode::OK);
    let lines = world.audit_lines();
    assert!(lines.contains(&"password-change-failed:wrong-password".to_owned()));
    let old = world.send(sign_in_request("ada", PUBLISHED)).await;
    assert_eq!(old.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_it_counts_as_guessing_at_sign_in() {
    let world = World::new();
    let here = world.sign_in("ada").await;
    for _ in 0..10 {
        let answer = change(&world, &here, passwords("incorrect", NEW)).await;
        answer.assert_error(400, "invalid_grant");
    }
    let blocked = change(&world, &here, passwords(PUBLISHED, NEW)).await;
    blocked.assert_error(429, "temporarily_unavailable");
    let blocked = world.send(sign_in_request("ada", PUBLISHED)).await;
    blocked.assert_error(429, "temporarily_unavailable");
}

#[tokio::test]
async fn what_is_no_password_is_refused() {
    let world = World::new();
    let here = world.sign_in("ada").await;
    let too_long = "x".repeat(1025);
    for body in [
        passwords(PUBLISHED, ""),
        passwords(PUBLISHED, "7 chars"),
        passwords(PUBLISHED, "\u{1f511}\u{1f511}"),
        passwords(PUBLISHED, &too_long),
        passwords(PUBLISHED, PUBLISHED),
        json!({ "new_password": NEW }),
        json!({ "current_password": PUBLISHED, "new_password": [NEW] }),
        json!({ "current_password": PUBLISHED, "new_password": NEW, "sub": "user-grace" }),
        json!(null),
        json!([]),
    ] {
        let answer = change(&world, &here, body.clone()).await;
        answer.assert_error(400, "invalid_request");
    }
    let huge = change(&world, &here, passwords(PUBLISHED, &"x".repeat(20_000))).await;
    assert_eq!(huge.status, StatusCode::BAD_REQUEST);
    let old = world.send(sign_in_request("ada", PUBLISHED)).await;
    assert_eq!(old.status, StatusCode::OK);
}

#[tokio::test]
async fn two_at_once_change_it_once() {
    let world = World::new();
    let here = world.sign_in("ada").await;
    let (one, other) = tokio::join!(
        change(&world, &here, passwords(PUBLISHED, "the one password")),
        change(&world, &here, passwords(PUBLISHED, "the other password")),
    );
    let changed = [&one, &other].map(|answer| answer.status == StatusCode::OK);
    assert_ne!(changed[0], changed[1], "{one:?} {other:?}");
}

/// Whoever knows the old password has it checked while it is still good.
#[tokio::test]
async fn no_sign_in_with_the_old_password_outlives_the_change() {
    let world = World::new();
    let mut here = world.sign_in("ada").await;
    let mut password = PUBLISHED.to_owned();
    for turn in 0..50 {
        let next = format!("password number {turn}");
        let (changed, thief) = tokio::join!(
            change(&world, &here, passwords(&password, &next)),
            world.send(sign_in_request("ada", &password)),
        );
        assert_eq!(changed.status, StatusCode::OK);
        if thief.status == StatusCode::OK {
            let answer = world.me(&thief.access_token()).await;
            answer.assert_error(401, "invalid_token");
        } else {
            thief.assert_error(401, "invalid_grant");
        }
        (here, password) = (changed, next);
    }
}

/// The server prints the published passwords when it starts, so they are good then.
#[tokio::test]
async fn a_start_brings_the_published_password_back() {
    let world = World::new();
    let here = world.sign_in("ada").await;
    let changed = change(&world, &here, passwords(PUBLISHED, NEW)).await;
    let config = sample_server::Config {
        database: world.config.database.clone(),
        ..config_in(world.folder.path().to_owned())
    };
    let restarted = App::open(config, world.clock.clone()).unwrap().router();
    let old = send(restarted.clone(), sign_in_request("ada", PUBLISHED)).await;
    assert_eq!(old.status, StatusCode::OK);
    let renewal = refresh_request(Some(&changed.cookie()), Some("key"));
    assert_eq!(send(restarted, renewal).await.status, StatusCode::OK);
}
