//! The audit trail. It names sessions and users, and holds no token and no hash of one.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::StoreError;
use super::session::Session;
use super::user::User;
use crate::access_token::Claims;
use crate::clock::Timestamp;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditKind {
    /// A user signed in, and a session started.
    SignIn,
    /// Somebody tried to sign in and was refused.
    SignInFailed,
    /// Somebody guessed too often, and is not listened to for a while.
    SignInBlocked,
    /// A user signed in with a browser that is not one of theirs.
    NewDevice,
    /// A user signed in from a network that is not one of theirs.
    NewPlace,
    /// A refresh token was rotated.
    Renewal,
    /// The last rotation's answer was given once more, to a repeated attempt.
    RenewalRepeated,
    /// A refresh token was refused.
    RenewalRefused,
    /// The server failed at a renewal.
    RenewalFailed,
    /// A used refresh token was presented: somebody has a copy.
    ReuseDetected,
    /// A browser signed out.
    SignOut,
    /// A session ended, for the reason in the detail.
    SessionEnded,
    /// A user chose another password.
    PasswordChanged,
    /// Somebody with a user's access token did not know the password.
    PasswordChangeFailed,
    /// A user proved more than a password, and got a token for a sensitive action.
    StepUp,
    /// A one-time code was refused.
    StepUpFailed,
    /// Too many one-time codes were wrong, and none is looked at for a while.
    StepUpBlocked,
    /// A device stands in for one-time codes from now on.
    DeviceRemembered,
    /// A user's devices stand in for nothing from now on.
    DevicesForgotten,
    /// The sensitive action was done.
    Payment,
    /// Another key signs from now on.
    KeyRotated,
    /// The API refused an access token.
    TokenRefused,
    /// Somebody asked for the operator's page without the operator's token.
    OperatorRefused,
    /// A rate has left its bounds.
    AlertRaised,
    /// A rate is back within its bounds.
    AlertCleared,
    /// A request was refused before it was looked at, as from another site.
    RequestRefused,
    /// The server misbehaved towards a request, as it was told to.
    FaultInjected,
}

impl AuditKind {
    /// The kind's name in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignInFailed => "sign-in-failed",
            Self::SignInBlocked => "sign-in-blocked",
            Self::NewDevice => "new-device",
            Self::NewPlace => "new-place",
            Self::Renewal => "renewal",
            Self::RenewalRepeated => "renewal-repeated",
            Self::RenewalRefused => "renewal-refused",
            Self::RenewalFailed => "renewal-failed",
            Self::ReuseDetected => "reuse-detected",
            Self::SignOut => "sign-out",
            Self::SessionEnded => "session-ended",
            Self::PasswordChanged => "password-changed",
            Self::PasswordChangeFailed => "password-change-failed",
            Self::StepUp => "step-up",
            Self::StepUpFailed => "step-up-failed",
            Self::StepUpBlocked => "step-up-blocked",
            Self::DeviceRemembered => "device-remembered",
            Self::DevicesForgotten => "devices-forgotten",
            Self::Payment => "payment",
            Self::KeyRotated => "key-rotated",
            Self::TokenRefused => "token-refused",
            Self::OperatorRefused => "operator-refused",
            Self::AlertRaised => "alert-raised",
            Self::AlertCleared => "alert-cleared",
            Self::RequestRefused => "request-refused",
            Self::FaultInjected => "fault-injected",
        }
    }
}

/// Whom an entry is about.
pub(crate) struct Subject<'a> {
    sid: Option<&'a str>,
    sub: &'a str,
}

impl<'a> From<&'a Session> for Subject<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            sid: Some(&session.sid),
            sub: &session.user.sub,
        }
    }
}

impl<'a> From<&'a Claims> for Subject<'a> {
    fn from(claims: &'a Claims) -> Self {
        Self {
            sid: Some(&claims.sid),
            sub: &claims.sub,
        }
    }
}

impl<'a> From<&'a User> for Subject<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            sid: None,
            sub: &user.sub,
        }
    }
}

/// Adds an entry.
pub(crate) fn record<'a, S: Into<Subject<'a>>>(
    connection: &Connection,
    now: Timestamp,
    kind: AuditKind,
    subject: Option<S>,
    detail: &str,
) -> Result<(), StoreError> {
    let subject = subject.map(Into::into);
    connection
        .prepare(
            "INSERT INTO audit (at, kind, sid, sub, detail)
             VALUES (?1, ?2, ?3, ?4, nullif(?5, ''))",
        )?
        .execute(params![
            now.millis(),
            kind.as_str(),
            subject.as_ref().and_then(|subject| subject.sid),
            subject.as_ref().map(|subject| subject.sub),
            detail,
        ])?;
    Ok(())
}

/// One line of the audit trail.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    /// Rises with every entry.
    pub id: i64,
    /// When, on the server's clock: RFC 3339, in UTC, with milliseconds.
    pub at: String,
    /// What happened; see [`AuditKind`].
    pub kind: String,
    /// The session, where there is one.
    pub sid: Option<String>,
    /// The user, where known.
    pub sub: Option<String>,
    /// Why, where there is a reason.
    pub detail: Option<String>,
}

/// Which entries are asked for: those that fit all that is said.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// About the user of this claim `sub`.
    pub sub: Option<String>,
    /// About the session of this claim `sid`.
    pub sid: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// At this instant or later, in milliseconds since the epoch.
    pub since_millis: Option<i64>,
}

/// The entries that fit, oldest first.
pub(crate) fn entries(
    connection: &Connection,
    filter: &AuditFilter,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id, strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
                kind, sid, sub, detail
         FROM audit
         WHERE (?1 IS NULL OR sub = ?1) AND (?2 IS NULL OR sid = ?2)
           AND (?3 IS NULL OR kind = ?3) AND (?4 IS NULL OR at >= ?4)
         ORDER BY id",
    )?;
    let filter = params![filter.sub, filter.sid, filter.kind, filter.since_millis];
    let entries = statement.query_map(filter, |row| {
        Ok(AuditEntry {
            id: row.get("id")?,
            at: row.get("at")?,
            kind: row.get("kind")?,
            sid: row.get("sid")?,
            sub: row.get("sub")?,
            detail: row.get("detail")?,
        })
    })?;
    Ok(entries.collect::<Result<_, _>>()?)
}
