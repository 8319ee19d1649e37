//! The access token, and what scheduling has to know of it.

use core::fmt;

use zeroize::Zeroizing;

use crate::base64url;
use crate::time::NumericDate;

/// The longest token that is looked at, in bytes.
///
/// A token travels in one header field, and servers take 8 to 16 KiB of them: an API could not
/// receive a longer one.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// An access token: wiped when dropped, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(Zeroizing<String>);

impl AccessToken {
    /// Takes a token over.
    pub fn new(token: String) -> AccessToken {
        AccessToken(Zeroizing::new(token))
    }

    /// The token itself, for the one header field that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

/// The members of a JSON object that are of interest, as found and not yet judged.
///
/// A date that is present but not a number is `NaN`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members {
    /// `alg`, of a header.
    pub alg: Option<String>,
    /// Whether there is an `enc`: the header of an encrypted token (RFC 7516).
    pub encrypted: bool,
    /// `exp`, of the claims.
    pub exp: Option<f64>,
    /// `iat`, of the claims.
    pub iat: Option<f64>,
    /// `nbf`, of the claims.
    pub nbf: Option<f64>,
    /// `auth_time`, of the claims.
    pub auth_time: Option<f64>,
    /// `sub`, of the claims.
    pub sub: Option<String>,
    /// `sid`, of the claims.
    pub sid: Option<String>,
}

/// Which session a token belongs to, and whose (OIDC Back-Channel Logout section 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Identity {
    /// `sub`.
    pub subject: Option<String>,
    /// `sid`.
    pub session: String,
}

/// The dates that a token is scheduled by (RFC 7519 section 4.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct TokenDates {
    /// `exp`, rounded down.
    pub expires: NumericDate,
    /// `iat`, rounded down.
    pub issued: Option<NumericDate>,
    /// `nbf`, rounded up.
    pub not_before: Option<NumericDate>,
    /// `auth_time`, rounded down, where it is a date: when the user signed in.
    pub authenticated: Option<NumericDate>,
}

/// Why a token cannot be scheduled by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum TokenError {
    /// It is larger than [`MAX_TOKEN_BYTES`].
    TooLarge,
    /// It is not a token: empty, characters that no header field takes, parts that do not decode.
    Malformed,
    /// Its `alg` is `none`, or missing.
    Algorithm,
    /// `exp` is missing, or not a date.
    Expiry,
    /// `iat` is not a date, or not before `exp`.
    IssuedAt,
    /// `nbf` is not a date, or after `exp`.
    NotBefore,
    /// `nbf` is in the future, on the server's own clock.
    NotYetValid,
    /// `exp` is in the past already, on the server's own clock.
    Expired,
    /// It is not a JWT, and only those are accepted.
    Opaque,
    /// The checks of the verification module refused it.
    Refused,
}

impl TokenError {
    /// The reason's stable name.
    pub fn code(self) -> &'static str {
        match self {
            TokenError::TooLarge => "too-large",
            TokenError::Malformed => "malformed",
            TokenError::Algorithm => "algorithm",
            TokenError::Expiry => "expiry",
            TokenError::IssuedAt => "issued-at",
            TokenError::NotBefore => "not-before",
            TokenError::NotYetValid => "not-yet-valid",
            TokenError::Expired => "expired",
            TokenError::Opaque => "opaque",
            TokenError::Refused => "refused",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for TokenError {}

/// A token with what could be read of it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct ReadToken {
    /// The token.
    pub token: AccessToken,
    /// Its dates; none for an opaque token.
    pub dates: Option<TokenDates>,
    /// Which session it belongs to, where it says so.
    pub identity: Option<Box<Identity>>,
}

impl ReadToken {
    /// Reads a token as far as scheduling needs it.
    ///
    /// `parse` finds the members of a JSON object in a text in UTF-8, and nothing in anything else. A token
    /// whose first part is the base64url of a JSON object says that it is a JWT and is held to it;
    /// any other is opaque, as is an encrypted one.
    pub fn read(
        token: String,
        parse: impl Fn(&[u8]) -> Option<Members>,
    ) -> Result<ReadToken, TokenError> {
        let token = AccessToken::new(token);
        let text = token.expose();
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLarge);
        }
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Malformed);
        }
        let object = |part: &[u8]| parse(&base64url::decode(part)?);
        let mut parts = text.as_bytes().split(|byte| *byte == b'.');
        let (dates, identity) = match parts.next().and_then(object) {
            Some(header) if !header.encrypted => {
                let algorithm = header.alg.as_deref().unwrap_or("none");
                if algorithm.eq_ignore_ascii_case("none") {
                    return Err(TokenError::Algorithm);
                }
                let claims = parts.next().and_then(object);
                let whole = parts.next().and_then(base64url::decode).is_some();
                match claims {
                    Some(claims) if whole && parts.next().is_none() => {
                        let dates = dates(&claims)?;
                        let subject = claims.sub;
                        let identity = |session| Box::new(Identity { subject, session });
                        (Some(dates), claims.sid.map(identity))
                    }
                    _ => return Err(TokenError::Malformed),
                }
            }
            _ => (None, None),
        };
        Ok(ReadToken {
            token,
            dates,
            identity,
        })
    }
}

