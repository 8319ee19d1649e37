//! What JavaScript values say: JSON texts, tokens, answers.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::prelude::JsValue;

use crate::grant::TokenAnswer;
use crate::token::{Members, ReadToken, part_text};

use super::host::Answer;

/// The JSON object in a text.
fn object(text: &str) -> Option<JsValue> {
    let value = JSON::parse(text).ok()?;
    (value.is_object() && !Array::is_array(&value)).then_some(value)
}

fn member(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined()).then_some(value)
}

fn members(text: &str) -> Option<Members> {
    let object = object(text)?;
    let date = |name| member(&object, name).map(|value| value.as_f64().unwrap_or(f64::NAN));
    Some(Members {
        alg: member(&object, "alg").and_then(|alg| alg.as_string()),
        encrypted: member(&object, "enc").is_some(),
        exp: date("exp"),
        iat: date("iat"),
        nbf: date("nbf"),
    })
}

/// The members of a token answer, its token read.
pub(super) fn token_answer(answer: &Answer) -> TokenAnswer {
    TokenAnswer {
        token: answer
            .access_token()
            .map(|token| ReadToken::read(token, members)),
        expires_in: answer.expires_in(),
        expires_at: answer.expires_at(),
        session_expires_in: answer.session_expires_in(),
    }
}

/// A token's claims, for display; `null` where it is not a JWT.
pub(super) fn claims(token: &str) -> JsValue {
    let payload = token.split('.').nth(1).and_then(part_text);
    payload.as_deref().and_then(object).unwrap_or(JsValue::NULL)
}
