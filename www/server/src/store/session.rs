//! The session record: who signed in, until when, and why it ended.

use rusqlite::{Connection, params};

use super::StoreError;
use super::audit::{AuditKind, record};
use super::user::User;
use crate::clock::Timestamp;
use crate::crypto;

/// A user's signed-in time, from one sign-in to one end.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) sid: String,
    pub(crate) user: User,
    /// The `auth_time` of its tokens.
    pub(crate) started_at_seconds: i64,
    /// The hard end, which no renewal moves.
    pub(crate) ends_at_seconds: i64,
    ended: bool,
}

/// Whether a session still stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionStatus {
    Live,
    /// Past its hard end, which is not written down yet.
    Expired,
    Ended,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndReason {
    SignedOut,
    Expired,
    /// A used refresh token was presented again.
    Reuse,
    /// The same browser signed in anew, so its cookie is lost.
    Replaced,
    EndedByUser,
    EndedByAdministrator,
}

impl EndReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Expired => "expired",
            Self::Reuse => "reuse",
            Self::Replaced => "replaced",
            Self::EndedByUser => "ended-by-user",
            Self::EndedByAdministrator => "ended-by-administrator",
        }
    }
}

impl Session {
    pub(crate) fn status(&self, now: Timestamp) -> SessionStatus {
        if self.ended {
            SessionStatus::Ended
        } else if now.seconds() >= self.ends_at_seconds {
            SessionStatus::Expired
        } else {
            SessionStatus::Live
        }
    }

    /// Whole seconds until the hard end.
    pub(crate) fn remaining_seconds(&self, now: Timestamp) -> i64 {
        (self.ends_at_seconds - now.seconds()).max(0)
    }
}

/// Starts a session for a user who has just proved who they are.
pub(crate) fn start_session(
    connection: &Connection,
    user: User,
    lifetime_seconds: i64,
    now: Timestamp,
) -> Result<Session, StoreError> {
    let session = Session {
        sid: crypto::random_id()?,
        user,
        started_at_seconds: now.seconds(),
        ends_at_seconds: now.seconds() + lifetime_seconds,
        ended: false,
    };
    connection.execute(
        "INSERT INTO sessions (sid, sub, started_at_seconds, ends_at_seconds)
         VALUES (?1, ?2, ?3, ?4)",
        params![
            session.sid,
            session.user.sub,
            session.started_at_seconds,
            session.ends_at_seconds,
        ],
    )?;
    Ok(session)
}

/// The session of that id, ended or not.
pub(crate) fn find_session(
    connection: &Connection,
    sid: &str,
) -> Result<Option<Session>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT sid, started_at_seconds, ends_at_seconds, end_reason IS NOT NULL AS ended,
                sub, name, role
         FROM sessions JOIN users USING (sub) WHERE sid = ?1",
    )?;
    let mut rows = statement.query([sid])?;
    rows.next()?
        .map(|row| {
            Ok(Session {
                sid: row.get("sid")?,
                user: User::from_row(row)?,
                started_at_seconds: row.get("started_at_seconds")?,
                ends_at_seconds: row.get("ends_at_seconds")?,
                ended: row.get("ended")?,
            })
        })
        .transpose()
}

/// Ends a session for good, its access tokens included. Nothing happens to one that has ended.
pub(crate) fn end_session(
    connection: &Connection,
    session: &Session,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let changed = connection.execute(
        "UPDATE sessions SET end_reason = ?2 WHERE sid = ?1 AND end_reason IS NULL",
        params![session.sid, reason.as_str()],
    )?;
    if changed == 0 {
        return Ok(());
    }
    record(
        connection,
        now,
        AuditKind::SessionEnded,
        Some(session),
        reason.as_str(),
    )
}
