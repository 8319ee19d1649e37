//! What an API says of a request that it refuses: `WWW-Authenticate` (RFC 9110 section 11.6.1).

use crate::http_date;
use crate::time::Span;

/// The longest field value that is read, in bytes: servers and browsers take hardly more in all.
pub const MAX_CHALLENGE_BYTES: usize = 16 * 1024;

/// Why a bearer token did not do (RFC 6750 section 3.1, RFC 9470 section 3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum BearerError {
    /// The request is malformed.
    InvalidRequest,
    /// The token has expired, was revoked, or is no good for another reason: a new one may do.
    InvalidToken,
    /// The token does not grant enough: a new one would not either.
    InsufficientScope,
    /// The user has to sign in again, more strongly or more recently: step-up.
    InsufficientUserAuthentication,
    /// An error that no RFC above knows.
    Other,
}

impl BearerError {
    fn of(code: &str) -> BearerError {
        match code {
            "invalid_request" => BearerError::InvalidRequest,
            "invalid_token" => BearerError::InvalidToken,
            "insufficient_scope" => BearerError::InsufficientScope,
            "insufficient_user_authentication" => BearerError::InsufficientUserAuthentication,
            _ => BearerError::Other,
        }
    }
}

/// What an answer says of the bearer token that it was asked with.
///
/// No challenge for the scheme `Bearer`, or one without an error, says nothing of the token.
/// [`BearerError::InvalidToken`] names it, [`BearerError::InsufficientUserAuthentication`] asks for
/// step-up, and every other error is about something else.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct BearerChallenge {
    /// `error`.
    pub error: Option<BearerError>,
    /// `scope`: what the token would have to grant, separated by spaces.
    pub scope: Option<String>,
    /// `acr_values`: how the user would have to sign in, separated by spaces, the best first.
    pub acr_values: Option<String>,
    /// `max_age`: how long ago the user may have signed in.
    pub max_age: Option<Span>,
}

impl BearerChallenge {
    /// Reads the field's value, or those of several fields joined with commas.
    ///
    /// Of several challenges for `Bearer` the first with an error counts, else the last; of a
    /// parameter that is repeated, the first. What is malformed is passed over: a
    /// parameter by itself, anything else with the parameters that follow it. A value of more than
    /// [`MAX_CHALLENGE_BYTES`] has no challenge.
    pub fn parse(field: &str) -> Option<BearerChallenge> {
        if field.len() > MAX_CHALLENGE_BYTES {
            return None;
        }
        let mut found: Option<Parameters<'_>> = None;
        // Whether the parameters that come are those of the challenge that was found.
        let mut counts = false;
        // Commas part challenges, and the parameters of each; in quotes they part nothing.
        let (mut quoted, mut escaped) = (false, false);
        let elements = field.as_bytes().split(|byte| {
            quoted ^= *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && quoted && !escaped;
            *byte == b',' && !quoted
        });
        for element in elements {
            let element = element.trim_ascii();
            let (name, rest) = split_token(element);
            let mut parameter = element;
            if !rest.starts_with(b"=") && !element.is_empty() {
                // A scheme, with nothing behind it, its first parameter, or one token.
                parameter = rest;
                let open = found.is_none_or(|found| found.error.is_empty());
                counts = open && name.eq_ignore_ascii_case(b"Bearer");
                if counts {
                    found = Some(Parameters::default());
                }
            }
            if let Some(found) = found.as_mut().filter(|_| counts) {
                found.take(parameter);
            }
        }
        found.map(|found| BearerChallenge {
            error: (!found.error.is_empty()).then(|| BearerError::of(&unescaped(found.error))),
            scope: (!found.scope.is_empty()).then(|| unescaped(found.scope)),
            acr_values: (!found.acr_values.is_empty()).then(|| unescaped(found.acr_values)),
            max_age: seconds(unescaped(found.max_age).as_bytes()),
        })
    }
}

/// The parameters of a challenge as they stand in the field; empty where there is none.
#[derive(Clone, Copy, Default)]
struct Parameters<'a> {
    error: &'a [u8],
    scope: &'a [u8],
    acr_values: &'a [u8],
    max_age: &'a [u8],
}

