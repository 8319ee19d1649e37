//! The server misbehaves as it was told to, and not otherwise.

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod connections;
mod lateness;
mod orders;
mod scope;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use common::{Answer, World, post};
use serde_json::{Value, json};

/// A server that takes orders.
fn faulty() -> World {
    World::with(|config| config.faults = true)
}

fn order(body: &str) -> Request<Body> {
    post("/faults")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn arm(world: &World, fault: Value) {
    let answer = world.send(order(&fault.to_string())).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
}

async fn armed(world: &World) -> Value {
    let answer = world.get("/faults").await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json()["armed"].clone()
}

async fn clear(world: &World) {
    let request = Request::builder()
        .method(Method::DELETE)
        .uri("/faults")
        .header("X-CSRF", "1")
        .body(Body::empty())
        .unwrap();
    assert_eq!(world.send(request).await.status, StatusCode::NO_CONTENT);
}

fn count(world: &World, line: &str) -> usize {
    let lines = world.audit_lines();
    lines.iter().filter(|found| *found == line).count()
}

/// The session goes on from this answer, and nothing looked like theft.
async fn assert_unharmed(world: &World, answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK);
    let next = world.refresh(&answer.cookie(), Some("next")).await;
    assert_eq!(next.status, StatusCode::OK);
    let lines = world.audit_lines();
    assert!(
        !lines
            .iter()
            .any(|line| line.starts_with("reuse-detected") || line.starts_with("session-ended")),
        "{lines:?}"
    );
}

fn once(kind: &str, settings: Value) -> Value {
    json!({ kind: settings, "requests": 1 })
}
