//! What can be armed: one kind of misbehaviour, where it hits, and for how long.

use std::fmt;
use std::num::NonZeroU32;

use axum::http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::order::Order;

/// One armed misbehaviour, as `POST /faults` takes it and `GET /faults` shows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "Order")]
pub(crate) struct Fault {
    pub(super) path: Target,
    #[serde(flatten)]
    pub(super) scope: Scope,
    #[serde(flatten)]
    pub(super) kind: Kind,
}

/// Which requests a fault hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum Target {
    #[serde(rename = "/auth/login")]
    Login,
    #[default]
    #[serde(rename = "/auth/refresh")]
    Renewal,
    #[serde(rename = "/auth/logout")]
    Logout,
    /// Which `any` leaves alone: it is no request that somebody waits for.
    #[serde(rename = "/auth/events")]
    Events,
    #[serde(rename = "/auth/password")]
    Password,
    /// The list of a user's sessions, and the end of one or of many.
    #[serde(rename = "/auth/sessions")]
    OwnSessions,
    #[serde(rename = "/auth/step-up")]
    StepUp,
    #[serde(rename = "/api/me")]
    Me,
    #[serde(rename = "/api/payments")]
    Payments,
    /// `DELETE /api/sessions/{sid}`, whichever session it is.
    #[serde(rename = "/api/sessions")]
    Sessions,
    #[serde(rename = "/.well-known/jwks.json")]
    Keys,
    /// The page itself, which is also where the package asks for the server's time.
    #[serde(rename = "/")]
    Page,
    /// Every endpoint, but no page: a page that is hit can no longer call the fault off.
    #[serde(rename = "any")]
    Any,
}

impl Target {
    /// What a request is for; `None` where nothing can be armed for it.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        match (method.as_str(), path) {
            ("POST", "/auth/login") => Some(Self::Login),
            ("POST", "/auth/refresh") => Some(Self::Renewal),
            ("POST", "/auth/logout") => Some(Self::Logout),
            ("GET" | "HEAD", "/auth/events") => Some(Self::Events),
            ("POST", "/auth/password") => Some(Self::Password),
            ("GET" | "HEAD" | "DELETE", "/auth/sessions") => Some(Self::OwnSessions),
            ("DELETE", path) if path.starts_with("/auth/sessions/") => Some(Self::OwnSessions),
            ("POST", "/auth/step-up") => Some(Self::StepUp),
            ("GET" | "HEAD", "/api/me") => Some(Self::Me),
            ("POST", "/api/payments") => Some(Self::Payments),
            ("DELETE", path) if path.starts_with("/api/sessions/") => Some(Self::Sessions),
            ("GET" | "HEAD", "/.well-known/jwks.json") => Some(Self::Keys),
            ("GET" | "HEAD", "/") => Some(Self::Page),
            _ => None,
        }
    }

    /// Whether a fault for this hits a request for that.
    pub(super) fn covers(self, asked: Self) -> bool {
        self == asked || (self == Self::Any && !matches!(asked, Self::Page | Self::Events))
    }

    /// Whether the answers of this have a session's access token in them.
    pub(super) fn issues_tokens(self) -> bool {
        matches!(self, Self::Login | Self::Renewal | Self::Password)
    }
}

/// For how long a fault stays armed.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Scope {
    /// For so many requests that it hits.
    Requests(NonZeroU32),
    /// From now on, however many requests it hits.
    Seconds(NonZeroU32),
}

/// What goes wrong.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    Status(Status),
    Delay(Delay),
    Hang(Moment),
    Drop(Moment),
    Body(Garbage),
    SameToken(Plain),
    Redirect(Moment),
}

/// Another status in place of the real answer, whose headers and cookie are lost with it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) code: FinalStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retry_after: Option<RetryAfter>,
    #[serde(default)]
    pub(super) when: When,
}

/// The real answer, late.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delay {
    pub(super) ms: NonZeroU32,
    #[serde(default)]
    pub(super) when: When,
}

/// Nothing but the moment can be chosen.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Moment {
    #[serde(default)]
    pub(super) when: When,
}

/// Nothing can be chosen.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plain {}

/// Status 200 with a body that is not an answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Garbage {
    pub(super) content: Content,
    #[serde(default)]
    pub(super) when: When,
}

/// What the body of [`Garbage`] is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Content {
    Html,
    Empty,
    TruncatedJson,
    WrongTypes,
    TenMegabytes,
    /// Half an answer, and then neither more nor an end.
    Unending,
}

/// Whether the fault comes before the endpoint does its work, or after: then a rotation is
/// committed and a session ended, whatever the client gets to hear of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum When {
    #[default]
    Before,
    After,
}

/// The two wire forms of `Retry-After`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RetryAfter {
    Seconds(u32),
    /// A date so many seconds from now on the server's clock; negative ones are in the past.
    DateInSeconds(i32),
}

/// A status that ends an exchange: an informational one only announces the next.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(try_from = "u16", into = "u16")]
pub(super) struct FinalStatus(pub(super) StatusCode);

impl TryFrom<u16> for FinalStatus {
    type Error = &'static str;

    fn try_from(code: u16) -> Result<Self, Self::Error> {
        StatusCode::from_u16(code)
            .ok()
            .filter(|status| (200..=599).contains(&status.as_u16()))
            .map(Self)
            .ok_or("the member code is a status from 200 to 599")
    }
}

impl From<FinalStatus> for u16 {
    fn from(FinalStatus(status): FinalStatus) -> Self {
        status.as_u16()
    }
}

impl fmt::Display for When {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Before => "before",
            Self::After => "after",
        })
    }
}

/// The kind as the audit trail names it.
impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(Status { code, when, .. }) => {
                write!(formatter, "status-{}-{when}", u16::from(*code))
            }
            Self::Delay(Delay { when, .. }) => write!(formatter, "delay-{when}"),
            Self::Hang(Moment { when }) => write!(formatter, "hang-{when}"),
            Self::Drop(Moment { when }) => write!(formatter, "drop-{when}"),
            Self::Body(Garbage { when, .. }) => write!(formatter, "body-{when}"),
            Self::SameToken(Plain {}) => formatter.write_str("same-token"),
            Self::Redirect(Moment { when }) => write!(formatter, "redirect-{when}"),
        }
    }
}
