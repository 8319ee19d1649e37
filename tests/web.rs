//! A session in the browser, as the JavaScript side drives it.
#![cfg(all(target_arch = "wasm32", feature = "session"))]

#[path = "web/callbacks.rs"]
mod callbacks;
#[path = "web/failing.rs"]
mod failing;
#[path = "web/renewing.rs"]
mod renewing;
#[path = "web/stage.rs"]
mod stage;
#[path = "web/starting.rs"]
mod starting;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
