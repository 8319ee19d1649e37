//! Faults that answer something else.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::common::{START_SECONDS, World};
use crate::{arm, assert_unharmed, count, faulty, once};

#[tokio::test]
async fn a_status_comes_with_either_form_of_retry_after() {
    let world = faulty();
    world.advance_seconds(-7200); // the date is one of the server's clock
    for (retry_after, expected) in [
        (json!({ "seconds": 120 }), "120"),
        (json!({ "seconds": 0 }), "0"),
        (
            json!({ "dateInSeconds": 90 }),
            "Wed, 31 Dec 2025 22:01:30 GMT",
        ),
        (
            json!({ "dateInSeconds": -60 }),
            "Wed, 31 Dec 2025 21:59:00 GMT",
        ),
    ] {
        let status = json!({ "code": 503, "retryAfter": retry_after });
        arm(&world, once("status", status)).await;
        let answer = world.refresh("AAAA", None).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), expected);
        assert_eq!(answer.header("date"), "Wed, 31 Dec 2025 22:00:00 GMT");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    arm(&world, once("status", json!({ "code": 429 }))).await;
    let answer = world.refresh("AAAA", None).await;
    answer.assert_error(429, "injected_fault");
    assert_eq!(answer.header("retry-after"), "");
    arm(&world, once("status", json!({ "code": 204 }))).await;
    assert_eq!(world.refresh("AAAA", None).await.text, "");
}

#[tokio::test]
async fn a_status_before_does_nothing_and_one_after_loses_the_answer() {
    for (when, renewals) in [("before", 0), ("after", 1)] {
        let world = faulty();
        let first = world.sign_in("ada").await;
        let fault = once("status", json!({ "code": 504, "when": when }));
        arm(&world, fault).await;
        let lost = world.refresh(&first.cookie(), Some("key")).await;
        assert_eq!(lost.status, StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(lost.header("set-cookie"), "");
        assert!(!lost.text.contains("access_token"));
        assert_eq!(count(&world, "renewal"), renewals);
        let again = world.refresh(&first.cookie(), Some("key")).await;
        assert_eq!(count(&world, "renewal-repeated"), renewals);
        assert_unharmed(&world, &again).await;
    }
}

#[tokio::test]
async fn a_redirect_leads_to_the_sign_in_page() {
    let world = faulty();
    let first = world.sign_in("ada").await;
    arm(&world, once("redirect", json!({}))).await;
    let answer = world.refresh(&first.cookie(), Some("key")).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!(answer.header("location"), "/");
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(count(&world, "renewal"), 0);
    let again = world.refresh(&first.cookie(), Some("key")).await;
    assert_unharmed(&world, &again).await;
}

/// Whether a client could take it for an answer: an object with a token and when it lapses.
fn is_usable(text: &str) -> bool {
    serde_json::from_str::<Value>(text)
        .is_ok_and(|answer| answer["access_token"].is_string() && answer["expires_in"].is_number())
}

#[tokio::test]
async fn garbage_instead_of_the_work_commits_nothing() {
    let world = faulty();
    let first = world.sign_in("ada").await;
    for (content, media_type) in [
        ("html", "text/html; charset=utf-8"),
        ("empty", "application/json"),
        ("truncatedJson", "application/json"),
        ("wrongTypes", "application/json"),
        ("tenMegabytes", "text/plain"),
    ] {
        arm(&world, once("body", json!({ "content": content }))).await;
        let answer = world.refresh(&first.cookie(), Some("key")).await;
        assert_eq!(answer.status, StatusCode::OK, "{content}");
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("set-cookie"), "");
        assert!(!is_usable(&answer.text), "{content}: {}", answer.text);
        assert_eq!(answer.text.is_empty(), content == "empty");
        assert_eq!(answer.text.len() >= 10_000_000, content == "tenMegabytes");
        let is_json = serde_json::from_str::<Value>(&answer.text).is_ok();
        assert_eq!(is_json, content == "wrongTypes");
    }
    assert_eq!(count(&world, "renewal"), 0);
    let again = world.refresh(&first.cookie(), Some("key")).await;
    assert_unharmed(&world, &again).await;
}

#[tokio::test]
async fn garbage_after_the_work_keeps_the_cookie() {
    let world = faulty();
    let first = world.sign_in("ada").await;
    let fault = once("body", json!({ "content": "wrongTypes", "when": "after" }));
    arm(&world, fault).await;
    let garbled = world.refresh(&first.cookie(), Some("key")).await;
    assert!(!is_usable(&garbled.text));
    assert_ne!(garbled.cookie(), first.cookie());
    assert_eq!(count(&world, "renewal"), 1);
    assert_unharmed(&world, &garbled).await;
}

#[tokio::test]
async fn the_same_token_again_is_the_sessions_last_one() {
    let world = faulty();
    let stranger = world.sign_in("grace").await;
    let first = world.sign_in("ada").await;
    world.advance_seconds(100);
    let second = world.refresh(&first.cookie(), Some("a")).await;
    arm(&world, json!({ "sameToken": {}, "requests": 2 })).await;
    let mut cookie = second.cookie();
    for seconds in [300, 1200] {
        world.advance_seconds(seconds);
        let again = world.refresh(&cookie, None).await;
        assert_eq!(again.access_token(), second.access_token());
        assert_ne!(again.cookie(), cookie);
        let remaining = START_SECONDS + 100 + 900 - now_seconds(again.header("date"));
        assert_eq!(again.number("expires_in"), remaining.max(0));
        cookie = again.cookie();
    }
    let other = world.refresh(&cookie, Some("b")).await;
    assert_ne!(other.access_token(), second.access_token());
    assert_ne!(other.access_token(), stranger.access_token());
    assert_eq!(count(&world, "renewal"), 4);
    assert_unharmed(&world, &other).await;
}

fn now_seconds(date: &str) -> i64 {
    let since_epoch = httpdate::parse_http_date(date)
        .unwrap()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(since_epoch.as_secs()).unwrap()
}

#[tokio::test]
async fn a_session_that_was_not_seen_keeps_its_first_token() {
    let world = faulty();
    let first = world.sign_in("ada").await;
    let restarted = World {
        router: sample_server::App::open(world.config.clone(), world.clock.clone())
            .unwrap()
            .router(),
        ..world
    };
    arm(&restarted, json!({ "sameToken": {}, "requests": 2 })).await;
    let second = restarted.refresh(&first.cookie(), None).await;
    assert_ne!(second.access_token(), first.access_token());
    let third = restarted.refresh(&second.cookie(), None).await;
    assert_eq!(third.access_token(), second.access_token());
}
