//! What the command line decides.

use std::path::PathBuf;

use crate::activity::IdleTimeout;
use crate::alerts::AlertConfig;
use crate::role::{Lifetimes, Role};

/// The server's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database file, created when absent.
    pub database: PathBuf,
    /// An access token's lifetime for every role, instead of each role's own.
    pub access_seconds: Option<i64>,
    /// A session's lifetime for every role, instead of each role's own.
    pub session_seconds: Option<i64>,
    /// For how long a user may do nothing; off where absent.
    pub idle_seconds: Option<i64>,
    /// Whether the server is reached over TLS, which decides the cookie's name and attributes.
    pub tls: bool,
    /// The folder of the sample page.
    pub pages: PathBuf,
    /// The folder of the npm package.
    pub package: PathBuf,
    /// Whether the server can be told to misbehave.
    pub faults: bool,
    /// Whether users may ask the server for their one-time codes.
    pub demonstration: bool,
    /// The rates that are watched.
    pub alerts: AlertConfig,
    /// The file with the token for the operator's page, made where it is missing; there is no
    /// such page where absent.
    pub operator_token_file: Option<PathBuf>,
    /// What a password's hash costs.
    pub password_cost: PasswordCost,
}

impl Config {
    pub(crate) fn lifetimes(&self, role: Role) -> Lifetimes {
        let own = role.default_lifetimes();
        Lifetimes {
            access_seconds: self.access_seconds.unwrap_or(own.access_seconds),
            session_seconds: self.session_seconds.unwrap_or(own.session_seconds),
        }
    }

    pub(crate) fn idle(&self, role: Role) -> Option<IdleTimeout> {
        let access_seconds = self.lifetimes(role).access_seconds;
        self.idle_seconds.map(|timeout_seconds| IdleTimeout {
            timeout_seconds,
            silence_seconds: timeout_seconds.max(access_seconds),
        })
    }

    pub(crate) const fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
}

/// How much work argon2 makes of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCost {
    /// OWASP's recommendation for argon2id: 19 MiB, two passes.
    Recommended,
    /// As little as the algorithm allows, for tests of everything but passwords.
    Least,
}
