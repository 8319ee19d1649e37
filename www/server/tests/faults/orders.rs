//! Who may order what.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;

use crate::common::{World, post};
use crate::{arm, armed, clear, faulty, order};

#[tokio::test]
async fn without_the_flag_there_is_no_such_endpoint() {
    let world = World::new();
    for method in [Method::GET, Method::POST, Method::DELETE, Method::PUT] {
        let request = Request::builder()
            .method(method)
            .uri("/faults")
            .header("X-CSRF", "1")
            .body(Body::empty())
            .unwrap();
        assert_eq!(world.send(request).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(world.get("/").await.header("server-timing"), "");
    assert_eq!(faulty().get("/").await.header("server-timing"), "faults");
    let shows_codes = World::with(|config| config.demonstration = true);
    let page = shows_codes.get("/").await;
    assert_eq!(page.header("server-timing"), "demonstration");
}

#[tokio::test]
async fn orders_are_listed_as_they_were_given_until_they_are_cleared() {
    let world = faulty();
    assert_eq!(armed(&world).await, json!([]));
    arm(&world, json!({ "path": "any", "hang": {}, "requests": 2 })).await;
    let retry_after = json!({ "dateInSeconds": -3 });
    let status = json!({ "code": 503, "retryAfter": retry_after, "when": "after" });
    arm(&world, json!({ "status": status, "requests": 1 })).await;
    assert_eq!(
        armed(&world).await,
        json!([
            { "path": "any", "requests": 2, "hang": { "when": "before" },
              "remainingRequests": 2, "hits": 0, "holding": 0 },
            { "path": "/auth/refresh", "requests": 1, "status": status,
              "remainingRequests": 1, "hits": 0, "holding": 0 },
        ])
    );
    clear(&world).await;
    assert_eq!(armed(&world).await, json!([]));
}

#[tokio::test]
async fn every_kind_is_taken() {
    let world = faulty();
    for fault in [
        json!({ "path": "/auth/login", "status": { "code": 200 }, "requests": 1 }),
        json!({ "path": "/auth/logout", "status": { "code": 599, "retryAfter": { "seconds": 0 } }, "seconds": 1 }),
        json!({ "path": "/api/me", "delay": { "ms": 2000, "when": "after" }, "requests": 1 }),
        json!({ "path": "/api/sessions", "hang": { "when": "after" }, "seconds": 9 }),
        json!({ "path": "/.well-known/jwks.json", "drop": {}, "requests": 1 }),
        json!({ "path": "/", "body": { "content": "tenMegabytes", "when": "after" }, "requests": 1 }),
        json!({ "sameToken": {}, "requests": 4_294_967_295_u32 }),
        json!({ "path": "any", "redirect": {}, "requests": 1 }),
    ] {
        arm(&world, fault).await;
    }
    assert_eq!(armed(&world).await.as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn what_is_not_understood_is_refused_by_name() {
    let world = faulty();
    for (body, named) in [
        (r#"{"drop":{},"requests":1,"status ":{}}"#, "`status `"),
        (r#"{"drop":{"wen":"after"},"requests":1}"#, "`wen`"),
        (r#"{"drop":{"when":"later"},"requests":1}"#, "drop.when"),
        (r#"{"sameToken":{"when":"after"},"requests":1}"#, "`when`"),
        (r#"{"redirect":{"to":"/x"},"requests":1}"#, "`to`"),
        (r#"{"status":{},"requests":1}"#, "`code`"),
        (r#"{"status":{"code":103},"requests":1}"#, "status.code"),
        (r#"{"status":{"code":600},"requests":1}"#, "status.code"),
        (r#"{"status":{"code":"503"},"requests":1}"#, "status.code"),
        (
            r#"{"status":{"code":503,"retryAfter":3},"requests":1}"#,
            "retryAfter",
        ),
        (
            r#"{"status":{"code":503,"retryAfter":{"seconds":-1}},"requests":1}"#,
            "retryAfter",
        ),
        (
            r#"{"status":{"code":503,"retryAfter":{"seconds":1,"dateInSeconds":1}},"requests":1}"#,
            "retryAfter",
        ),
        (r#"{"delay":{"ms":0},"requests":1}"#, "delay.ms"),
        (r#"{"delay":{},"requests":1}"#, "`ms`"),
        (r#"{"body":{"content":"xml"},"requests":1}"#, "body.content"),
        (r#"{"body":{},"requests":1}"#, "`content`"),
        (r#"{"path":"/auth","drop":{},"requests":1}"#, "path"),
        (r#"{"path":"any","sameToken":{},"requests":1}"#, "sameToken"),
        (
            r#"{"drop":{},"hang":{},"requests":1}"#,
            "status, delay, hang, drop",
        ),
        (r#"{"requests":1}"#, "status, delay, hang, drop"),
        (r#"{"drop":{}}"#, "requests and seconds"),
        (
            r#"{"drop":{},"requests":1,"seconds":1}"#,
            "requests and seconds",
        ),
        (r#"{"drop":{},"requests":0}"#, "requests"),
        (r#"{"drop":{},"seconds":1.5}"#, "seconds"),
        (r#"[]"#, "expected struct Order"),
        ("", "JSON"),
    ] {
        let refused = world.send(order(body)).await;
        refused.assert_error(400, "invalid_request");
        let description = refused.json()["error_description"].to_string();
        assert!(description.contains(named), "{body}: {description}");
    }
    let untyped = post("/faults").body(Body::from(r#"{"drop":{},"requests":1}"#));
    world
        .send(untyped.unwrap())
        .await
        .assert_error(400, "invalid_request");
    assert_eq!(armed(&world).await, json!([]));
}

#[tokio::test]
async fn another_site_can_neither_arm_nor_clear() {
    let world = faulty();
    arm(&world, json!({ "drop": {}, "requests": 1 })).await;
    for method in [Method::POST, Method::DELETE] {
        for origin in [None, Some("http://evil.test")] {
            let mut request = Request::builder()
                .method(method.clone())
                .uri("/faults")
                .header(header::HOST, "localhost:8080")
                .header(header::CONTENT_TYPE, "application/json");
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin).header("X-CSRF", "1");
            }
            let body = Body::from(r#"{"hang":{},"requests":1}"#);
            let refused = world.send(request.body(body).unwrap()).await;
            refused.assert_error(403, "access_denied");
        }
    }
    assert_eq!(armed(&world).await.as_array().unwrap().len(), 1);
}
