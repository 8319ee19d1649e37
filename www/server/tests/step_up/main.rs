//! Step-up: a payment wants a second factor.

#[path = "../common/mod.rs"]
mod common;

mod codes;
mod devices;
mod payments;

use axum::http::{Method, StatusCode};
use common::{Answer, World, bearer, own};
use serde_json::{Value, json};

fn world() -> World {
    World::with(|config| config.demonstration = true)
}

async fn pay(world: &World, access_token: &str) -> Answer {
    let order = json!({ "payee": "The Analytical Society", "amount_cents": 1250 });
    let request = own(Method::POST, "/api/payments", access_token, Some(order));
    world.send(request).await
}

/// A code that is accepted now.
async fn code(world: &World, session: &Answer) -> String {
    let request = bearer(Method::GET, "/demonstration/code", &session.access_token());
    let answer = world.send(request).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json()["code"].as_str().unwrap().to_owned()
}

async fn step_up(world: &World, session: &Answer, body: Value) -> Answer {
    let token = session.access_token();
    let request = own(Method::POST, "/auth/step-up", &token, Some(body));
    world.send(request).await
}
