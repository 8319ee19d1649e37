//! Every example of HTTP in the document, asked of the server as it is shown.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use sample_server::AuditFilter;
use serde_json::{Deserializer, Value};
use tower::ServiceExt as _;

use crate::common::{Answer, START_SECONDS, World, own, post, sign_in_request, token_part};
use crate::document;
use crate::shown::{Message, assert_same, json, messages, part};

/// The whole seconds after the start at which an answer's `Date` says it was given.
const RENEWAL: i64 = 13 * 60 + 30;

/// A server as the document's: over TLS, and with what `--demonstration` and `--faults` offer.
fn world() -> World {
    World::with(|config| {
        config.tls = true;
        config.demonstration = true;
        config.faults = true;
    })
}

/// The messages of a part, of which there are so many.
fn shown<const COUNT: usize>(heading: &str) -> [Message; COUNT] {
    let messages = messages(&document(), heading);
    let count = messages.len();
    messages
        .try_into()
        .unwrap_or_else(|_| panic!("{heading} has {count} messages"))
}

async fn signed_in(world: &World) -> Answer {
    let [request, answer, _] = shown("## Sign-in");
    let signed_in = world.send(request.request(&[])).await;
    answer.assert_shows(&signed_in);
    signed_in
}

fn bearer(session: &Answer) -> String {
    format!("Bearer {}", session.access_token())
}

#[test]
fn none_is_left_out() {
    let asked = 3 + 3 + 1 + 2 + 2 + 3 + 3 + 2 + 6 + 2 + 2;
    assert_eq!(document().matches("```http\n").count(), asked);
}

#[tokio::test]
async fn sign_in() {
    let world = world();
    let signed_in = signed_in(&world).await;
    let document = document();
    let claims = part(&document, "## Sign-in").split("```json\n").nth(1);
    let (claims, _) = claims.unwrap().split_once("```").unwrap();
    let parts: Result<Vec<Value>, _> = Deserializer::from_str(claims).into_iter().collect();
    for (place, shown) in parts.unwrap().iter().enumerate() {
        assert_same(
            shown,
            &token_part(&signed_in.access_token(), place),
            "token",
        );
    }

    let [request, _, blocked] = shown("## Sign-in");
    world.send(sign_in_request("ada", "wrong")).await;
    world.advance_seconds(100);
    for _ in 1..10 {
        let refused = world.send(sign_in_request("ada", "wrong")).await;
        refused.assert_error(401, "invalid_grant");
    }
    blocked.assert_shows(&world.send(request.request(&[])).await);
}

#[tokio::test]
async fn renewal() {
    let world = world();
    let first = signed_in(&world).await;
    let [request, renewed, refused, _] = shown("## Renewal");
    world.advance_seconds(RENEWAL);
    let cookie = first.cookie();
    let send = async || world.send(request.request(&[("pT_5…", &cookie)])).await;
    let second = send().await;
    renewed.assert_shows(&second);
    assert_eq!(
        send().await.cookie(),
        second.cookie(),
        "the same attempt again"
    );

    assert_eq!(
        world.refresh(&second.cookie(), Some("next")).await.status,
        StatusCode::OK
    );
    world.advance_seconds(1);
    refused.assert_shows(&send().await);

    let document = document();
    let trail = part(&document, "## The audit trail")
        .split("```json\n")
        .nth(1);
    let (line, _) = trail.unwrap().split_once("```").unwrap();
    let alarm = world.audit().into_iter();
    let alarm = alarm.rev().find(|entry| entry.kind == "reuse-detected");
    assert_same(&json(line), &serde_json::to_value(alarm).unwrap(), "trail");
}

