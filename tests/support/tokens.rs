//! Tokens as servers make them, read as browsers read them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sessionkeeper::{Members, ReadToken, TokenError};

/// The text of a JWT with these claims.
pub fn token_text(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = serde_json::json!({ "alg": "ES256", "typ": "at+jwt" });
    format!("{}.{}.c2ln", part(&header), part(claims))
}

/// Reads a token the way the shell does.
pub fn read(text: impl Into<String>) -> Result<ReadToken, TokenError> {
    ReadToken::read(text.into(), parse)
}

/// Finds the members of a JSON object.
pub fn parse(json: &[u8]) -> Option<Members> {
    let Value::Object(object) = serde_json::from_slice(json).ok()? else {
        return None;
    };
    let date = |name: &str| Some(object.get(name)?.as_f64().unwrap_or(f64::NAN));
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Members {
        alg: text("alg"),
        encrypted: object.contains_key("enc"),
        exp: date("exp"),
        iat: date("iat"),
        nbf: date("nbf"),
        auth_time: date("auth_time"),
        sub: text("sub"),
        sid: text("sid"),
    })
}
