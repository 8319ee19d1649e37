//! What an operator does to the sessions and the keys of a server.

mod common;

use std::sync::Arc;

use axum::http::StatusCode;
use common::{Answer, START_SECONDS, World, token_part};
use sample_server::{Cohort, CohortError, Operator};
use serde_json::Value;

fn operator(world: &World) -> Operator {
    Operator::open(&world.config.database, Arc::clone(&world.clock) as _).unwrap()
}

async fn stands(world: &World, session: &Answer) -> bool {
    world.me(&session.access_token()).await.status == StatusCode::OK
}

fn kid(session: &Answer) -> Value {
    token_part(&session.access_token(), 0)["kid"].clone()
}

async fn published_kids(world: &World) -> Vec<Value> {
    let jwks = world.get("/.well-known/jwks.json").await.json();
    let keys = jwks["keys"].as_array().unwrap();
    assert!(keys.iter().all(|key| key.get("d").is_none()));
    keys.iter().map(|key| key["kid"].clone()).collect()
}

#[tokio::test]
async fn cohorts_are_ended() {
    let world = World::new();
    let operator = operator(&world);
    let early = world.sign_in("ada").await;
    let early_other = world.sign_in("grace").await;
    world.advance_seconds(10);
    let late = world.sign_in("ada").await;
    let sids = |cohort: &Cohort| -> Vec<String> {
        let ended = operator.end(cohort).unwrap();
        ended.into_iter().map(|session| session.sid).collect()
    };

    let before = Cohort::SignedInBefore(START_SECONDS + 10);
    let mut expected = [early.sid(), early_other.sid()];
    let mut ended = sids(&before);
    expected.sort();
    ended.sort();
    assert_eq!(ended, expected);
    assert!(!stands(&world, &early).await && !stands(&world, &early_other).await);
    assert!(stands(&world, &late).await);
    assert!(sids(&before).is_empty(), "they are ended once");

    let grace = world.sign_in("grace").await;
    assert_eq!(sids(&Cohort::User("grace".to_owned())), [grace.sid()]);
    assert_eq!(sids(&Cohort::Session(late.sid())), [late.sid()]);
    assert!(sids(&Cohort::Session(late.sid())).is_empty());
    let lines = world.audit_lines();
    let ends = lines
        .iter()
        .filter(|line| *line == "session-ended:ended-by-operator");
    assert_eq!(ends.count(), 4);
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let world = World::new();
    let session = world.sign_in("ada").await;
    let operator = operator(&world);
    let name = "' OR 1=1 --".to_owned();
    for cohort in [
        Cohort::Session(name.clone()),
        Cohort::User(name.clone()),
        Cohort::UnderKey(name.clone()),
    ] {
        let error = operator.end(&cohort).unwrap_err();
        assert!(!matches!(error, CohortError::Store(_)));
        assert!(error.to_string().contains(&name));
    }
    assert!(stands(&world, &session).await);
    let missing = world.folder.path().join("missing.sqlite3");
    assert!(Operator::open(&missing, Arc::clone(&world.clock) as _).is_err());
    assert!(!missing.exists());
}

#[tokio::test]
async fn a_new_key_signs_while_the_old_one_is_still_good() {
    let world = World::new();
    let operator = operator(&world);
    let before = world.sign_in("ada").await;
    assert_eq!(published_kids(&world).await, [kid(&before)]);

    let rotation = operator.rotate_key(300).unwrap();
    assert_eq!(kid(&before), rotation.old_kid);
    assert_eq!(rotation.old_retires_at_seconds, START_SECONDS + 300);
    world.app.follow_others().unwrap();
    let after = world.refresh(&before.cookie(), Some("key")).await;
    assert_eq!(kid(&after), rotation.new_kid);
    assert_eq!(published_kids(&world).await, [kid(&after), kid(&before)]);
    assert!(stands(&world, &before).await && stands(&world, &after).await);

    world.advance_seconds(299);
    assert!(stands(&world, &before).await);
    world.advance_seconds(1);
    // The token itself would be good for ten minutes more.
    assert!(!stands(&world, &before).await && stands(&world, &after).await);
    assert_eq!(published_kids(&world).await, [kid(&after)]);
    assert!(
        world
            .audit_lines()
            .contains(&format!("key-rotated:{}", rotation.new_kid))
    );
}

#[tokio::test]
async fn another_rotation_prolongs_nothing() {
    let world = World::new();
    let operator = operator(&world);
    let first = world.sign_in("ada").await;
    operator.rotate_key(60).unwrap();
    world.app.follow_others().unwrap();
    let second = world.refresh(&first.cookie(), Some("a")).await;
    operator.rotate_key(3600).unwrap();
    world.app.follow_others().unwrap();
    let third = world.refresh(&second.cookie(), Some("b")).await;
    let kids = [kid(&third), kid(&second), kid(&first)];
    assert_eq!(published_kids(&world).await, kids);
    world.advance_seconds(60);
    assert!(!stands(&world, &first).await);
    assert!(stands(&world, &second).await && stands(&world, &third).await);
}

#[tokio::test]
async fn without_an_overlap_the_old_key_is_worth_nothing_at_once() {
    let world = World::new();
    let before = world.sign_in("ada").await;
    operator(&world).rotate_key(0).unwrap();
    world.app.follow_others().unwrap();
    assert!(!stands(&world, &before).await);
    let after = world.refresh(&before.cookie(), Some("key")).await;
    assert!(stands(&world, &after).await, "the session itself goes on");
}

#[tokio::test]
async fn the_sessions_of_one_key_are_ended() {
    let world = World::new();
    let operator = operator(&world);
    let under_old = world.sign_in("ada").await;
    let rotation = operator.rotate_key(0).unwrap();
    world.app.follow_others().unwrap();
    let renewed = world.refresh(&under_old.cookie(), Some("key")).await;
    let under_new = world.sign_in("ada").await;
    // Also when the key itself is deleted.
    world.app.sweep().unwrap();
    let ended = operator.end(&Cohort::UnderKey(rotation.old_kid)).unwrap();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].sub, "user-ada");
    assert!(!stands(&world, &renewed).await && stands(&world, &under_new).await);
}
