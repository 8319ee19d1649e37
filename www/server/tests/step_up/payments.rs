//! What the token of a step-up is good for.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::common::{START_SECONDS, World, bearer, own};
use crate::{code, pay, step_up, world};

#[tokio::test]
async fn a_password_is_not_enough_for_a_payment() {
    let world = world();
    let session = world.sign_in("ada").await;
    let refused = pay(&world, &session.access_token()).await;
    refused.assert_error(401, "insufficient_user_authentication");
    assert_eq!(
        refused.header("www-authenticate"),
        "Bearer error=\"insufficient_user_authentication\", \
         error_description=\"This action wants a second factor, just now.\", \
         acr_values=\"aal2\", max_age=\"300\""
    );
    assert!(!world.audit_lines().contains(&"payment".to_owned()));
}

#[tokio::test]
async fn a_code_allows_it() {
    let world = world();
    let session = world.sign_in("ada").await;
    world.advance_seconds(100);
    let body = json!({ "code": code(&world, &session).await });
    let answer = step_up(&world, &session, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(answer.number("expires_in"), 120);
    assert_eq!(answer.number("session_expires_in"), 12 * 3600 - 100);
    assert_eq!(answer.json()["scope"], "payments");
    let (before, claims) = (session.claims(), answer.claims());
    for member in ["iss", "aud", "sub", "sid", "role", "name"] {
        assert_eq!(claims[member], before[member], "{member}");
    }
    assert_eq!(before["acr"], "aal1");
    assert_eq!(before["amr"], json!(["pwd"]));
    assert_eq!(claims["acr"], "aal2");
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(claims["auth_time"], START_SECONDS + 100);
    assert_eq!(claims["exp"], START_SECONDS + 220);

    let paid = pay(&world, &answer.access_token()).await;
    assert_eq!(paid.status, StatusCode::CREATED);
    assert_eq!(paid.json()["amount_cents"], 1250);
    assert_eq!(
        world.me(&answer.access_token()).await.status,
        StatusCode::OK
    );
    pay(&world, &session.access_token())
        .await
        .assert_error(401, "insufficient_user_authentication");
    let lines = world.audit_lines();
    assert!(lines.ends_with(&["step-up:code".to_owned(), "payment".to_owned()]));

    world.advance_seconds(120);
    pay(&world, &answer.access_token())
        .await
        .assert_error(401, "invalid_token");
}

#[tokio::test]
async fn the_token_is_for_that_action_alone() {
    let world = world();
    for user in ["ada", "grace"] {
        let session = world.sign_in(user).await;
        let body = json!({ "code": code(&world, &session).await });
        let token = step_up(&world, &session, body).await.access_token();
        let own_session = format!("/auth/sessions/{}", session.sid());
        let any_session = format!("/api/sessions/{}", session.sid());
        for (method, path) in [
            (Method::GET, "/auth/sessions"),
            (Method::DELETE, "/auth/sessions"),
            (Method::DELETE, &own_session),
            (Method::DELETE, &any_session),
            (Method::POST, "/auth/password"),
            (Method::POST, "/auth/step-up"),
            (Method::DELETE, "/auth/remembered-devices"),
            (Method::GET, "/demonstration/code"),
        ] {
            let refused = world.send(own(method, path, &token, Some(json!({})))).await;
            refused.assert_error(403, "insufficient_scope");
            assert!(
                refused
                    .header("www-authenticate")
                    .ends_with("scope=\"profile\"")
            );
        }
        assert_eq!(
            world.me(&session.access_token()).await.status,
            StatusCode::OK
        );
    }
}

/// A page that goes on with the token for everything asks for what its session may do.
#[tokio::test]
async fn the_token_is_for_more_where_that_is_asked_for() {
    let world = world();
    for (user, wanted, scope) in [
        ("ada", "profile", "profile payments"),
        ("ada", "sessions payments everything", "payments"),
        ("grace", "profile sessions", "profile sessions payments"),
        ("grace", " sessions", "sessions payments"),
    ] {
        world.advance_seconds(30);
        let session = world.sign_in(user).await;
        let body = json!({ "code": code(&world, &session).await, "scope": wanted });
        let answer = step_up(&world, &session, body).await;
        assert_eq!(answer.json()["scope"], scope, "{user} {wanted}");
        let token = answer.access_token();
        assert_eq!(pay(&world, &token).await.status, StatusCode::CREATED);
        let list = world.send(bearer(Method::GET, "/auth/sessions", &token));
        let expected = if scope.contains("profile") { 200 } else { 403 };
        assert_eq!(list.await.status, expected, "{user} {wanted}");
    }
}

#[tokio::test]
async fn the_token_lives_no_longer_than_an_ordinary_one() {
    let world = World::with(|config| {
        config.demonstration = true;
        config.access_seconds = Some(60);
    });
    let session = world.sign_in("ada").await;
    let body = json!({ "code": code(&world, &session).await });
    let answer = step_up(&world, &session, body).await;
    assert_eq!(answer.number("expires_in"), 60);
}

#[tokio::test]
async fn the_token_ends_with_its_session() {
    let world = world();
    let session = world.sign_in("ada").await;
    let body = json!({ "code": code(&world, &session).await });
    let token = step_up(&world, &session, body).await.access_token();
    world.sign_out(Some(&session.cookie())).await;
    pay(&world, &token).await.assert_error(401, "invalid_token");
}

#[tokio::test]
async fn hostile_payments_are_refused() {
    let world = world();
    let session = world.sign_in("ada").await;
    let body = json!({ "code": code(&world, &session).await });
    let token = step_up(&world, &session, body).await.access_token();
    for order in [
        json!({ "payee": "", "amount_cents": 1 }),
        json!({ "payee": " ", "amount_cents": 1 }),
        json!({ "payee": "x".repeat(71), "amount_cents": 1 }),
        json!({ "payee": "a\nb", "amount_cents": 1 }),
        json!({ "payee": "a\u{202e}b", "amount_cents": 1 }),
        json!({ "payee": "a\u{2066}b", "amount_cents": 1 }),
        json!({ "payee": "a\u{2028}b", "amount_cents": 1 }),
        json!({ "payee": "a", "amount_cents": 0 }),
        json!({ "payee": "a", "amount_cents": -1 }),
        json!({ "payee": "a", "amount_cents": 1.5 }),
        json!({ "payee": "a", "amount_cents": 1e300 }),
        json!({ "payee": "a", "amount_cents": 1_000_001 }),
        json!({ "payee": "a", "amount_cents": "1" }),
        json!({ "payee": "a", "amount_cents": 1, "scope": "all" }),
        json!({ "payee": "a" }),
        json!([]),
    ] {
        let request = own(Method::POST, "/api/payments", &token, Some(order));
        world
            .send(request)
            .await
            .assert_error(400, "invalid_request");
    }
}