impl<'a> Parameters<'a> {
    /// Takes a parameter in; anything else, such as the one token of other schemes, says nothing.
    fn take(&mut self, parameter: &'a [u8]) {
        let (name, rest) = split_token(parameter);
        let Some(value) = rest.strip_prefix(b"=").and_then(value) else {
            return;
        };
        for (known, slot) in [
            ("error", &mut self.error),
            ("scope", &mut self.scope),
            ("acr_values", &mut self.acr_values),
            ("max_age", &mut self.max_age),
        ] {
            if slot.is_empty() && name.eq_ignore_ascii_case(known.as_bytes()) {
                *slot = value;
            }
        }
    }
}

/// The token that a text begins with (RFC 9110 section 5.6.2), and the rest behind white space.
fn split_token(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !is_token(*byte));
    let (token, rest) = text
        .split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, b""));
    (token, rest.trim_ascii_start())
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What stands behind the `=` of a parameter: a token, or what is between two quotes. The parameters
/// that count have no characters but those of ASCII (RFC 6750 section 3).
fn value(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii_start();
    let Some(quoted) = text.strip_prefix(b"\"") else {
        return text.iter().all(|byte| is_token(*byte)).then_some(text);
    };
    let mut escaped = false;
    let end = quoted.iter().position(|byte| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    })?;
    let (value, rest) = quoted.split_at_checked(end)?;
    let plain = value.iter().all(|byte| (b' '..=b'~').contains(byte));
    (plain && rest.len() == 1).then_some(value)
}

/// A value without the backslashes that escape.
fn unescaped(value: &[u8]) -> String {
    let mut escaped = false;
    let kept = value.iter().filter(|byte| {
        escaped = **byte == b'\\' && !escaped;
        !escaped
    });
    kept.map(|byte| char::from(*byte)).collect()
}

