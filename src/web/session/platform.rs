//! What the browser offers: two clocks, and chance.

use js_sys::Date;
use wasm_bindgen::prelude::wasm_bindgen;

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
