//! A thief of the refresh token, played by the server for demonstrations.

mod common;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;

use common::{Answer, World, post, with_cookie};

fn world() -> World {
    World::with(|config| config.demonstration = true)
}

async fn steal(world: &World, token: Option<&str>) -> Answer {
    let request = with_cookie(post("/demonstration/theft"), token);
    world.send(request.body(Body::empty()).unwrap()).await
}

/// What the thief is told.
async fn use_theft(world: &World, theft: &Answer) -> u64 {
    let id = theft.json()["theft"].as_str().unwrap().to_owned();
    let request = post(&format!("/demonstration/theft/{id}"));
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json().as_object().unwrap().len(), 1, "{answer:?}");
    assert_eq!(answer.header("set-cookie"), "");
    answer.json()["status"].as_u64().unwrap()
}

#[tokio::test]
async fn a_thief_is_in_until_the_owner_renews() {
    let world = world();
    let session = world.sign_in("ada").await;
    let token = session.cookie();
    let theft = steal(&world, Some(&token)).await;
    assert_eq!(theft.status, StatusCode::CREATED);
    assert!(!theft.text.contains(&token));
    assert_eq!(use_theft(&world, &theft).await, 200);
    assert_eq!(
        use_theft(&world, &theft).await,
        200,
        "it goes on with what it was given"
    );

    let owner = world.refresh(&token, Some("the owner's key")).await;
    owner.assert_error(401, "invalid_grant");
    assert_eq!(use_theft(&world, &theft).await, 401);
    let lines = world.audit_lines();
    assert!(
        lines.contains(&"reuse-detected:successor-presented".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"session-ended:reuse".to_owned()),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_thief_that_comes_late_ends_the_session() {
    let world = world();
    let session = world.sign_in("ada").await;
    let theft = steal(&world, Some(&session.cookie())).await;
    let renewed = world
        .refresh(&session.cookie(), Some("the owner's key"))
        .await;
    assert_eq!(renewed.status, StatusCode::OK);
    assert_eq!(use_theft(&world, &theft).await, 401);
    assert_eq!(
        world.me(&renewed.access_token()).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn there_is_something_to_steal_or_there_is_no_theft() {
    let world = world();
    steal(&world, None)
        .await
        .assert_error(400, "invalid_request");
    let nobody = post("/demonstration/theft/nobody")
        .body(Body::empty())
        .unwrap();
    world
        .send(nobody)
        .await
        .assert_error(404, "invalid_request");
}

#[tokio::test]
async fn sixteen_thieves_are_remembered() {
    let world = world();
    let session = world.sign_in("ada").await;
    let first = steal(&world, Some(&session.cookie())).await;
    for _ in 0..16 {
        steal(&world, Some(&session.cookie())).await;
    }
    let id = first.json()["theft"].as_str().unwrap().to_owned();
    let request = post(&format!("/demonstration/theft/{id}"));
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    answer.assert_error(404, "invalid_request");
}

#[tokio::test]
async fn thieves_come_to_demonstrations_only_and_from_this_site() {
    let plain = World::new();
    let session = plain.sign_in("ada").await;
    steal(&plain, Some(&session.cookie()))
        .await
        .assert_error(404, "invalid_request");

    let world = world();
    let session = world.sign_in("ada").await;
    let request = with_cookie(post("/demonstration/theft"), Some(&session.cookie()))
        .header("Origin", "https://elsewhere.example");
    let foreign = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(
        foreign.json(),
        json!({ "error": "access_denied", "error_description": foreign.json()["error_description"] })
    );
}
