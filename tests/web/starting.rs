//! How a session starts: what it sends, and what it reads in the answer.

use js_sys::Date;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{Stage, json_answer, seconds_now, token};

#[wasm_bindgen_test]
async fn a_new_session_is_signed_out_sends_nothing_and_sets_no_timer() {
    let (stage, session) = Stage::set(json!({}));
    let seen = stage.seen();
    assert_eq!(seen["log"], json!([]));
    assert_eq!(seen["requests"], json!([]));
    assert_eq!(seen["timers"], 0);
    assert_eq!(
        seen["picture"],
        json!({
            "state": "signed-out",
            "reason": null,
            "claims": null,
            "tokenExpiresAt": null,
            "renewsAt": null,
            "renewing": false,
            "failures": 0,
            "idleEndsAt": null,
            "endsAt": null,
            "skew": 0,
            "uncertainty": "Infinity",
            "source": "none",
            "online": true,
            "tabs": 1,
        })
    );
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn a_start_is_one_request_with_a_key() {
    let (stage, session) = Stage::set(json!({}));
    session.restore(1, false);
    session.restore(2, false);
    let mut request = stage.seen()["requests"][0].take();
    let key = request["headers"]["x-key"].take();
    let key = key.as_str().unwrap();
    assert_eq!(key.len(), 32, "{key}");
    assert!(
        key.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    );
    assert_eq!(
        request,
        json!({
            "url": "/refresh",
            "method": "POST",
            "headers": { "x-key": null },
        })
    );
    assert_eq!(stage.log(0), ["changed starting", "fetch /refresh"]);
    assert_eq!(stage.requests(), 1);
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn whoever_waits_is_served_in_order_and_sees_the_new_picture() {
    let (stage, session) = Stage::set(json!({}));
    let before = Date::now();
    let now = seconds_now();
    let claims = json!({
        "name": "Ada Łovelace 🦀",
        "roles": ["admin", "ops"],
        "iat": now,
        "exp": now + 900,
    });
    let token = token(&claims);
    session.restore(1, false);
    session.need_token(2);
    session.need_token(3);
    let body = json!({ "access_token": token, "expires_in": 900, "session_expires_in": 7200 });
    stage.deliver(0, json_answer(200, json!({}), body));
    stage.settled(3).await;

    let served = format!("token 2 {token}");
    let served_too = format!("token 3 {token}");
    assert_eq!(
        stage.log(2),
        [
            "started true",
            "settle 1 done",
            &served,
            &served_too,
            "changed active"
        ]
    );
    let picture = stage.seen()["picture"].take();
    assert_eq!(picture["state"], "active");
    assert_eq!(picture["claims"], claims);
    assert_eq!(picture["renewing"], false);
    assert_eq!(picture["failures"], 0);
    assert_eq!(picture["reason"], Value::Null);
    let within = |member: &str, from: f64, to: f64| {
        let instant = picture[member].as_f64().unwrap() - before;
        assert!(
            (from * 1e3..=to * 1e3).contains(&instant),
            "{member}: {instant}"
        );
    };
    // `exp` is taken on the server's clock, of which `iat` tells a second; then come the lead and its jitter.
    within("tokenExpiresAt", 898.0, 910.0);
    within("renewsAt", 790.0, 820.0);
    within("endsAt", 7199.0, 7210.0);

    session.need_token(4);
    assert_eq!(stage.log(7), [format!("token 4 {token}")]);
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn the_servers_clock_is_read_from_the_answer() {
    let (stage, session) = Stage::set(json!({}));
    // An hour ahead of this device.
    let server = seconds_now() + 3600;
    let claims = json!({ "exp": server + 600 });
    session.restore(1, false);
    stage.deliver(
        0,
        json_answer(
            200,
            json!({ "date": http_date(server) }),
            json!({ "access_token": token(&claims) }),
        ),
    );
    stage.settled(1).await;
    let picture = stage.seen()["picture"].take();
    let off = picture["skew"].as_f64().unwrap() - 3_600_000.0;
    let uncertainty = picture["uncertainty"].as_f64().unwrap();
    assert_eq!(picture["source"], "date");
    assert!(uncertainty < 5000.0, "{picture}");
    assert!(off.abs() <= 1000.0 + uncertainty, "{picture}");
    let lives = picture["tokenExpiresAt"].as_f64().unwrap() - Date::now();
    assert!((590_000.0..=601_000.0).contains(&lives), "{lives}");
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn a_server_that_does_not_tell_its_time_is_asked_for_it() {
    let (stage, session) = Stage::set_live(json!({ "askTime": true })).await;
    assert_eq!(
        stage.seen()["requests"][1],
        json!({
            "url": "/time",
            "method": "HEAD",
            "headers": {},
        })
    );
    let date = http_date(seconds_now() - 600);
    stage.deliver(1, json_answer(200, json!({ "date": date }), json!({})));
    stage
        .until("the time is known", |seen| {
            seen["picture"]["source"] == "date"
        })
        .await;
    let skew = stage.seen()["picture"]["skew"].as_f64().unwrap();
    assert!((-601_500.0..=-598_500.0).contains(&skew), "{skew}");
    stage.clear(session).await;
}

fn http_date(seconds: i64) -> String {
    let date = Date::new(&(seconds as f64 * 1000.0).into());
    date.to_utc_string().into()
}
