//! A device that is remembered.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::{Answer, START_SECONDS, World, bearer, holding, own, published_sign_in, send};
use crate::{code, pay, step_up, world};

const DAY_SECONDS: i64 = 86_400;

/// Lets the device stand in for codes; the token of its cookie.
async fn remember(world: &World, session: &Answer) -> String {
    let body = json!({ "code": code(world, session).await, "remember": true });
    let answer = step_up(world, session, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.cookie_named("device").unwrap()
}

async fn sign_in_on(world: &World, device: &str) -> Answer {
    let request = holding(published_sign_in("ada"), &[("device", device)]);
    world.send(request).await
}

/// Asks for a step-up without a code.
async fn step_up_on(world: &World, session: &Answer, device: &str) -> Answer {
    let token = session.access_token();
    let request = own(Method::POST, "/auth/step-up", &token, Some(json!({})));
    world.send(holding(request, &[("device", device)])).await
}

async fn device_of(world: &World, session: &Answer) -> Value {
    let request = bearer(Method::GET, "/auth/sessions", &session.access_token());
    let sessions = world.send(request).await.json()["sessions"].clone();
    let sessions = sessions.as_array().unwrap().iter();
    let mut current = sessions.filter(|session| session["current"] == true);
    current.next().unwrap()["device"].clone()
}

#[tokio::test]
async fn it_stands_in_for_a_code_for_thirty_days() {
    let world = world();
    let first = world.sign_in("ada").await;
    assert_eq!(
        first.cookie_named("device"),
        None,
        "nobody is remembered unasked"
    );
    step_up(&world, &first, json!({}))
        .await
        .assert_error(400, "invalid_grant");
    let body = json!({ "code": code(&world, &first).await, "remember": true });
    let answer = step_up(&world, &first, body).await;
    let until = START_SECONDS + 30 * DAY_SECONDS;
    assert_eq!(answer.number("device_remembered_until"), until);
    let device = answer.cookie_named("device").unwrap();
    assert_eq!(device.len(), 43);
    assert_eq!(
        answer.header("set-cookie"),
        format!("device={device}; Max-Age=2592000; HttpOnly; SameSite=Strict; Path=/")
    );
    assert_eq!(device_of(&world, &first).await["remembered_until"], until);
    assert_eq!(
        step_up_on(&world, &first, &device).await.status,
        StatusCode::OK
    );

    world.sign_out(Some(&first.cookie())).await;
    world.advance_seconds(30 * DAY_SECONDS - 10);
    world.app.sweep().unwrap();
    let second = sign_in_on(&world, &device).await;
    let known = device_of(&world, &second).await;
    assert_eq!(
        known["first_used_at"], START_SECONDS,
        "the browser is known again"
    );
    assert_eq!(known["last_used_at"], until - 10);
    let answer = step_up_on(&world, &second, &device).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.number("device_remembered_until"),
        until,
        "it is not prolonged"
    );
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(answer.claims()["amr"], json!(["pwd", "device", "mfa"]));
    let paid = pay(&world, &answer.access_token()).await;
    assert_eq!(paid.status, StatusCode::CREATED);

    world.advance_seconds(10);
    let late = step_up_on(&world, &second, &device).await;
    late.assert_error(400, "invalid_grant");
    assert_eq!(
        device_of(&world, &second).await["remembered_until"],
        Value::Null
    );
}

#[tokio::test]
async fn over_tls_no_other_host_sets_its_cookie() {
    let world = World::with(|config| {
        config.demonstration = true;
        config.tls = true;
    });
    let session = world.sign_in("ada").await;
    let body = json!({ "code": code(&world, &session).await, "remember": true });
    let answer = step_up(&world, &session, body).await;
    let device = answer.cookie_named("__Host-device").unwrap();
    assert_eq!(
        answer.header("set-cookie"),
        format!(
            "__Host-device={device}; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict; Path=/"
        )
    );
}

#[tokio::test]
async fn no_token_of_it_reaches_the_disk() {
    let world = world();
    let session = world.sign_in("ada").await;
    let device = remember(&world, &session).await;
    let mut stored = Vec::new();
    for file in std::fs::read_dir(world.config.database.parent().unwrap()).unwrap() {
        stored.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let holds = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"device-remembered"), "the search itself works");
    assert!(!holds(device.as_bytes()) && !holds(&raw.decode(&device).unwrap()));
}

