//! How a session is renewed: by its one timer, with a key for each renewal, without growing.

use std::collections::BTreeSet;

use js_sys::WebAssembly::Memory;
use js_sys::{ArrayBuffer, Date};
use serde_json::{Value, json};
use wasm_bindgen::prelude::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{Stage, collect_garbage, fresh_token, json_answer, rejection};

fn key(request: &Value) -> String {
    request["headers"]["x-key"].as_str().unwrap().to_owned()
}

#[wasm_bindgen_test]
async fn a_token_of_two_seconds_is_renewed_again_and_again_by_itself() {
    let (stage, session) = Stage::set(json!({}));
    let body = json!({ "access_token": "opaque", "expires_in": 2 });
    stage.set_always(json_answer(200, json!({}), body));
    let start = Date::now();
    session.restore(1, false);
    stage
        .until("two renewals have succeeded", |seen| {
            let log = seen["log"].as_array().unwrap();
            log.iter()
                .filter(|entry| *entry == "renewed this-tab 1")
                .count()
                == 2
        })
        .await;
    // One renewal a second is the most.
    assert!(Date::now() - start >= 1990.0);
    let seen = stage.seen();
    let requests = seen["requests"].as_array().unwrap();
    let keys: BTreeSet<String> = requests.iter().map(key).collect();
    assert_eq!(requests.len(), 3);
    assert_eq!(keys.len(), 3);
    // The next renewal.
    assert_eq!(seen["timers"], 1);
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn every_attempt_of_a_renewal_has_its_key() {
    let settings = json!({ "base": 40 });
    let (stage, session) = Stage::set_live(settings).await;
    stage.reply(&[rejection(), rejection(), fresh_token(), fresh_token()]);
    session.renew(2);
    stage
        .until("the third attempt has succeeded", |seen| {
            seen["last"]["renewed"][2] == 3
        })
        .await;
    session.renew(3);
    stage.settled(3).await;
    let seen = stage.seen();
    let keys: Vec<String> = seen["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(key)
        .collect();
    assert_eq!(keys[1], keys[2]);
    assert_eq!(keys[1], keys[3]);
    assert_eq!(BTreeSet::from([&keys[0], &keys[1], &keys[4]]).len(), 3);
    stage.clear(session).await;
}

#[wasm_bindgen_test]
async fn calls_at_the_same_time_share_one_renewal() {
    let (stage, session) = Stage::set_live(json!({})).await;
    for ticket in 2..6 {
        session.renew(ticket);
    }
    stage.deliver(1, fresh_token());
    stage.settled(5).await;
    assert_eq!(stage.requests(), 2);
    stage.clear(session).await;
}

/// In pages of 64 KiB.
fn memory() -> u32 {
    let memory: Memory = wasm_bindgen::memory().unchecked_into();
    memory
        .buffer()
        .unchecked_into::<ArrayBuffer>()
        .byte_length()
        / 65536
}

/// What a promise has no more use for is freed with it, when the browser collects it: the memory
/// grows at first, and then no more.
#[wasm_bindgen_test]
async fn a_thousand_renewals_do_not_grow_the_memory() {
    let (stage, session) = Stage::set_live(json!({})).await;
    stage.set_always(fresh_token());
    let mut ticket = 2;
    let mut grown = Vec::new();
    while grown.last() != Some(&0) {
        let before = memory();
        for _ in 0..1000 {
            session.renew(ticket);
            stage.settled(ticket).await;
            ticket += 1;
        }
        collect_garbage().await;
        grown.push(memory() - before);
        assert!(grown.len() <= 8, "by pages in each thousand: {grown:?}");
    }
    stage.clear(session).await;
}