#[tokio::test]
async fn idleness() {
    let world = World::with(|config| {
        config.tls = true;
        config.idle_seconds = Some(30 * 60);
    });
    let first = signed_in(&world).await;
    world.advance_seconds(540);
    let [request] = shown("### Idleness");
    let renewed = world
        .send(request.request(&[("pT_5…", &first.cookie())]))
        .await;
    assert_eq!(renewed.status, StatusCode::OK);
    // It has told that nobody has done anything since the sign-in.
    world.advance_seconds(30 * 60 - 540 + 1);
    let mut late = request.request(&[("pT_5…", &renewed.cookie())]);
    late.headers_mut()
        .insert("idle-seconds", "1801".parse().unwrap());
    world.send(late).await.assert_error(401, "invalid_grant");
}

#[tokio::test]
async fn sign_out() {
    let world = world();
    let session = signed_in(&world).await;
    world.advance_seconds(20 * 60);
    let [request, answer] = shown("## Sign-out");
    answer.assert_shows(
        &world
            .send(request.request(&[("9LQe…", &session.cookie())]))
            .await,
    );
}

#[tokio::test]
async fn forgery() {
    let world = world();
    let session = signed_in(&world).await;
    let [request, answer] = shown("## Cross-site request forgery");
    answer.assert_shows(
        &world
            .send(request.request(&[("9LQe…", &session.cookie())]))
            .await,
    );
    let me = world.me(&session.access_token()).await;
    assert_eq!(me.status, StatusCode::OK, "it has no effect on the session");
}

#[tokio::test]
async fn api() {
    let world = world();
    let session = signed_in(&world).await;
    let [request, answer, ended] = shown("## The API, and ending a session at once");
    let send = async || {
        world
            .send(request.request(&[("Bearer eyJ0…", &bearer(&session))]))
            .await
    };
    answer.assert_shows(&send().await);
    let path = format!("/api/sessions/{}", session.sid());
    let end = own(
        "DELETE".parse().unwrap(),
        &path,
        &session.access_token(),
        None,
    );
    assert_eq!(world.send(end).await.status, StatusCode::NO_CONTENT);
    ended.assert_shows(&send().await);
}

