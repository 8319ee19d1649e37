//! Judges an access token's header and claims before a session adopts it.
//!
//! `jsonwebtoken`, the crate that a Rust API uses too, takes the token apart. Its `decode` would judge some of the
//! claims as well, but wants a provider of cryptography for the whole process, knows no ES512, and alone takes all the
//! room that this module has. So the judgement is made here, and a test holds it to what `decode` says. Dates are judged on the server's clock by the session, and the signature by whoever holds the issuer's keys.

mod members;
mod refusal;

use serde::{Deserialize, Deserializer};

use crate::base64url;
use crate::token::MAX_TOKEN_BYTES;
use members::Members;
pub use refusal::Refusal;

/// What an access token must satisfy; what is `None` is not checked, and an empty list accepts nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Requirements {
    /// Accepted values of `iss`.
    pub issuer: Option<Vec<String>>,
    /// Accepted audiences; one of the token's is enough.
    pub audience: Option<Vec<String>>,
    /// Accepted values of the header's `alg`; without a list any but "none", which no list can allow.
    pub algorithms: Option<Vec<String>>,
    /// Accepted media types in the header's `typ`, with or without "application/".
    pub types: Option<Vec<String>>,
    /// Claims that must be present and not null.
    #[serde(deserialize_with = "list_or_none")]
    pub required_claims: Vec<String>,
}

/// Takes JavaScript's `undefined` for no list, as the other members do.
fn list_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Judges a token's header and claims, but neither its dates nor its signature.
pub fn verify(token: &str, requirements: &Requirements) -> Result<(), Refusal> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Refusal::TooLarge);
    }
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::Malformed);
    };
    if !is_signature(signature) {
        return Err(Refusal::Malformed);
    }
    // Both are read before either is judged, so that what is malformed is never called anything else.
    let header = Members::decode(header)?;
    let claims = Members::decode(payload)?;
    // RFC 7516 section 9: the token is an encrypted one, and what stands in the place of its claims is none.
    if header.is_there("enc") {
        return Err(Refusal::Malformed);
    }
    judge_header(&header, requirements)?;
    judge_claims(&claims, requirements)
}

/// Whether this can be a signature at all; what its bytes are is for others.
fn is_signature(text: &str) -> bool {
    !text.is_empty() && base64url::decode(text.as_bytes()).is_some()
}

fn judge_header(header: &Members, requirements: &Requirements) -> Result<(), Refusal> {
    let algorithm = header.text("alg")?.ok_or(Refusal::Malformed)?;
    let media_type = header.text("typ")?;
    // Any name will do where there is no list, for nothing is computed with it; "none" in any case of letters, which
    // means that anyone may have written the token, never does.
    if algorithm.is_empty()
        || algorithm.eq_ignore_ascii_case("none")
        || !accepts(&requirements.algorithms, |name| *name == algorithm)
    {
        return Err(Refusal::Algorithm);
    }
    // RFC 7515 section 4.1.11: extensions that are not understood make the token invalid, and none is understood here.
    if header.has("crit") {
        return Err(Refusal::Critical);
    }
    let matches = |name: &String| {
        media_type
            .as_deref()
            .is_some_and(|media_type| is_same_media_type(media_type, name))
    };
    if !accepts(&requirements.types, matches) {
        return Err(Refusal::Type);
    }
    Ok(())
}

fn judge_claims(claims: &Members, requirements: &Requirements) -> Result<(), Refusal> {
    let issuer = requirements.issuer.as_ref().map(|_| "iss");
    let audience = requirements.audience.as_ref().map(|_| "aud");
    let required = requirements.required_claims.iter().map(String::as_str);
    for name in required.chain(issuer).chain(audience) {
        if !claims.has(name) {
            return Err(Refusal::MissingClaim(name.to_owned()));
        }
    }
    if issuer.is_some() {
        let issuer = claims.text("iss").map_err(|_| Refusal::Issuer)?;
        if !accepts(&requirements.issuer, |name| Some(name) == issuer.as_ref()) {
            return Err(Refusal::Issuer);
        }
    }
    if audience.is_some() {
        let audiences = claims.texts("aud").map_err(|_| Refusal::Audience)?;
        if !accepts(&requirements.audience, |name| audiences.contains(name)) {
            return Err(Refusal::Audience);
        }
    }
    Ok(())
}

/// Whether there is no list, or one with a match.
fn accepts(list: &Option<Vec<String>>, matches: impl FnMut(&String) -> bool) -> bool {
    list.as_ref().is_none_or(|names| names.iter().any(matches))
}

fn is_same_media_type(one: &str, other: &str) -> bool {
    without_application(one).eq_ignore_ascii_case(without_application(other))
}

/// The short form of a media type, as RFC 7515 section 4.1.9 has it: without "application/" where no other "/" follows.
fn without_application(media_type: &str) -> &str {
    match media_type.split_once('/') {
        Some((top_level, subtype))
            if top_level.eq_ignore_ascii_case("application") && !subtype.contains('/') =>
        {
            subtype
        }
        _ => media_type,
    }
}
