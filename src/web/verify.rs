//! The `verify` module of the npm package.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::verify::{Refusal, Requirements};

/// Judges a token; returns nothing when it passes and the refusal's code when not, and throws when the requirements
/// are not what they should be.
#[allow(
    unreachable_pub,
    reason = "exported to JavaScript, which wasm-bindgen allows for public functions only"
)]
#[wasm_bindgen(js_name = verify)]
pub fn verify(
    token: &str,
    requirements: JsValue,
) -> Result<Option<String>, serde_wasm_bindgen::Error> {
    let requirements: Requirements = serde_wasm_bindgen::from_value(requirements)?;
    let refusal = crate::verify::verify(token, &requirements).err();
    Ok(refusal.as_ref().map(Refusal::code).map(str::to_owned))
}
