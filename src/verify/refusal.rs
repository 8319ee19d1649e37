use std::error::Error;
use std::fmt;

/// Why a token is not adopted; it carries nothing of the token.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The token is longer than [`MAX_TOKEN_BYTES`](super::MAX_TOKEN_BYTES).
    TooLarge,
    /// The token is not three parts of base64url with JSON objects for header and claims.
    Malformed,
    /// The header's `alg` is "none" or not among the accepted ones.
    Algorithm,
    /// The header's `typ` is missing or not among the accepted ones.
    Type,
    /// The header names extensions that must be understood, in `crit`.
    Critical,
    /// The claim `iss` is not one of the accepted issuers.
    Issuer,
    /// The claim `aud` names none of the accepted audiences.
    Audience,
    /// A required claim, named here as the requirements name it, is absent or null.
    MissingClaim(String),
}

impl Refusal {
    /// A short name that stays the same across versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Critical => "critical",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::MissingClaim(_) => "missing-claim",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self {
            Self::TooLarge => "the token is too large",
            Self::Malformed => "the token is not a well-formed signed JWT",
            Self::Algorithm => "the token's algorithm is not accepted",
            Self::Type => "the token's type is not accepted",
            Self::Critical => "the token demands extensions that are not supported",
            Self::Issuer => "the token's issuer is not accepted",
            Self::Audience => "the token is meant for another audience",
            Self::MissingClaim(name) => {
                return write!(formatter, "the token lacks the claim {name:?}");
            }
        };
        formatter.write_str(reason)
    }
}

impl Error for Refusal {}
