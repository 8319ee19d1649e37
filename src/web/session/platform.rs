//! What the browser offers: two clocks, chance, and promises.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Date, Promise};
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};

use crate::effect::RenewalKey;
use crate::time::{Monotonic, Now, Timestamp};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_at_random(bytes: &mut [u8]);
}

/// The present.
pub(super) fn now() -> Now {
    Now {
        wall: Timestamp::from_millis(Date::now() as i64),
        monotonic: Monotonic::from_millis(performance_now() as i64),
    }
}

/// A key that nobody can guess.
pub(super) fn draw_key() -> RenewalKey {
    let mut bytes = [0; 16];
    fill_at_random(&mut bytes);
    RenewalKey(u128::from_ne_bytes(bytes))
}

/// A seed for what only has to differ from page to page.
pub(super) fn draw_seed() -> u64 {
    let mut bytes = [0; 8];
    fill_at_random(&mut bytes);
    u64::from_ne_bytes(bytes)
}

/// What is done with a promise's value, or with nothing when it was rejected.
pub(super) type Then = Box<dyn FnOnce(Option<JsValue>)>;

/// Calls back when a promise is settled.
pub(super) fn when_settled(promise: &Promise, then: Then) {
    // One of both is called, once; the other is freed when the promise is collected.
    let then = Rc::new(Cell::new(Some(then)));
    let otherwise = then.clone();
    let fulfilled = Closure::once(move |value: JsValue| {
        if let Some(then) = then.take() {
            then(Some(value));
        }
    });
    let rejected = Closure::once(move |_: JsValue| {
        if let Some(otherwise) = otherwise.take() {
            otherwise(None);
        }
    });
    // The promise that this makes is not of interest, and it cannot be rejected.
    let _ = promise.then2(&fulfilled, &rejected);
    let _ = (fulfilled.into_js_value(), rejected.into_js_value());
}
