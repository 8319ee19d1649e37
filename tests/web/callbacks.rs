//! Listeners that call the session back from within, and answers that come when nobody waits.

use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{Session, Stage, fresh_token, text_answer};

fn assert_log(stage: &Stage, from: usize, expected: &[&str]) {
    let log = stage.log(from);
    let log: Vec<&str> = log.iter().map(String::as_str).collect();
    assert_eq!(log, expected);
}

#[wasm_bindgen_test]
async fn what_a_listener_causes_follows_what_is_told_already() {
    let (stage, session) = Stage::set_live(json!({})).await;
    let before = stage.log(0).len();
    stage.call_back("renewed", "renew", &[json!(3)]);
    stage.reply(&[fresh_token()]);
    session.renew(2);
    stage.settled(2).await;
    assert_log(
        &stage,
        before,
        &[
            "changed active",
            "fetch /refresh",
            "renewed this-tab 1",
            "> renew",
            "< renew",
            "settle 2 done",
            "changed active",
            "changed active",
            "fetch /refresh",
        ],
    );
    stage.deliver(2, fresh_token());
    stage.settled(3).await;
    stage.clear(session).await;
}

/// How often each of these calls was settled.
fn settlements(log: &[String]) -> [usize; 2] {
    [2, 3].map(|ticket| {
        let settled = format!("settle {ticket} ");
        log.iter()
            .filter(|entry| entry.starts_with(&settled))
            .count()
    })
}

#[wasm_bindgen_test]
async fn a_listener_can_renew() {
    for told in ["renewed", "settle", "changed"] {
        let (stage, session) = Stage::set_live(json!({})).await;
        session.renew(2);
        stage.call_back(told, "renew", &[json!(3)]);
        stage.set_always(fresh_token());
        stage.deliver(1, fresh_token());
        stage.settled(3).await;
        assert_eq!(settlements(&stage.log(0)), [1, 1], "{told}");
        assert_eq!(stage.requests(), 3, "{told}");
        stage.clear(session).await;
    }
}

#[wasm_bindgen_test]
async fn a_listener_can_end_the_session() {
    for told in ["renewed", "settle", "changed"] {
        for (method, args, ends) in [
            ("signOut", vec![json!(3), json!(false)], [1, 1]),
            ("dispose", vec![], [1, 0]),
        ] {
            let (stage, session) = Stage::set_live(json!({})).await;
            session.renew(2);
            stage.call_back(told, method, &args);
            stage.deliver(1, fresh_token());
            stage
                .until("the session is over", |seen| {
                    seen["picture"]["state"] == "signed-out"
                })
                .await;
            let log = stage.log(0);
            let inside = log.iter().position(|entry| entry.starts_with('>')).unwrap();
            // What it causes is told after it has returned.
            assert!(log[inside + 1].starts_with('<'), "{log:?}");
            assert_eq!(settlements(&log), ends, "{told} {method}: {log:?}");
            let seen = stage.seen();
            assert_eq!(seen["picture"]["claims"], Value::Null);
            assert_eq!(seen["timers"], 0, "{told} {method}");
            assert_eq!(stage.requests(), 2);
            stage.clear(session).await;
        }
    }
}

#[wasm_bindgen_test]
async fn no_renewal_leaves_once_a_listener_has_ended_the_session() {
    for (method, args) in [
        ("signOut", vec![json!(3), json!(false)]),
        ("dispose", vec![]),
    ] {
        let (stage, session) = Stage::set_live(json!({})).await;
        // The renewal is announced before it is sent.
        stage.call_back("changed", method, &args);
        session.renew(2);
        assert_eq!(stage.requests(), 1, "{method}: {:?}", stage.log(0));
        stage.clear(session).await;
    }
}

#[wasm_bindgen_test]
async fn a_token_is_not_handed_out_once_a_listener_has_signed_out() {
    let (stage, session) = Stage::set(json!({}));
    session.restore(1, false);
    session.need_token(2);
    stage.call_back("started", "signOut", &[json!(3), json!(false)]);
    stage.deliver(0, fresh_token());
    stage.settled(3).await;
    assert_log(
        &stage,
        2,
        &[
            "started true",
            "> signOut",
            "< signOut",
            "settle 1 done",
            "settle 2 ERR_SIGNED_OUT",
            "changed signed-out",
            "ended signed-out this-tab",
            "settle 3 done",
            "changed signed-out",
        ],
    );
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn a_sign_out_tells_the_application_and_then_the_server() {
    let settings = json!({ "logout": true });
    let (stage, session) = Stage::set_live(settings).await;
    let before = stage.log(0).len();
    session.renew(2);
    session.sign_out(3, true);
    assert_log(
        &stage,
        before,
        &[
            "changed active",
            "fetch /refresh",
            "settle 2 ERR_SIGNED_OUT",
            "ended signed-out this-tab",
            "fetch /logout",
            "changed signed-out",
        ],
    );
    stage.deliver(2, text_answer(204, ""));
    stage.settled(3).await;
    assert_log(&stage, before + 6, &["settle 3 done"]);
    let logout = json!({ "url": "/logout", "method": "POST", "headers": {} });
    assert_eq!(stage.seen()["requests"][2], logout);
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn an_answer_after_the_end_changes_nothing() {
    for ends in [
        |session: &Session| session.sign_out(3, true),
        Session::dispose,
    ] {
        let (stage, session) = Stage::set_live(json!({})).await;
        session.renew(2);
        ends(&session);
        let before = stage.seen();
        assert_eq!(before["picture"]["state"], "signed-out");
        stage.deliver(1, fresh_token());
        stage
            .until("the late answer was read", |seen| {
                seen["answersRead"].as_u64() > before["answersRead"].as_u64()
            })
            .await;
        let after = stage.seen();
        for what in ["log", "picture", "timers", "requests"] {
            assert_eq!(after[what], before[what]);
        }
        assert_eq!(after["timers"], 0);
        stage.clear(session).await;
    }
}

#[wasm_bindgen_test]
async fn disposing_settles_every_call() {
    let (stage, session) = Stage::set(json!({}));
    session.restore(1, false);
    session.need_token(2);
    session.dispose();
    assert_log(
        &stage,
        2,
        &[
            "settle 1 ERR_DISPOSED",
            "settle 2 ERR_DISPOSED",
            "changed signed-out",
        ],
    );
    stage.clear(session).await;
}
