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
}

/// The dates that a token is scheduled by (RFC 7519 section 4.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TokenDates {
    /// `exp`, rounded down.
    pub expires: NumericDate,
    /// `iat`, rounded down.
    pub issued: Option<NumericDate>,
    /// `nbf`, rounded up.
    pub not_before: Option<NumericDate>,
}

/// Why a token cannot be scheduled by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
pub struct ReadToken {
    /// The token.
    pub token: AccessToken,
    /// Its dates; none for an opaque token.
    pub dates: Option<TokenDates>,
}

impl ReadToken {
    /// Reads a token as far as scheduling needs it.
    ///
    /// `parse` finds the members of a JSON object in a text, and nothing in any other text. A token
    /// whose first part is the base64url of a JSON object says that it is a JWT and is held to it;
    /// any other is opaque, as is an encrypted one.
    pub fn read(
        token: String,
        parse: impl Fn(&str) -> Option<Members>,
    ) -> Result<ReadToken, TokenError> {
        let token = AccessToken::new(token);
        let text = token.expose();
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLarge);
        }
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Malformed);
        }
        let object = |part: &str| parse(&part_text(part)?);
        let mut parts = text.split('.');
        let dates = match parts.next().and_then(object) {
            Some(header) if !header.encrypted => {
                let algorithm = header.alg.as_deref().unwrap_or("none");
                if algorithm.eq_ignore_ascii_case("none") {
                    return Err(TokenError::Algorithm);
                }
                let claims = parts.next().and_then(object);
                let whole = parts.next().and_then(base64url::decode).is_some();
                match claims {
                    Some(claims) if whole && parts.next().is_none() => Some(dates(&claims)?),
                    _ => return Err(TokenError::Malformed),
                }
            }
            _ => None,
        };
        Ok(ReadToken { token, dates })
    }
}

/// The text that a part of a token stands for.
pub fn part_text(part: &str) -> Option<String> {
    String::from_utf8(base64url::decode(part)?).ok()
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
    Ok(TokenDates {
        expires,
        issued,
        not_before,
    })
}
