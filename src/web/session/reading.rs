//! What JavaScript values say: JSON texts, tokens, answers.

use wasm_bindgen::prelude::JsValue;

use crate::grant::TokenAnswer;
use crate::token::{Members, ReadToken, TokenError, claims_part};

use super::host::{Answer, Host};

fn members(host: &Host, json: &[u8]) -> Option<Members> {
    let object = host.parse_object(json)?;
    let member = |name| Some(object.get(name)).filter(|value| !value.is_undefined());
    let date = |name| member(name).map(|value| value.as_f64().unwrap_or(f64::NAN));
    let text = |name| member(name).and_then(|value| value.as_string());
    Some(Members {
        alg: text("alg"),
        encrypted: member("enc").is_some(),
        exp: date("exp"),
        iat: date("iat"),
        nbf: date("nbf"),
        auth_time: date("auth_time"),
        sub: text("sub"),
        sid: text("sid"),
    })
}

/// A token with what can be read of it.
pub(super) fn read_token(host: &Host, token: String) -> Result<ReadToken, TokenError> {
    ReadToken::read(token, |json| members(host, json))
}

/// The members of a token answer, its token read.
pub(super) fn token_answer(host: &Host, answer: &Answer) -> TokenAnswer {
    TokenAnswer {
        token: answer.access_token().map(|token| read_token(host, token)),
        expires_in: answer.expires_in(),
        expires_at: answer.expires_at(),
        session_expires_in: answer.session_expires_in(),
    }
}

/// A token's claims, for display; `null` where it is not a JWT.
pub(super) fn claims(host: &Host, token: &str) -> JsValue {
    claims_part(token)
        .and_then(|json| host.parse_object(&json))
        .map_or(JsValue::NULL, JsValue::from)
}