/// What the claims part of a token stands for: JSON, if it is a JWT.
pub fn claims_part(token: &str) -> Option<Vec<u8>> {
    let mut parts = token.as_bytes().split(|byte| *byte == b'.');
    parts.nth(1).and_then(base64url::decode)
}

fn dates(claims: &Members) -> Result<TokenDates, TokenError> {
    let expires = claims
        .exp
        .and_then(|exp| NumericDate::from_secs(exp.floor()));
    let expires = expires.ok_or(TokenError::Expiry)?;
    let issued = match claims.iat.map(|iat| NumericDate::from_secs(iat.floor())) {
        None => None,
        Some(Some(issued)) if issued < expires => Some(issued),
        Some(_) => return Err(TokenError::IssuedAt),
    };
    let not_before = match claims.nbf.map(|nbf| NumericDate::from_secs(nbf.ceil())) {
        None => None,
        Some(Some(not_before)) if not_before <= expires => Some(not_before),
        Some(_) => return Err(TokenError::NotBefore),
    };
    let authenticated = claims.auth_time.map(f64::floor);
    Ok(TokenDates {
        expires,
        issued,
        not_before,
        authenticated: authenticated.and_then(NumericDate::from_secs),
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::Value;

    use super::*;

    fn parse(json: &[u8]) -> Option<Members> {
        let Value::Object(object) = serde_json::from_slice(json).ok()? else {
            return None;
        };
        let date = |name: &str| Some(object.get(name)?.as_f64().unwrap_or(f64::NAN));
        Some(Members {
            alg: object.get("alg").and_then(Value::as_str).map(str::to_owned),
            encrypted: object.contains_key("enc"),
            exp: date("exp"),
            iat: date("iat"),
            nbf: date("nbf"),
            auth_time: date("auth_time"),
            ..Members::default()
        })
    }

    fn read(text: impl Into<String>) -> Result<Option<TokenDates>, TokenError> {
        Ok(ReadToken::read(text.into(), parse)?.dates)
    }

    fn jwt(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", part(header), part(claims))
    }

    fn claims(claims: &str) -> Result<Option<TokenDates>, TokenError> {
        read(jwt(r#"{"alg":"ES256"}"#, claims))
    }

    #[test]
    fn dates_are_read_and_fractions_rounded_to_the_safe_side() {
        let date = |secs: f64| NumericDate::from_secs(secs);
        let dates = claims(r#"{"exp":1000.9,"iat":10.9,"nbf":10.1}"#)
            .unwrap()
            .unwrap();
        assert_eq!(Some(dates.expires), date(1000.0));
        assert_eq!(dates.issued, date(10.0));
        assert_eq!(dates.not_before, date(11.0));
        assert_eq!(claims(r#"{"exp":5}"#).unwrap().unwrap().issued, None);
    }

    #[test]
    fn what_cannot_be_scheduled_is_refused() {
        for (text, expected) in [
            ("{}", TokenError::Expiry),
            (r#"{"exp":"1000"}"#, TokenError::Expiry),
            (r#"{"exp":null}"#, TokenError::Expiry),
            (r#"{"exp":-1}"#, TokenError::Expiry),
            (r#"{"exp":1e300}"#, TokenError::Expiry),
            (r#"{"exp":1700000000000}"#, TokenError::Expiry),
            (r#"{"exp":1000,"iat":"1"}"#, TokenError::IssuedAt),
            (r#"{"exp":1000,"iat":1000}"#, TokenError::IssuedAt),
            (r#"{"exp":1000,"nbf":1001}"#, TokenError::NotBefore),
            (r#"{"exp":1000,"nbf":true}"#, TokenError::NotBefore),
            ("[]", TokenError::Malformed),
            ("", TokenError::Malformed),
        ] {
            assert_eq!(claims(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn an_unsigned_token_is_refused() {
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"NoNe"}"#,
            "{}",
            r#"{"alg":7}"#,
        ] {
            let token = jwt(header, r#"{"exp":1000}"#);
            assert_eq!(read(token), Err(TokenError::Algorithm), "{header}");
        }
    }

    #[test]
    fn a_token_that_says_it_is_a_jwt_is_held_to_it() {
        let whole = jwt(r#"{"alg":"ES256"}"#, r#"{"exp":1000}"#);
        let (unsigned, _) = whole.rsplit_once('.').unwrap();
        for text in [
            unsigned.to_owned(),
            format!("{unsigned}.c2l="),
            format!("{whole}.c2ln"),
            format!("{whole} "),
            String::new(),
            "tokén".to_owned(),
            "two words".to_owned(),
        ] {
            assert_eq!(read(text.clone()), Err(TokenError::Malformed), "{text}");
        }
    }

    #[test]
    fn other_tokens_are_opaque() {
        let encrypted = jwt(r#"{"alg":"dir","enc":"A128GCM"}"#, "");
        for text in ["opaque", "a.b.c", "mF_9.B5f-4.1JqM", &encrypted] {
            assert_eq!(read(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn a_token_that_no_header_field_takes_is_refused() {
        assert_eq!(read("a".repeat(MAX_TOKEN_BYTES)), Ok(None));
        let larger = "a".repeat(MAX_TOKEN_BYTES + 1);
        assert_eq!(read(larger), Err(TokenError::TooLarge));
    }
}