#[tokio::test]
async fn own_sessions() {
    let world = world();
    let [request, _, _] = shown("## Sign-in");
    let mut request = request.request(&[]);
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    request
        .headers_mut()
        .insert("user-agent", firefox.parse().unwrap());
    let session = world.send(request).await;
    world.advance_seconds(RENEWAL);
    let renewal = post("/auth/refresh").header("Idle-Seconds", "10");
    let cookie = format!("__Host-refresh={}", session.cookie());
    let renewal = renewal
        .header("cookie", cookie)
        .body(Body::empty())
        .unwrap();
    assert_eq!(world.send(renewal).await.status, StatusCode::OK);

    let [request, list, change] = shown("## A user's own sessions");
    let values = [("Bearer eyJ0…", &*bearer(&session))];
    list.assert_shows(&world.send(request.request(&values)).await);

    // The answer is that of a sign-in.
    let changed = world.send(change.request(&values)).await;
    assert_eq!(changed.status, StatusCode::OK);
    let names = |answer: &Answer| {
        answer
            .json()
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&changed), names(&session));
    assert_eq!(
        world.me(&session.access_token()).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        world.me(&changed.access_token()).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn events() {
    let world = world();
    let session = signed_in(&world).await;
    let cookie = session.cookie();
    let [request, answer] = shown("## Revocation, told at once");
    let (parts, mut body) = world
        .router
        .clone()
        .oneshot(request.request(&[("9LQe…", &cookie)]))
        .await
        .unwrap()
        .into_parts();
    let headers = Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::new(),
    };
    Message {
        body: String::new(),
        line: answer.line,
        headers: answer.headers,
    }
    .assert_shows(&headers);

    let out = tokio::spawn({
        let router = world.router.clone();
        let out = post("/auth/logout").header("cookie", format!("__Host-refresh={cookie}"));
        router.oneshot(out.body(Body::empty()).unwrap())
    });
    assert_eq!(out.await.unwrap().unwrap().status(), StatusCode::NO_CONTENT);
    let mut heard = String::new();
    let listen = async {
        while let Some(frame) = body.frame().await {
            heard.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(30), listen)
        .await
        .unwrap();
    // The line with a colon comes in silence only.
    let shown = answer
        .body
        .replace(":\n\n", "")
        .replace("5kEM…", &session.sid());
    assert_eq!(heard.replace(":\n\n", "").trim_end(), shown);

    let mut again = request.request(&[("9LQe…", &cookie)]);
    again
        .headers_mut()
        .insert("last-event-id", session.sid().parse().unwrap());
    assert_eq!(world.send(again).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn step_up() {
    let world = world();
    let session = signed_in(&world).await;
    let messages = messages(&document(), "## Step-up");
    let [pay, refused, step, granted, ask, told] = messages.try_into().ok().unwrap();
    let token = bearer(&session);
    let values = [("Bearer eyJ0…", &*token)];
    refused.assert_shows(&world.send(pay.request(&values)).await);

    let codes = world.send(ask.request(&values)).await;
    let expected = json(&told.body);
    for member in ["secret", "digits", "period"] {
        assert_eq!(codes.json()[member], expected[member], "{member}");
    }
    let names = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&codes.json()), names(&expected));
    assert_eq!(codes.header("cache-control"), "no-store");
    let code = codes.json()["code"].as_str().unwrap().to_owned();
    assert_eq!(code.len(), 6);

    world.advance_seconds(1);
    let shown_code = json(&step.body)["code"].as_str().unwrap().to_owned();
    let stepped = world
        .send(step.request(&[("Bearer eyJ0…", &token), (&shown_code, &code)]))
        .await;
    granted.assert_shows(&stepped);
    let claims = stepped.claims();
    assert_eq!(claims["acr"], "aal2");
    assert_eq!(claims["amr"], json(r#"["pwd","otp","mfa"]"#));
    assert_eq!(claims["auth_time"], START_SECONDS + 1);
    assert_eq!(
        (&claims["sub"], &claims["sid"]),
        (&session.claims()["sub"], &session.claims()["sid"])
    );
    let paid = world
        .send(pay.request(&[("Bearer eyJ0…", &bearer(&stepped))]))
        .await;
    assert!(paid.status.is_success(), "{paid:?}");
}

#[tokio::test]
async fn client_entries() {
    let world = world();
    let session = signed_in(&world).await;
    world.advance_seconds(RENEWAL);
    let [request, answer] = shown("## What pages tell");
    let values = [("9LQe…", &*session.cookie())];
    answer.assert_shows(&world.send(request.request(&values)).await);

    let shown = json(&request.body);
    let kept = world
        .observer()
        .client_entries(&AuditFilter::default())
        .unwrap();
    let [kept] = &kept[..] else {
        panic!("{kept:?}");
    };
    assert_eq!(kept.sid, Some(session.sid()));
    let tab = shown["tab"].as_str().unwrap();
    assert_eq!(kept.tab, tab);
    let entry = &shown["entries"][0];
    assert_eq!(entry["sequence"], kept.sequence);
    assert_eq!(entry["type"], kept.r#type);
    assert_eq!(entry["detail"], kept.detail);
    assert_eq!(kept.at, "2026-01-01T00:13:30.000Z");
}

#[tokio::test]
async fn faults() {
    let world = world();
    let [request, answer] = shown("### Making it misbehave");
    answer.assert_shows(&world.send(request.request(&[])).await);
    let list = world.get("/faults").await.json();
    assert_eq!(list["armed"].as_array().unwrap().len(), 1);
    let clear = Request::delete("/faults")
        .header("host", "localhost:8080")
        .header("x-csrf", "1");
    let cleared = world.send(clear.body(Body::empty()).unwrap()).await;
    assert_eq!(cleared.status, StatusCode::NO_CONTENT);
}
