//! One-time codes: good once, and for so many attempts.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::{World, bearer, own, send};
use crate::{code, step_up, world};

#[tokio::test]
async fn a_code_is_used_once() {
    let world = world();
    let session = world.sign_in("ada").await;
    let elsewhere = world.sign_in("ada").await;
    let first = json!({ "code": code(&world, &session).await });
    let earlier = json!({ "code": code(&world, &session).await });
    assert_eq!(first, earlier, "asking for a code uses none up");
    assert_eq!(
        step_up(&world, &session, first.clone()).await.status,
        StatusCode::OK
    );
    for again in [&session, &elsewhere] {
        let refused = step_up(&world, again, first.clone()).await;
        refused.assert_error(400, "invalid_grant");
    }
    let next = json!({ "code": code(&world, &session).await });
    assert_eq!(
        step_up(&world, &session, next.clone()).await.status,
        StatusCode::OK
    );
    for used in [first, next] {
        let refused = step_up(&world, &session, used).await;
        refused.assert_error(400, "invalid_grant");
    }
    let lines = world.audit_lines();
    let used = lines
        .iter()
        .filter(|line| *line == "step-up-failed:used-code");
    assert_eq!(used.count(), 4);

    let request = bearer(Method::GET, "/demonstration/code", &session.access_token());
    let shown = world.send(request).await.json();
    assert_eq!(
        (&shown["code"], &shown["next_in"]),
        (&Value::Null, &json!(30))
    );
    world.advance_seconds(30);
    let body = json!({ "code": code(&world, &session).await });
    assert_eq!(step_up(&world, &session, body).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_is_used_once_also_at_the_same_time() {
    let world = world();
    let session = world.sign_in("ada").await;
    let body = json!({ "code": code(&world, &session).await });
    let attempts = [(); 4].map(|()| {
        let request = own(
            Method::POST,
            "/auth/step-up",
            &session.access_token(),
            Some(body.clone()),
        );
        tokio::spawn(send(world.router.clone(), request))
    });
    let mut granted = 0;
    for attempt in attempts {
        granted += i32::from(attempt.await.unwrap().status == StatusCode::OK);
    }
    assert_eq!(granted, 1);
}

#[tokio::test]
async fn guesses_are_limited_whatever_session_makes_them() {
    let world = world();
    let sessions = [world.sign_in("ada").await, world.sign_in("ada").await];
    let good = code(&world, &sessions[0]).await;
    let wrong = if good == "000000" { "000001" } else { "000000" };
    for attempt in 0..5 {
        let answer = step_up(&world, &sessions[attempt % 2], json!({ "code": wrong })).await;
        answer.assert_error(400, "invalid_grant");
    }
    world.advance_seconds(60);
    for session in &sessions {
        let body = json!({ "code": code(&world, session).await });
        let blocked = step_up(&world, session, body).await;
        blocked.assert_error(429, "temporarily_unavailable");
        assert_eq!(blocked.header("retry-after"), "840");
    }
    let lines = world.audit_lines();
    let blocked = lines.iter().filter(|line| *line == "step-up-blocked");
    assert_eq!(blocked.count(), 1);
    let stranger = world.sign_in("grace").await;
    let body = json!({ "code": code(&world, &stranger).await });
    assert_eq!(
        step_up(&world, &stranger, body).await.status,
        StatusCode::OK
    );

    world.advance_seconds(840);
    let session = world.sign_in("ada").await;
    let body = json!({ "code": code(&world, &session).await });
    assert_eq!(step_up(&world, &session, body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn hostile_bodies_are_refused() {
    let world = world();
    let session = world.sign_in("ada").await;
    for body in [
        json!(null),
        json!("123456"),
        json!({ "code": 123456 }),
        json!({ "code": ["123456"] }),
        json!({ "code": { "$ne": "" } }),
        json!({ "remember": "yes" }),
        json!({ "acr": "aal2" }),
        json!({ "code": null, "amr": ["otp"] }),
    ] {
        step_up(&world, &session, body)
            .await
            .assert_error(400, "invalid_request");
    }
    for code in ["", "12345", "+12345", "12345\u{0660}", "' OR 1=1 --"] {
        step_up(&world, &session, json!({ "code": code }))
            .await
            .assert_error(400, "invalid_grant");
    }
}

#[tokio::test]
async fn codes_are_shown_in_demonstrations_only() {
    let world = World::new();
    let session = world.sign_in("ada").await;
    let request = bearer(Method::GET, "/demonstration/code", &session.access_token());
    world
        .send(request)
        .await
        .assert_error(404, "invalid_request");
    let nobody = World::with(|config| config.demonstration = true);
    let answer = nobody.get("/demonstration/code").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}
