//! What a user may do, and for how long at a time.

use serde::{Deserialize, Serialize};

/// A user's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Uses the application.
    Customer,
    /// May end everybody's session, so it is trusted for shorter spans.
    Administrator,
}

impl Role {
    /// The role's name in tokens and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Administrator => "administrator",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Customer, Self::Administrator]
            .into_iter()
            .find(|role| role.as_str() == name)
    }

    /// The scope of the role's access tokens.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Customer => "profile",
            Self::Administrator => "profile sessions",
        }
    }

    /// The role's lifetimes where the command line sets no others.
    pub const fn default_lifetimes(self) -> Lifetimes {
        match self {
            Self::Customer => Lifetimes {
                access_seconds: 15 * 60,
                session_seconds: 12 * 3600,
            },
            Self::Administrator => Lifetimes {
                access_seconds: 5 * 60,
                session_seconds: 4 * 3600,
            },
        }
    }
}

/// How long an access token and a session live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// From an access token's `iat` to its `exp`.
    pub access_seconds: i64,
    /// From the sign-in to the session's hard end.
    pub session_seconds: i64,
}
