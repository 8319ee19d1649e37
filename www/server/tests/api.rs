//! The API that access tokens are for, and the switch that ends a session.

mod common;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use common::{World, bearer, with_cookie};

async fn end(world: &World, sid: &serde_json::Value, token: &str) -> common::Answer {
    let path = format!("/api/sessions/{}", sid.as_str().unwrap());
    world.send(bearer(Method::DELETE, &path, token)).await
}

#[tokio::test]
async fn a_user_ends_their_other_session_at_once() {
    let world = World::new();
    let here = world.sign_in("ada").await;
    let there = world.sign_in("ada").await;
    let answer = end(&world, &there.claims()["sid"], &here.access_token()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let refused = world.me(&there.access_token()).await;
    refused.assert_error(401, "invalid_token");
    assert!(
        refused
            .header("www-authenticate")
            .starts_with("Bearer error=\"invalid_token\"")
    );
    world
        .refresh(&there.cookie(), Some("key"))
        .await
        .assert_error(401, "invalid_grant");
    assert_eq!(world.me(&here.access_token()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_administrators_end_the_sessions_of_others() {
    let world = World::new();
    let customer = world.sign_in("ada").await;
    let administrator = world.sign_in("grace").await;
    let (customer_sid, administrator_sid) =
        (&customer.claims()["sid"], &administrator.claims()["sid"]);
    let unknown = &serde_json::json!("unknown");
    for sid in [administrator_sid, unknown] {
        let answer = end(&world, sid, &customer.access_token()).await;
        answer.assert_error(403, "insufficient_scope");
    }
    assert_eq!(
        world.me(&administrator.access_token()).await.status,
        StatusCode::OK
    );
    let token = administrator.access_token();
    assert_eq!(
        end(&world, unknown, &token).await.status,
        StatusCode::NOT_FOUND
    );
    for _ in 0..2 {
        assert_eq!(
            end(&world, customer_sid, &token).await.status,
            StatusCode::NO_CONTENT
        );
    }
    world
        .me(&customer.access_token())
        .await
        .assert_error(401, "invalid_token");
    assert!(
        world
            .audit_lines()
            .contains(&"session-ended:ended-by-administrator".to_owned())
    );
}

#[tokio::test]
async fn the_api_takes_only_its_own_tokens() {
    let world = World::new();
    let missing = world.get("/api/me").await;
    assert_eq!(missing.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        missing.header("www-authenticate"),
        "Bearer realm=\"sample-api\""
    );

    let token = world.sign_in("ada").await.access_token();
    let foreign = World::new().sign_in("ada").await.access_token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other_signature = foreign.rsplit_once('.').unwrap().1;
    for wrong in [
        foreign.clone(),
        format!("{signed}.{other_signature}"),
        format!("{signed}."),
        format!("e30.{}.{signature}", signed.split_once('.').unwrap().1),
        "a.b.c".to_owned(),
    ] {
        world.me(&wrong).await.assert_error(401, "invalid_token");
    }
}

#[tokio::test]
async fn the_cookie_confers_nothing_on_the_api() {
    let world = World::new();
    let answer = world.sign_in("ada").await;
    let request = with_cookie(axum::http::Request::get("/api/me"), Some(&answer.cookie()));
    let refused = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}
