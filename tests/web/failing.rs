//! What becomes of requests that fail: each has its cause, and none throws.

use js_sys::Date;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{
    Reply, Stage, broken_answer, exception, fresh_token, json_answer, redirect, rejection,
    seconds_now, text_answer, token,
};

/// A renewal that is answered so fails for this cause, and the session goes on.
async fn assert_fails(reply: Reply, cause: &str) {
    assert_fails_after(reply, &[], cause).await;
}

/// The same, and the application is told something before.
async fn assert_fails_after(reply: Reply, told: &[&str], cause: &str) {
    let (stage, session) = Stage::set_live(json!({})).await;
    let before = stage.log(0).len();
    stage.reply(&[reply]);
    session.renew(2);
    stage
        .until("the renewal has failed", |seen| {
            seen["last"]["failed"] != Value::Null
        })
        .await;
    let failed = format!("failed {cause} 1");
    let mut log = vec!["changed active", "fetch /refresh"];
    log.extend(told);
    log.extend([&failed[..], "settle 2 ERR_UNAVAILABLE", "changed active"]);
    assert_eq!(stage.log(before), log);
    let seen = stage.seen();
    assert_eq!(seen["picture"]["failures"], 1);
    assert!(seen["last"]["failed"][2].as_f64().unwrap() >= Date::now() - 1000.0);
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn requests_that_get_no_answer_fail_for_the_network() {
    assert_fails(rejection(), "network").await;
    assert_fails(exception(), "network").await;
    assert_fails(broken_answer(), "network").await;
}

#[wasm_bindgen_test]
async fn answers_that_are_none_are_malformed() {
    assert_fails(text_answer(200, "<h1>Maintenance</h1>"), "malformed-answer").await;
    assert_fails(text_answer(200, ""), "malformed-answer").await;
    assert_fails(
        json_answer(200, json!({}), json!({ "expires_in": 60 })),
        "malformed-answer",
    )
    .await;
}

#[wasm_bindgen_test]
async fn tokens_that_cannot_be_used_are_invalid() {
    let unsecured = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.";
    for (token, reason) in [
        (unsecured, "algorithm"),
        (&token(&json!({ "sub": "u1" })), "expiry"),
        (&token(&json!({ "exp": "soon" })), "expiry"),
    ] {
        let body = json!({ "access_token": token, "expires_in": 60 });
        let told = [&format!("token-rejected {reason}")[..]];
        assert_fails_after(json_answer(200, json!({}), body), &told, "invalid-token").await;
    }
}

#[wasm_bindgen_test]
async fn statuses_that_pass_are_told_apart() {
    assert_fails(text_answer(503, "later"), "server-error").await;
    assert_fails(text_answer(429, ""), "rate-limited").await;
}

#[wasm_bindgen_test]
async fn an_unexpected_status_is_passing_and_is_said() {
    let (stage, session) = Stage::set_live(json!({})).await;
    let before = stage.log(0).len();
    stage.reply(&[text_answer(404, "{}")]);
    session.renew(2);
    stage.settled(2).await;
    let log = stage.log(before);
    assert_eq!(log[2..4], ["say 404", "failed server-error 1"]);
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn an_application_that_gives_no_request_fails_like_the_network() {
    let (stage, session) = Stage::set_live(json!({ "base": 20 })).await;
    stage.set_prepares(false);
    session.renew(2);
    assert_eq!(stage.seen()["last"]["failed"][0], "network");
    assert_eq!(stage.requests(), 1);

    stage.set_always(fresh_token());
    stage.set_prepares(true);
    stage
        .until("it has been renewed", |seen| {
            seen["last"]["renewed"] != Value::Null
        })
        .await;
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn a_redirect_is_a_refusal_and_the_second_one_ends_the_session() {
    let (stage, session) = Stage::set_live(json!({})).await;
    let before = stage.log(0).len();
    stage.reply(&[redirect(), redirect()]);
    session.renew(2);
    stage.settled(2).await;
    assert_eq!(
        stage.log(before),
        [
            "changed active",
            "fetch /refresh",
            "failed rejected 1",
            "changed active",
            "fetch /refresh",
            "failed rejected 2",
            "settle 2 ERR_SIGNED_OUT",
            "ended rejected server",
            "changed signed-out",
        ]
    );
    let seen = stage.seen();
    assert_eq!(seen["timers"], 0);
    assert_eq!(seen["picture"]["reason"], "rejected");
    assert_eq!(seen["picture"]["claims"], Value::Null);
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn a_start_that_fails_is_tried_again_by_itself() {
    let (stage, session) = Stage::set(json!({ "base": 50 }));
    stage.reply(&[rejection(), fresh_token()]);
    session.restore(1, false);
    stage.settled(1).await;
    stage
        .until("it has started", |seen| {
            seen["last"]["started"] != Value::Null
        })
        .await;
    assert_eq!(
        stage.log(0),
        [
            "changed starting",
            "fetch /refresh",
            "failed network 1",
            "degraded",
            "settle 1 done",
            "changed degraded",
            "changed degraded",
            "fetch /refresh",
            "started true",
            "recovered",
            "changed active",
        ]
    );
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn a_server_is_left_alone_for_as_long_as_it_asks() {
    let server = seconds_now() - 7200;
    let date =
        |seconds: i64| String::from(Date::new(&(seconds as f64 * 1e3).into()).to_utc_string());
    for headers in [
        json!({ "retry-after": "90" }),
        json!({ "retry-after": date(server + 90), "date": date(server) }),
    ] {
        let (stage, session) = Stage::set_live(json!({})).await;
        let before = Date::now();
        stage.reply(&[json_answer(503, headers.clone(), json!({}))]);
        session.renew(2);
        stage.settled(2).await;
        let retry_at = stage.seen()["last"]["failed"][2].as_f64().unwrap();
        let wait = (retry_at - before) / 1000.0;
        assert!((89.9..=95.0).contains(&wait), "{headers}: {wait}");
        assert_eq!(stage.seen()["picture"]["renewsAt"], retry_at);
        stage.clear(session).await;
    }
}