/// Whole seconds; more digits than fit are more than anybody's age.
fn seconds(text: &[u8]) -> Option<Span> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    digits.then(|| Span::from_secs(http_date::decimal(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(field: &str) -> Option<BearerError> {
        BearerChallenge::parse(field).and_then(|challenge| challenge.error)
    }

    fn challenge(error: BearerError) -> BearerChallenge {
        BearerChallenge {
            error: Some(error),
            ..BearerChallenge::default()
        }
    }

    #[test]
    fn the_examples_of_the_standards() {
        let parse = BearerChallenge::parse;
        // RFC 6750 section 3.
        assert_eq!(
            parse(r#"Bearer realm="example""#),
            Some(BearerChallenge::default())
        );
        let expired = r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#;
        assert_eq!(parse(expired), Some(challenge(BearerError::InvalidToken)));
        // RFC 9470 section 3.
        let stronger = r#"Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR""#;
        assert_eq!(
            parse(stronger),
            Some(BearerChallenge {
                acr_values: Some("myACR".to_owned()),
                ..challenge(BearerError::InsufficientUserAuthentication)
            })
        );
        let newer = r#"Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="5""#;
        assert_eq!(
            parse(newer),
            Some(BearerChallenge {
                max_age: Some(Span::from_secs(5)),
                ..challenge(BearerError::InsufficientUserAuthentication)
            })
        );
        // RFC 9110 section 11.6.1.
        let others =
            r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#;
        assert_eq!(parse(others), None);
    }

    #[test]
    fn each_error_has_its_meaning() {
        for (code, expected) in [
            ("invalid_request", BearerError::InvalidRequest),
            ("invalid_token", BearerError::InvalidToken),
            ("insufficient_scope", BearerError::InsufficientScope),
            (
                "insufficient_user_authentication",
                BearerError::InsufficientUserAuthentication,
            ),
            ("use_dpop_nonce", BearerError::Other),
            ("Invalid_Token", BearerError::Other),
        ] {
            let field = format!("Bearer error={code}, scope=\"a b\"");
            let scope = Some("a b".to_owned());
            let expected = BearerChallenge {
                scope,
                ..challenge(expected)
            };
            assert_eq!(BearerChallenge::parse(&field), Some(expected), "{code}");
        }
    }

    #[test]
    fn schemes_stand_beside_each_other() {
        for field in [
            r#"Bearer error="invalid_token""#,
            r#"bearer ERROR = "invalid_token""#,
            r#"Bearer error=invalid_token"#,
            "BEARER \terror\t=\tinvalid_token\t",
            r#"Negotiate, Basic realm="a", Bearer error="invalid_token""#,
            r#"Negotiate YWJj+/==, Bearer error="invalid_token", Basic realm="a, b""#,
            r#"Basic realm="Bearer error=\"none\", Bearer", Bearer error="invalid_token""#,
            r#", ,Bearer realm="a",, ,error="invalid_token",,"#,
            r#"Bearer , error="invalid_token""#,
            r#"Bearer realm="a\\", error="invalid_token""#,
            r#"Bearer error="inv\alid_token""#,
            r#"DPoP algs="ES256", error="use_dpop_nonce", Bearer error="invalid_token""#,
            r#"Bearer realm="a", Bearer error="invalid_token", Bearer error="insufficient_scope""#,
            r#"Bearer error="invalid_token", Bearer realm="a", error="insufficient_scope""#,
            r#"Bearer error="invalid_token", error="insufficient_scope""#,
        ] {
            assert_eq!(error(field), Some(BearerError::InvalidToken), "{field}");
        }
        // A quote that stands alone takes everything behind it.
        let open = r#"Bearer realm=", Bearer error="invalid_token""#;
        assert_eq!(error(open), None);
    }

    #[test]
    fn what_says_nothing_of_the_token() {
        let silent = Some(BearerChallenge::default());
        for field in [
            "Bearer",
            "  bearer\t",
            "Bearer, Basic",
            "Bearer YWJj",
            "Bearer error=",
            r#"Bearer error="""#,
            r#"Bearer"error="invalid_token""#,
            r#"Bearer error="invalid_token"#,
            r#"Bearer error="invalid_token\""#,
            r#"Bearer error="invalid_token"."#,
            r#"Bearer error="invalid_tokén""#,
            r#"Bearer error="invalid_token" realm="a""#,
            "Bearer error=\"invalid\u{7f}_token\"",
            "Bearer error=invalid token",
            r#"Bearer realm="a", Basic realm="b", error="invalid_token""#,
            r#"Bearer realm="a", @, error="invalid_token""#,
        ] {
            assert_eq!(BearerChallenge::parse(field), silent, "{field}");
        }
        for field in [
            "",
            " , ,",
            "=",
            r#"error="invalid_token""#,
            r#"Bearers error="invalid_token""#,
            r#"DPoP error="invalid_token", algs="ES256""#,
            r#""Bearer error=invalid_token""#,
            "Bärer error=invalid_token",
        ] {
            assert_eq!(BearerChallenge::parse(field), None, "{field}");
        }
    }

    #[test]
    fn what_is_escaped_stands_for_itself() {
        let field = r#"Bearer title="\"", scope="a\\b \"c\"", acr_values="\a\,\"""#;
        let challenge = BearerChallenge::parse(field).unwrap();
        assert_eq!(challenge.scope.as_deref(), Some(r#"a\b "c""#));
        assert_eq!(challenge.acr_values.as_deref(), Some(r#"a,""#));
    }

    #[test]
    fn an_age_is_whole_seconds() {
        for (text, expected) in [
            ("0", Some(0)),
            ("\"300\"", Some(300)),
            ("\"3\\00\"", Some(300)),
            ("99999999999999999999", Some(i64::MAX)),
            ("-1", None),
            ("1.5", None),
            ("\"\"", None),
            ("soon", None),
        ] {
            let field = format!("Bearer max_age={text}");
            let challenge = BearerChallenge::parse(&field).unwrap();
            assert_eq!(challenge.max_age, expected.map(Span::from_secs), "{text}");
        }
        let repeated = BearerChallenge::parse("Bearer max_age=5, Max_Age=6").unwrap();
        assert_eq!(repeated.max_age, Some(Span::from_secs(5)));
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        let padded = |length: usize| {
            let field = "Bearer error=invalid_token";
            field.to_owned() + &",".repeat(length - field.len())
        };
        let longest = padded(MAX_CHALLENGE_BYTES);
        assert_eq!(error(&longest), Some(BearerError::InvalidToken));
        assert_eq!(
            BearerChallenge::parse(&padded(MAX_CHALLENGE_BYTES + 1)),
            None
        );
        assert_eq!(BearerChallenge::parse(&"Bearer,".repeat(150_000)), None);
    }
}
