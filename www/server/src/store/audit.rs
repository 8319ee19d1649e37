//! The audit trail. It names sessions and users, and holds no token and no hash of one.

use std::path::Path;

use rusqlite::{Connection, params};
use serde::Serialize;

use super::session::Session;
use super::user::User;
use super::{StoreError, open_to_read};
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
    /// A refresh token was rotated.
    Renewal,
    /// The last rotation's answer was given once more, to a repeated attempt.
    RenewalRepeated,
    /// A refresh token was refused.
    RenewalRefused,
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
            Self::Renewal => "renewal",
            Self::RenewalRepeated => "renewal-repeated",
            Self::RenewalRefused => "renewal-refused",
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

/// Every entry of a database that a server may be writing to, oldest first.
pub(crate) fn printed_entries(path: &Path) -> Result<Vec<AuditEntry>, StoreError> {
    let connection = open_to_read(path)?;
    let mut statement = connection.prepare(
        "SELECT id, strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
                kind, sid, sub, detail
         FROM audit ORDER BY id",
    )?;
    let entries = statement.query_map([], |row| {
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
