//! Which requests a fault hits, and when it is over.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::json;
use tokio::time::sleep;

use crate::common::{World, bearer, own, sign_in_request};
use crate::{arm, armed, assert_unharmed, count, faulty, once};

/// Refreshes with a token that is none: 401 from the endpoint, 503 from the fault.
async fn status_of_refresh(world: &World) -> u16 {
    world.refresh("AAAA", None).await.status.as_u16()
}

#[tokio::test]
async fn it_ends_after_so_many_requests() {
    let world = faulty();
    arm(&world, json!({ "status": { "code": 503 }, "requests": 2 })).await;
    assert_eq!(status_of_refresh(&world).await, 503);
    assert_eq!(armed(&world).await[0]["remainingRequests"], 1);
    assert_eq!(armed(&world).await[0]["hits"], 1);
    assert_eq!(status_of_refresh(&world).await, 503);
    assert_eq!(armed(&world).await, json!([]));
    assert_eq!(status_of_refresh(&world).await, 401);
    assert_eq!(
        count(&world, "fault-injected:status-503-before /auth/refresh"),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn it_ends_after_so_many_seconds() {
    let world = faulty();
    arm(&world, json!({ "status": { "code": 503 }, "seconds": 10 })).await;
    for _ in 0..3 {
        assert_eq!(status_of_refresh(&world).await, 503);
    }
    sleep(Duration::from_millis(9_900)).await;
    let listed = armed(&world).await;
    assert_eq!(listed[0]["hits"], 3);
    assert_eq!(listed[0]["remainingSeconds"], 0.1);
    assert_eq!(status_of_refresh(&world).await, 503);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(armed(&world).await, json!([]));
    assert_eq!(status_of_refresh(&world).await, 401);
}

#[tokio::test]
async fn it_hits_the_renewal_and_nothing_else_unless_told() {
    let world = faulty();
    arm(&world, json!({ "status": { "code": 503 }, "requests": 1 })).await;
    let first = world.sign_in("ada").await;
    assert_eq!(world.me(&first.access_token()).await.status, StatusCode::OK);
    assert_eq!(world.sign_out(None).await.status, StatusCode::NO_CONTENT);
    let refused = world.refresh(&first.cookie(), Some("key")).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let second = world.refresh(&first.cookie(), Some("key")).await;
    assert_unharmed(&world, &second).await;
}

#[tokio::test]
async fn each_endpoint_can_be_chosen() {
    for path in [
        "/auth/login",
        "/auth/refresh",
        "/auth/logout",
        "/auth/events",
        "/auth/password",
        "/auth/sessions",
        "/auth/step-up",
        "/api/me",
        "/api/payments",
        "/api/sessions",
        "/.well-known/jwks.json",
        "/",
    ] {
        let world = faulty();
        std::fs::create_dir_all(&world.config.pages).unwrap();
        std::fs::write(world.config.pages.join("index.html"), "<!doctype html>").unwrap();
        arm(
            &world,
            json!({ "path": path, "status": { "code": 418 }, "seconds": 60 }),
        )
        .await;
        for (endpoint, answer) in one_of_each(&world).await {
            assert_eq!(endpoint == path, answer == 418, "{path} armed: {endpoint}");
        }
    }
}

#[tokio::test]
async fn any_is_every_endpoint_and_no_page() {
    let world = faulty();
    arm(
        &world,
        json!({ "path": "any", "status": { "code": 418 }, "seconds": 60 }),
    )
    .await;
    for (endpoint, answer) in one_of_each(&world).await {
        let spared = ["/", "/auth/events"].contains(&endpoint);
        assert_eq!(!spared, answer == 418, "{endpoint}");
    }
    assert_eq!(world.get("/pkg/missing").await.status, 404);
    assert_eq!(world.get("/faults").await.status, 200);
}

async fn one_of_each(world: &World) -> [(&'static str, u16); 13] {
    let delete = bearer(Method::DELETE, "/api/sessions/x", "none");
    let end_own = own(Method::DELETE, "/auth/sessions/x", "none", None);
    let list_own = bearer(Method::GET, "/auth/sessions", "none");
    let change = own(Method::POST, "/auth/password", "none", None);
    let step_up = own(Method::POST, "/auth/step-up", "none", None);
    let pay = own(Method::POST, "/api/payments", "none", None);
    let login = sign_in_request("ada", "wrong");
    [
        ("/auth/login", world.send(login).await),
        ("/auth/refresh", world.refresh("AAAA", None).await),
        ("/auth/logout", world.sign_out(None).await),
        ("/auth/events", world.get("/auth/events").await),
        ("/auth/password", world.send(change).await),
        ("/auth/sessions", world.send(list_own).await),
        ("/auth/sessions", world.send(end_own).await),
        ("/auth/step-up", world.send(step_up).await),
        ("/api/payments", world.send(pay).await),
        ("/api/me", world.me("none").await),
        ("/api/sessions", world.send(delete).await),
        (
            "/.well-known/jwks.json",
            world.get("/.well-known/jwks.json").await,
        ),
        ("/", world.get("/").await),
    ]
    .map(|(path, answer)| (path, answer.status.as_u16()))
}

#[tokio::test]
async fn several_hit_one_after_the_other() {
    let world = faulty();
    for code in [500, 429, 502] {
        arm(&world, once("status", json!({ "code": code }))).await;
    }
    for code in [500, 429, 502, 401] {
        assert_eq!(status_of_refresh(&world).await, code);
    }
}

#[tokio::test]
async fn without_a_fault_every_request_passes() {
    let world = faulty();
    let first = world.sign_in("ada").await;
    let second = world.refresh(&first.cookie(), Some("key")).await;
    assert_ne!(first.access_token(), second.access_token());
    assert_unharmed(&world, &second).await;
    let lines = world.audit_lines();
    assert!(!lines.iter().any(|line| line.starts_with("fault-injected")));
}
