//! A device that is remembered.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::common::{Answer, START_SECONDS, World, holding, own, published_sign_in};
use crate::{code, pay, step_up, step_up_on, world};

const DAY_SECONDS: i64 = 86_400;

async fn remember(world: &World, session: &Answer) {
    let body = json!({ "code": code(world, session).await, "remember": true });
    let answer = step_up(world, session, body).await;
    assert_eq!(answer.status, StatusCode::OK);
}

async fn sign_in_again(world: &World, device: &str) -> Answer {
    let request = holding(published_sign_in("ada"), &[("device", device)]);
    world.send(request).await
}

#[tokio::test]
async fn a_remembered_device_stands_in_for_a_code() {
    let world = world();
    let first = world.sign_in("ada").await;
    let device = first.device_cookie();
    step_up(&world, &first, json!({}))
        .await
        .assert_error(400, "invalid_grant");
    let body = json!({ "code": code(&world, &first).await, "remember": true });
    let answer = step_up(&world, &first, body).await;
    let until = START_SECONDS + 30 * DAY_SECONDS;
    assert_eq!(answer.number("device_remembered_until"), until);
    assert_eq!(
        step_up(&world, &first, json!({})).await.status,
        StatusCode::OK
    );

    world.sign_out(Some(&first.cookie())).await;
    world.advance_seconds(30 * DAY_SECONDS - 10);
    let second = sign_in_again(&world, &device).await;
    let answer = step_up(&world, &second, json!({ "remember": true })).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.number("device_remembered_until"),
        until,
        "it is not prolonged"
    );
    assert_eq!(answer.claims()["amr"], json!(["pwd", "device", "mfa"]));
    let paid = pay(&world, &answer.access_token()).await;
    assert_eq!(paid.status, StatusCode::CREATED);

    world.advance_seconds(10);
    step_up(&world, &second, json!({}))
        .await
        .assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn another_device_does_not() {
    let world = world();
    let remembered = world.sign_in("ada").await;
    remember(&world, &remembered).await;
    let other = world.sign_in("ada").await;
    let stranger = world.sign_in("grace").await;
    let cookie = remembered.device_cookie();
    let guess = "A".repeat(43);
    for (session, device) in [
        (&other, other.device_cookie()),
        // A session is bound to the device that it began on.
        (&other, cookie.clone()),
        (&stranger, cookie),
        (&remembered, other.device_cookie()),
        (&remembered, guess),
        (&remembered, String::new()),
    ] {
        let refused = step_up_on(&world, session, &device, json!({})).await;
        refused.assert_error(400, "invalid_grant");
    }
    // Nor is a device remembered whose cookie the request does not carry.
    let body = json!({ "code": code(&world, &other).await, "remember": true });
    let answer = step_up_on(&world, &other, &remembered.device_cookie(), body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json().get("device_remembered_until"), None);
}

/// Every end by which somebody says that the device may be in wrong hands.
#[tokio::test]
async fn it_is_forgotten_with_the_session_that_is_revoked() {
    for how in ["one", "all", "administrator", "reuse", "forget", "sign-out"] {
        let world = world();
        let session = world.sign_in("ada").await;
        let administrator = world.sign_in("grace").await;
        remember(&world, &session).await;
        let token = session.access_token();
        match how {
            "one" => {
                let path = format!("/auth/sessions/{}", session.sid());
                world.send(own(Method::DELETE, &path, &token, None)).await;
            }
            "all" => {
                let request = own(Method::DELETE, "/auth/sessions", &token, None);
                world.send(request).await;
            }
            "administrator" => {
                let path = format!("/api/sessions/{}", session.sid());
                let token = administrator.access_token();
                world.send(own(Method::DELETE, &path, &token, None)).await;
            }
            "reuse" => {
                world.refresh(&session.cookie(), Some("a")).await;
                world.refresh(&session.cookie(), Some("b")).await;
            }
            "forget" => {
                let path = "/auth/remembered-devices";
                let answer = world.send(own(Method::DELETE, path, &token, None)).await;
                assert_eq!(answer.status, StatusCode::NO_CONTENT);
                assert_eq!(world.me(&token).await.status, StatusCode::OK);
            }
            _ => {
                world.sign_out(Some(&session.cookie())).await;
            }
        }
        let again = sign_in_again(&world, &session.device_cookie()).await;
        let answer = step_up(&world, &again, json!({})).await;
        assert_eq!(answer.status == StatusCode::OK, how == "sign-out", "{how}");
    }
}
