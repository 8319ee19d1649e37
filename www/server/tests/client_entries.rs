//! What pages tell at `/audit`.

mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use common::{World, client_batch, client_entry, from, holding};
use sample_server::{AuditFilter, ClientEntry};
use serde_json::{Value, json};

fn kept(world: &World) -> Vec<ClientEntry> {
    let filter = AuditFilter::default();
    world.observer().client_entries(&filter).unwrap()
}

fn batch(entries: &[Value]) -> Request<Body> {
    client_batch(json!({ "tab": "3f1c-tab", "entries": entries }).to_string())
}

#[tokio::test]
async fn entries_are_kept_once_with_the_session_of_the_cookie() {
    let world = World::new();
    let session = world.sign_in("ada").await;
    let renewed = client_entry(1, "renewed", json!({ "by": "this-tab", "took": 41.5 }));
    let failed = client_entry(
        2,
        "renewal-failed",
        json!({ "cause": "network", "retryAt": null }),
    );
    let cookie = session.cookie();
    let first = holding(
        batch(std::slice::from_ref(&renewed)),
        &[("refresh", &cookie)],
    );
    let answer = world.send(first).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("cache-control"), "no-store");
    // The answer was lost, and the session has ended since.
    let again = world.send(batch(&[renewed, failed])).await;
    assert_eq!(again.status, StatusCode::NO_CONTENT);

    let kept = kept(&world);
    let brief: Vec<_> = kept
        .iter()
        .map(|entry| (entry.sequence, entry.r#type.as_str(), entry.sub.as_deref()))
        .collect();
    let expected = [
        (1, "renewed", Some("user-ada")),
        (2, "renewal-failed", None),
    ];
    assert_eq!(brief, expected);
    assert_eq!(kept[0].sid, Some(session.sid()));
    assert_eq!(kept[0].detail, json!({ "by": "this-tab", "took": 41.5 }));
    assert_eq!(kept[0].at, "2026-01-01T00:00:00.250Z");
    assert_eq!(
        world.audit_lines(),
        ["sign-in"],
        "the server's own trail is apart"
    );
}

#[tokio::test]
async fn they_answer_the_operator() {
    let world = World::new();
    let rejected = |n, reason: &str| client_entry(n, "token-rejected", json!({ "reason": reason }));
    let entries = [
        rejected(1, "exp"),
        rejected(2, "alg"),
        rejected(3, "exp"),
        client_entry(6, "renewal-failed", json!({ "cause": "timeout" })),
        client_entry(7, "ended", json!({ "reason": "idle-timeout" })),
    ];
    world.send(batch(&entries)).await;
    let report = world.report(60);
    let by_pages = report.token_refusals.unwrap().by_pages;
    let by_pages: Vec<_> = by_pages
        .iter()
        .map(|c| (c.name.as_str(), c.count))
        .collect();
    assert_eq!(by_pages, [("exp", 2), ("alg", 1)]);
    let clients = report.clients.unwrap();
    assert_eq!((clients.tabs, clients.entries, clients.missing), (1, 5, 2));
    assert_eq!(clients.renewals_failed[0].name, "timeout");
    assert_eq!(clients.ended[0].name, "idle-timeout");
    assert!(clients.clock_skew.is_none());
    for (tab, skews) in [("x", [9, -301]), ("y", [-300, -310]), ("z", [900, 10])] {
        for (sequence, seconds) in (1..).zip(skews) {
            let detail = json!({ "skew": seconds * 1000, "uncertainty": 400 });
            let entry = client_entry(sequence, "clock-skew", detail);
            let body = json!({ "tab": tab, "entries": [entry] }).to_string();
            world.send(client_batch(body)).await;
        }
    }
    let skew = world.report(60).clients.unwrap().clock_skew.unwrap();
    assert_eq!((skew.tabs, skew.server_ahead_seconds), (3, -301));
    world.advance_seconds(61);
    assert_eq!(world.report(60).clients.unwrap().entries, 0);
}

#[tokio::test]
async fn bad_batches_are_refused_with_a_reason_and_nothing_is_kept() {
    let world = World::new();
    let entry = client_entry(1, "ended", json!({}));
    let with = |name: &str, value: Value| {
        let mut entry = entry.clone();
        entry[name] = value;
        json!({ "tab": "a", "entries": [entry] }).to_string()
    };
    let many: Vec<_> = (0..101)
        .map(|n| client_entry(n, "ended", json!({})))
        .collect();
    let jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
    for (body, wanted) in [
        (String::new(), "EOF"),
        ("not json".to_owned(), "JSON"),
        ("[]".to_owned(), "expected struct Batch"),
        (json!({ "tab": "a" }).to_string(), "missing field `entries`"),
        (
            json!({ "tab": "a", "entries": [], "more": 1 }).to_string(),
            "unknown field `more`",
        ),
        (
            json!({ "tab": "a", "entries": [] }).to_string(),
            "entries are 1 to 100",
        ),
        (
            json!({ "tab": "a", "entries": many }).to_string(),
            "entries are 1 to 100",
        ),
        (
            json!({ "tab": "a b", "entries": [entry] }).to_string(),
            "tab is a name",
        ),
        (with("sequence", json!(-1)), "entries[0].sequence"),
        (with("sequence", json!(1.5)), "entries[0].sequence"),
        (with("at", json!("now")), "entries[0].at"),
        (with("at", json!(-1)), "entries[0].at"),
        (with("type", json!("no such thing!")), "entries[0].type"),
        (with("detail", json!([])), "entries[0].detail"),
        (
            with("detail", json!({ "a": { "b": 1 } })),
            "entries[0].detail",
        ),
        (
            with("detail", json!({ "a": "\u{1b}[2J" })),
            "entries[0].detail",
        ),
        (
            with("detail", json!({ "a": "\u{202e}gnp.exe" })),
            "entries[0].detail",
        ),
        (with("detail", json!({ "a": jwt })), "looks like a token"),
        (with("other", json!(1)), "unknown field `other`"),
    ] {
        let answer = world.send(client_batch(body.clone())).await;
        answer.assert_error(400, "invalid_request");
        let said = answer.json()["error_description"].to_string();
        assert!(said.contains(wanted), "{said} for {body}");
        assert!(!said.contains("eyJ"), "the token is not said back");
    }
    let long = with("detail", json!({ "a": "x".repeat(70_000) }));
    let answer = world.send(client_batch(long)).await;
    answer.assert_error(413, "invalid_request");
    let text = client_batch(with("at", json!(1)));
    let (mut parts, body) = text.into_parts();
    parts
        .headers
        .insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
    let answer = world.send(Request::from_parts(parts, body)).await;
    answer.assert_error(400, "invalid_request");
    assert!(kept(&world).is_empty());
}

#[tokio::test]
async fn a_cookie_in_an_entry_is_refused() {
    let world = World::new();
    let cookie = world.sign_in("ada").await.cookie();
    let entry = client_entry(1, "ended", json!({ "reason": format!("it was {cookie}") }));
    let answer = world
        .send(holding(batch(&[entry]), &[("refresh", &cookie)]))
        .await;
    answer.assert_error(400, "invalid_request");
    assert!(kept(&world).is_empty());
}

#[tokio::test]
async fn other_origins_may_not_tell_anything() {
    let world = World::new();
    let entry = client_entry(1, "ended", json!({}));
    for (name, value) in [
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let mut request = batch(std::slice::from_ref(&entry));
        request.headers_mut().insert(name, value.parse().unwrap());
        world.send(request).await.assert_error(403, "access_denied");
    }
    assert!(kept(&world).is_empty());
    assert_eq!(
        world.audit_lines(),
        ["request-refused:foreign-origin /audit"; 4]
    );
    let get = world.get("/audit").await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    let mut request = batch(&[entry]);
    request
        .headers_mut()
        .insert("sec-fetch-site", "same-origin".parse().unwrap());
    assert_eq!(world.send(request).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_address_is_bounded_and_so_is_what_is_kept() {
    let world = World::new();
    for n in 0..300 {
        let request = batch(&[client_entry(n, "renewed", json!({}))]);
        let answer = world.send(from("203.0.113.7", request)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
    let more = || batch(&[client_entry(300, "renewed", json!({}))]);
    let blocked = world.send(from("203.0.113.7", more())).await;
    blocked.assert_error(429, "temporarily_unavailable");
    assert_eq!(blocked.header("retry-after"), "60");
    let other = world.send(from("198.51.100.7", more())).await;
    assert_eq!(other.status, StatusCode::NO_CONTENT);
    world.advance_seconds(60);
    let more = batch(&[client_entry(301, "renewed", json!({}))]);
    let later = world.send(from("203.0.113.7", more)).await;
    assert_eq!(later.status, StatusCode::NO_CONTENT);

    world.advance_seconds(30 * 86_400 - 60);
    world.app.sweep().unwrap();
    assert_eq!(kept(&world).len(), 302);
    world.advance_seconds(1);
    world.app.sweep().unwrap();
    assert_eq!(kept(&world).len(), 1);
    world.advance_seconds(60);
    world.app.sweep().unwrap();
    assert!(kept(&world).is_empty());
}
