//! What a session is, as the application sees it.

use crate::clock::ClockEstimate;
use crate::time::Timestamp;

/// The state of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionState {
    /// There is no session, or it has ended.
    SignedOut,
    /// The server is asked whether the cookie still stands for a session.
    Starting,
    /// A usable access token is held, or it has lapsed and no attempt has failed since.
    Active,
    /// The access token has lapsed and the renewal fails for a passing reason.
    Degraded,
}

impl SessionState {
    /// The name that applications see.
    pub fn name(self) -> &'static str {
        match self {
            SessionState::SignedOut => "signed-out",
            SessionState::Starting => "starting",
            SessionState::Active => "active",
            SessionState::Degraded => "degraded",
        }
    }
}

/// Why a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum EndReason {
    /// The user signed out.
    SignedOut,
    /// The server had announced the end.
    Expired,
    /// The server refused the renewal.
    Rejected,
    /// The server's tokens fail the checks.
    InvalidToken,
    /// The session was degraded for too long.
    Unreachable,
    /// Nobody has used it for too long.
    IdleTimeout,
    /// It has reached its longest age.
    MaxAge,
    /// The server has ended it.
    Revoked,
}

impl EndReason {
    /// The name that applications see.
    pub fn name(self) -> &'static str {
        match self {
            EndReason::SignedOut => "signed-out",
            EndReason::Expired => "expired",
            EndReason::Rejected => "rejected",
            EndReason::InvalidToken => "invalid-token",
            EndReason::Unreachable => "unreachable",
            EndReason::IdleTimeout => "idle-timeout",
            EndReason::MaxAge => "max-age",
            EndReason::Revoked => "revoked",
        }
    }
}

/// Who caused what is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum By {
    /// This tab.
    ThisTab,
    /// Another tab.
    OtherTab,
    /// The server.
    Server,
}

impl By {
    /// The name that applications see.
    pub fn name(self) -> &'static str {
        match self {
            By::ThisTab => "this-tab",
            By::OtherTab => "other-tab",
            By::Server => "server",
        }
    }
}

/// A picture of the session: two are equal when nothing has changed that an application shows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Snapshot {
    /// The state.
    pub state: SessionState,
    /// Why the session ended, where it did.
    pub reason: Option<EndReason>,
    /// When the access token lapses, on the device's clock.
    pub token_expires_at: Option<Timestamp>,
    /// When the next renewal, or the next attempt of one that failed, is planned.
    pub renews_at: Option<Timestamp>,
    /// Whether an attempt to renew is being made.
    pub renewing: bool,
    /// Consecutive failed attempts of the renewal under way.
    pub failures: u32,
    /// The end that the idle warning counts down to, on the device's clock.
    pub idle_ends_at: Option<Timestamp>,
    /// The session's hard end, on the device's clock.
    pub ends_at: Option<Timestamp>,
    /// The server's clock against the device's.
    pub clock: ClockEstimate,
    /// Whether the browser believes that it is online.
    pub online: bool,
    /// The tabs that share the session, this one included.
    pub tabs: u32,
    /// Which access token is held: another number, another token.
    pub generation: u32,
}
