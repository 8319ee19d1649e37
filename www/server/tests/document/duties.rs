//! What the checklist says that no other test looks at.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};

use crate::common::{START_SECONDS, World};

/// Sends a request without anything that it would need but the CSRF header.
async fn bare(world: &World, method: Method, path: &str) -> crate::common::Answer {
    let request = Request::builder().method(method).uri(path);
    let request = request
        .header("host", "localhost:8080")
        .header("x-csrf", "1");
    world.send(request.body(Body::empty()).unwrap()).await
}

const ENDPOINTS: [(Method, &str); 9] = [
    (Method::POST, "/auth/login"),
    (Method::POST, "/auth/refresh"),
    (Method::POST, "/auth/logout"),
    (Method::GET, "/auth/sessions"),
    (Method::DELETE, "/auth/sessions"),
    (Method::POST, "/auth/password"),
    (Method::GET, "/auth/events"),
    (Method::POST, "/auth/step-up"),
    (Method::DELETE, "/auth/remembered-devices"),
];

#[tokio::test]
async fn no_answer_may_be_kept_and_none_is_a_redirect() {
    let world = World::new();
    let session = world.sign_in("ada").await;
    let renewed = world.refresh(&session.cookie(), Some("key")).await;
    let mut answers = vec![
        world.sign_out(Some(&renewed.cookie())).await,
        session,
        renewed,
    ];
    for (method, path) in ENDPOINTS {
        answers.push(bare(&world, method, path).await);
    }
    for answer in answers {
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        assert!(!answer.status.is_redirection(), "{answer:?}");
    }
}

#[tokio::test]
async fn each_endpoint_takes_its_method_alone() {
    let world = World::new();
    let session = world.sign_in("ada").await;
    for path in ["/auth/login", "/auth/refresh", "/auth/logout"] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let answer = bare(&world, method, path).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        }
    }
    assert_eq!(
        world.me(&session.access_token()).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn tokens_are_dated_by_the_clock_of_date() {
    let world = World::new();
    for username in ["ada", "grace"] {
        let session = world.sign_in(username).await;
        let date = httpdate::parse_http_date(session.header("date")).unwrap();
        let since_epoch = date.duration_since(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(since_epoch.as_secs(), START_SECONDS.unsigned_abs());
        let claims = session.claims();
        assert_eq!(claims["iat"], START_SECONDS);
        let lifetime = claims["exp"].as_i64().unwrap() - START_SECONDS;
        assert_eq!(session.number("expires_in"), lifetime);
    }
}

#[tokio::test]
async fn roles_live_as_long_as_is_said() {
    let world = World::new();
    for (username, access_minutes, session_hours) in [("ada", 15, 12), ("grace", 5, 4)] {
        let session = world.sign_in(username).await;
        assert_eq!(session.number("expires_in"), access_minutes * 60);
        assert_eq!(session.number("session_expires_in"), session_hours * 3600);
    }
}
