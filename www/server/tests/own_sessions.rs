//! A user's own sessions: seen, and ended one by one or all at once.

mod common;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use common::{Answer, START_SECONDS, World, bearer, holding, own, published_sign_in};
use serde_json::{Value, json};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn list(world: &World, of: &Answer) -> Vec<Value> {
    let request = bearer(Method::GET, "/auth/sessions", &of.access_token());
    let answer = world.send(request).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()["sessions"].as_array().unwrap().clone()
}

async fn delete(world: &World, path: &str, by: &Answer) -> Answer {
    let request = own(Method::DELETE, path, &by.access_token(), None);
    let cookie = by.cookie();
    world.send(holding(request, &[("refresh", &cookie)])).await
}

async fn stands(world: &World, session: &Answer) -> bool {
    let status = world.me(&session.access_token()).await.status;
    status == StatusCode::OK
}

#[tokio::test]
async fn users_see_their_own_sessions() {
    let world = World::new();
    world.sign_in("grace").await;
    let here = world.sign_in("ada").await;
    world.advance_seconds(60);
    let mut request = published_sign_in("ada");
    request
        .headers_mut()
        .insert(header::USER_AGENT, FIREFOX.parse().unwrap());
    let there = world.send(request).await;
    world.advance_seconds(60);
    world.refresh(&there.cookie(), Some("key")).await;

    let sessions = list(&world, &here).await;
    assert_eq!(sessions.len(), 2);
    let at = |seconds| START_SECONDS + seconds;
    let (first, second) = (&sessions[0], &sessions[1]);
    assert_eq!(first["sid"], here.sid());
    assert_eq!(first["current"], true);
    assert_eq!(first["started_at"], at(0));
    assert_eq!(first["last_used_at"], at(0));
    assert_eq!(first["ends_at"], at(12 * 3600));
    assert_eq!(first["device"]["description"], "an unknown browser");
    assert_eq!(second["sid"], there.sid());
    assert_eq!(second["current"], false);
    assert_eq!(second["started_at"], at(60));
    assert_eq!(second["last_used_at"], at(120));
    assert_eq!(second["last_active_at"], at(120));
    assert_eq!(second["device"]["description"], "Firefox on Linux");
    assert_eq!(second["device"]["first_used_at"], at(60));
    assert_eq!(second["device"]["last_used_at"], at(120));
    assert_eq!(second["device"]["remembered_until"], Value::Null);
    assert_ne!(first["device"]["id"], second["device"]["id"]);
}

#[tokio::test]
async fn one_is_ended() {
    let world = World::new();
    let here = world.sign_in("ada").await;
    let there = world.sign_in("ada").await;
    let path = format!("/auth/sessions/{}", there.sid());
    for _ in 0..2 {
        let answer = delete(&world, &path, &here).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.header("set-cookie"), "", "the browser's own goes on");
    }
    assert!(stands(&world, &here).await && !stands(&world, &there).await);
    assert_eq!(list(&world, &here).await.len(), 1);

    let answer = delete(&world, &format!("/auth/sessions/{}", here.sid()), &here).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(
        answer
            .header("set-cookie")
            .starts_with("refresh=; Max-Age=0;")
    );
    assert!(!stands(&world, &here).await);
    let ends = world.audit_lines();
    let ends = ends
        .iter()
        .filter(|line| *line == "session-ended:ended-by-user");
    assert_eq!(ends.count(), 2);
}

#[tokio::test]
async fn strangers_sessions_are_as_good_as_none() {
    let world = World::new();
    let ada = world.sign_in("ada").await;
    let grace = world.sign_in("grace").await;
    let unknown = [
        grace.sid(),
        "unknown".to_owned(),
        "%00".to_owned(),
        "a'--".to_owned(),
    ];
    for sid in unknown {
        let answer = delete(&world, &format!("/auth/sessions/{sid}"), &ada).await;
        answer.assert_error(404, "invalid_request");
    }
    assert!(stands(&world, &grace).await);
}

#[tokio::test]
async fn all_are_ended_or_all_others() {
    let world = World::new();
    let stranger = world.sign_in("grace").await;
    let here = world.sign_in("ada").await;
    world.sign_in("ada").await;
    world.sign_in("ada").await;
    let others = delete(&world, "/auth/sessions?keep=current", &here).await;
    assert_eq!(others.json(), json!({ "ended": 2 }));
    assert_eq!(others.header("set-cookie"), "");
    assert!(stands(&world, &here).await);

    for query in ["keep=", "keep=all", "keep=current&x=1", "x", "keep=Current"] {
        let answer = delete(&world, &format!("/auth/sessions?{query}"), &here).await;
        answer.assert_error(400, "invalid_request");
    }
    assert!(
        stands(&world, &here).await,
        "nothing that is unclear is done"
    );

    world.sign_in("ada").await;
    let all = delete(&world, "/auth/sessions", &here).await;
    assert_eq!(all.json(), json!({ "ended": 2 }));
    assert!(all.header("set-cookie").starts_with("refresh=; Max-Age=0;"));
    assert!(!stands(&world, &here).await && stands(&world, &stranger).await);
}

#[tokio::test]
async fn the_cookie_alone_is_not_enough_and_neither_is_a_foreign_page() {
    let world = World::new();
    let answer = world.sign_in("ada").await;
    let one = format!("/auth/sessions/{}", answer.sid());
    let cookie = format!("refresh={}", answer.cookie());
    for (method, path) in [
        (Method::GET, "/auth/sessions"),
        (Method::DELETE, "/auth/sessions"),
        (Method::DELETE, &one),
        (Method::POST, "/auth/password"),
        (Method::POST, "/auth/step-up"),
        (Method::DELETE, "/auth/remembered-devices"),
    ] {
        let request = Request::builder().method(&method).uri(path);
        let request = request
            .header("X-CSRF", "1")
            .header(header::COOKIE, &cookie);
        let refused = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        if method == Method::GET {
            continue;
        }
        let request = bearer(method.clone(), path, &answer.access_token());
        let refused = world.send(request).await;
        refused.assert_error(403, "access_denied");
        let mut request = own(method, path, &answer.access_token(), None);
        let foreign = "http://evil.test".parse().unwrap();
        request.headers_mut().insert(header::ORIGIN, foreign);
        world.send(request).await.assert_error(403, "access_denied");
    }
    assert!(stands(&world, &answer).await);
}
