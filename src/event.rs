//! What a session tells the application.

use crate::clock::ClockEstimate;
use crate::device::JumpKind;
use crate::state::{By, EndReason};
use crate::time::{Span, Timestamp};
use crate::token::TokenError;

/// Why an attempt to renew failed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum RenewalFailure {
    /// No answer came.
    Network,
    /// No answer came in time.
    Timeout,
    /// No answer came, and the browser says that it is offline.
    Offline,
    /// The server asks for fewer requests (429).
    RateLimited,
    /// The server failed, or answered with a status that means nothing here.
    ServerError,
    /// The server refused.
    Rejected,
    /// The answer is none.
    MalformedAnswer,
    /// The answer's token cannot be used.
    InvalidToken,
}

impl RenewalFailure {
    /// The name that applications see.
    pub fn name(self) -> &'static str {
        match self {
            RenewalFailure::Network => "network",
            RenewalFailure::Timeout => "timeout",
            RenewalFailure::Offline => "offline",
            RenewalFailure::RateLimited => "rate-limited",
            RenewalFailure::ServerError => "server-error",
            RenewalFailure::Rejected => "rejected",
            RenewalFailure::MalformedAnswer => "malformed-answer",
            RenewalFailure::InvalidToken => "invalid-token",
        }
    }
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum Event {
    /// The [`Snapshot`](crate::Snapshot) is another one.
    Changed,
    /// There is a session.
    Started {
        /// Whether it was there before this page was.
        restored: bool,
    },
    /// The access token was renewed.
    Renewed {
        /// Who renewed it.
        by: By,
        /// When it lapses, on the device's clock.
        token_expires_at: Timestamp,
        /// How many attempts it took.
        attempts: u32,
        /// The time from the first attempt to the answer.
        took: Span,
    },
    /// An attempt to renew failed.
    RenewalFailed {
        /// Why.
        cause: RenewalFailure,
        /// Its place among the attempts of this renewal, from 1.
        attempt: u32,
        /// When the next attempt is planned, on the device's clock.
        retry_at: Option<Timestamp>,
    },
    /// The access token has lapsed and cannot be renewed for now.
    Degraded {
        /// Since when, on the device's clock.
        since: Timestamp,
    },
    /// There is a usable access token again.
    Recovered {
        /// How long there was none.
        after: Span,
    },
    /// The session ends soon, unless somebody uses it.
    IdleWarning {
        /// When it ends, on the device's clock.
        ends_at: Timestamp,
        /// How long that is from now.
        remaining: Span,
    },
    /// The idle warning was answered.
    IdleExtended {
        /// Who answered.
        by: By,
    },
    /// An access token lives for longer, or less long, than the policy allows.
    PolicyViolation {
        /// Its lifetime.
        lifetime: Span,
    },
    /// A token that came cannot be used.
    TokenRejected {
        /// Why.
        reason: TokenError,
    },
    /// An API asks for a stronger, or more recent, sign-in (RFC 9470).
    StepUpRequired {
        /// `acr_values`: how the user would have to sign in, separated by spaces, the best first.
        acr_values: Option<String>,
        /// `max_age`: how long ago the user may have signed in.
        max_age: Option<Span>,
        /// The address that was asked for.
        url: String,
    },
    /// The session's hard end is near, and nothing can put it off.
    SessionEnding {
        /// When it comes, on the device's clock.
        ends_at: Timestamp,
    },
    /// The device's clock is off by more than [`Config::warn_above`](crate::Config::warn_above).
    ClockSkew(ClockEstimate),
    /// The device's clock was set, or the device slept.
    ClockJump {
        /// By how much the wall clock has left the monotonic one.
        by: Span,
        /// What it was.
        kind: JumpKind,
    },
    /// The session is over.
    Ended {
        /// Why.
        reason: EndReason,
        /// Who ended it.
        by: By,
    },
}