#[tokio::test]
async fn another_device_does_not() {
    let world = world();
    let remembered = world.sign_in("ada").await;
    let device = remember(&world, &remembered).await;
    let other = world.sign_in("ada").await;
    let other_device = remember(&world, &other).await;
    let third = world.sign_in("ada").await;
    let request = holding(published_sign_in("grace"), &[("device", &device)]);
    let stranger = world.send(request).await;
    let guess = "A".repeat(43);
    let long = "A".repeat(5000);
    for (session, device) in [
        // A session is bound to the device that it began on.
        (&third, device.as_str()),
        (&other, &device),
        (&stranger, &device),
        (&remembered, &other_device),
        (&remembered, &guess),
        (&remembered, &long),
        (&remembered, "A%7F"),
        (&remembered, ""),
    ] {
        let refused = step_up_on(&world, session, device).await;
        refused.assert_error(400, "invalid_grant");
    }
    assert_eq!(
        step_up_on(&world, &remembered, &device).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn remembering_again_replaces_the_token() {
    let world = world();
    let session = world.sign_in("ada").await;
    let first = remember(&world, &session).await;
    let second = remember(&world, &session).await;
    step_up_on(&world, &session, &first)
        .await
        .assert_error(400, "invalid_grant");
    assert_eq!(
        step_up_on(&world, &session, &second).await.status,
        StatusCode::OK
    );
}

/// Every end by which somebody says that the device may be in wrong hands.
#[tokio::test]
async fn it_is_forgotten_with_the_session_that_is_revoked() {
    for how in ["one", "all", "administrator", "reuse", "forget", "sign-out"] {
        let world = world();
        let session = world.sign_in("ada").await;
        let administrator = world.sign_in("grace").await;
        let device = remember(&world, &session).await;
        let token = session.access_token();
        let delete = |path: &str, token: &str| own(Method::DELETE, path, token, None);
        let request = match how {
            "one" => delete(&format!("/auth/sessions/{}", session.sid()), &token),
            "all" => delete("/auth/sessions", &token),
            "administrator" => {
                let path = format!("/api/sessions/{}", session.sid());
                delete(&path, &administrator.access_token())
            }
            "forget" => delete("/auth/remembered-devices", &token),
            "reuse" => {
                world.refresh(&session.cookie(), Some("a")).await;
                crate::common::refresh_request(Some(&session.cookie()), Some("b"))
            }
            _ => holding(
                crate::common::post("/auth/logout").body("".into()).unwrap(),
                &[("refresh", &session.cookie())],
            ),
        };
        let answer = send(world.router.clone(), request).await;
        if how == "forget" {
            assert_eq!(answer.status, StatusCode::NO_CONTENT);
            assert!(
                answer
                    .header("set-cookie")
                    .starts_with("device=; Max-Age=0;")
            );
            assert_eq!(world.me(&token).await.status, StatusCode::OK);
        }
        let again = sign_in_on(&world, &device).await;
        let answer = step_up_on(&world, &again, &device).await;
        assert_eq!(answer.status == StatusCode::OK, how == "sign-out", "{how}");
    }
}

#[tokio::test]
async fn a_change_of_password_forgets_all() {
    let world = world();
    let session = world.sign_in("ada").await;
    let device = remember(&world, &session).await;
    world.sign_out(Some(&session.cookie())).await;
    let elsewhere = world.sign_in("ada").await;
    let (current, new) = ("correct horse battery", "staple after staple");
    let body = json!({ "current_password": current, "new_password": new });
    let token = elsewhere.access_token();
    let changed = world.send(own(Method::POST, "/auth/password", &token, Some(body)));
    assert_eq!(changed.await.status, StatusCode::OK);
    let request = crate::common::sign_in_request("ada", new);
    let again = world.send(holding(request, &[("device", &device)])).await;
    step_up_on(&world, &again, &device)
        .await
        .assert_error(400, "invalid_grant");
}
