//! The session record: who signed in, on what device, until when, and why it ended.

use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::StoreError;
use super::audit::{AuditKind, record};
use super::device;
use super::end_reason::EndReason;
use super::user::User;
use crate::clock::Timestamp;
use crate::crypto;

/// A user's signed-in time, from one sign-in to one end.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) sid: String,
    pub(crate) user: User,
    /// The record of the browser that signed in.
    pub(crate) device_id: Option<String>,
    /// The `auth_time` of its tokens.
    pub(crate) started_at_seconds: i64,
    /// The hard end, which no renewal moves.
    pub(crate) ends_at_seconds: i64,
    /// The last time that its cookie was presented with success.
    pub(crate) last_used_at_seconds: i64,
    /// The last time that the user is known to have done something.
    pub(crate) last_active_at_seconds: i64,
    ended: Option<EndReason>,
}

/// Whether a session still stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionStatus {
    Live,
    /// Past its hard end, which is not written down yet.
    Expired,
    Ended(EndReason),
}

impl Session {
    pub(crate) fn status(&self, now: Timestamp) -> SessionStatus {
        match self.ended {
            Some(reason) => SessionStatus::Ended(reason),
            None if now.seconds() >= self.ends_at_seconds => SessionStatus::Expired,
            None => SessionStatus::Live,
        }
    }

    /// Whole seconds until the hard end.
    pub(crate) fn remaining_seconds(&self, now: Timestamp) -> i64 {
        (self.ends_at_seconds - now.seconds()).max(0)
    }
}

/// Starts a session for a user who has just proved who they are, while the key of `kid` signs.
pub(crate) fn start_session(
    connection: &Connection,
    user: User,
    device_id: &str,
    kid: &str,
    lifetime_seconds: i64,
    now: Timestamp,
) -> Result<Session, StoreError> {
    let session = Session {
        sid: crypto::random_id()?,
        user,
        device_id: Some(device_id.to_owned()),
        started_at_seconds: now.seconds(),
        ends_at_seconds: now.seconds() + lifetime_seconds,
        last_used_at_seconds: now.seconds(),
        last_active_at_seconds: now.seconds(),
        ended: None,
    };
    connection.execute(
        "INSERT INTO sessions (sid, sub, device_id, kid, started_at_seconds, ends_at_seconds,
                               last_used_at_seconds, last_active_at_seconds)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?5)",
        params![
            session.sid,
            session.user.sub,
            device_id,
            kid,
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
    Ok(select(connection, "sid = ?1", [sid])?.pop())
}

/// The sessions of which this is true and that nobody has ended, oldest first; those past
/// their hard end may be among them.
pub(super) fn unended_sessions(
    connection: &Connection,
    condition: &'static str,
    parameters: impl Params,
) -> Result<Vec<Session>, StoreError> {
    let condition = format!("end_reason IS NULL AND ({condition})");
    select(connection, &condition, parameters)
}

/// A user's sessions that still stand, oldest first.
pub(crate) fn live_sessions_of(
    connection: &Connection,
    sub: &str,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    unended_sessions(
        connection,
        "sub = ?1 AND ends_at_seconds > ?2",
        params![sub, now.seconds()],
    )
}

fn select(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> Result<Vec<Session>, StoreError> {
    let mut statement = connection.prepare(&format!(
        "SELECT sid, device_id, started_at_seconds, ends_at_seconds, last_used_at_seconds,
                last_active_at_seconds, end_reason, sub, name, role
         FROM sessions JOIN users USING (sub)
         WHERE {condition} ORDER BY started_at_seconds, sid"
    ))?;
    let mut rows = statement.query(parameters)?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        sessions.push(read(row)?);
    }
    Ok(sessions)
}

fn read(row: &Row<'_>) -> Result<Session, StoreError> {
    let ended: Option<String> = row.get("end_reason")?;
    Ok(Session {
        sid: row.get("sid")?,
        user: User::from_row(row)?,
        device_id: row.get("device_id")?,
        started_at_seconds: row.get("started_at_seconds")?,
        ends_at_seconds: row.get("ends_at_seconds")?,
        last_used_at_seconds: row.get("last_used_at_seconds")?,
        last_active_at_seconds: row.get("last_active_at_seconds")?,
        ended: ended
            .map(|name| EndReason::from_name(&name).ok_or(StoreError::Unknown("end reason")))
            .transpose()?,
    })
}

/// Writes down that the session's cookie was presented, and when the user last did something.
pub(crate) fn note_use(
    connection: &Connection,
    session: &Session,
    last_active_at_seconds: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE sessions SET last_used_at_seconds = ?2, last_active_at_seconds = ?3
         WHERE sid = ?1",
        params![session.sid, now.seconds(), last_active_at_seconds],
    )?;
    match &session.device_id {
        Some(device_id) => device::note_use(connection, device_id, now),
        None => Ok(()),
    }
}

/// Ends a session for good, its access tokens included. Nothing happens to one that has ended.
pub(crate) fn end_session(
    connection: &Connection,
    session: &Session,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let changed = connection.execute(
        "UPDATE sessions SET end_reason = ?2, ended_at_seconds = ?3
         WHERE sid = ?1 AND end_reason IS NULL",
        params![session.sid, reason.as_str(), now.seconds()],
    )?;
    if changed == 0 {
        return Ok(());
    }
    if reason.forgets_device()
        && let Some(device_id) = &session.device_id
    {
        device::forget(connection, device_id)?;
    }
    record(
        connection,
        now,
        AuditKind::SessionEnded,
        Some(session),
        reason.as_str(),
    )
}

/// The number of the last end that is written down, which rises with each of them.
pub(super) fn last_end(connection: &Connection) -> Result<i64, StoreError> {
    let last = connection
        .prepare("SELECT max(id) FROM audit WHERE kind = ?1")?
        .query_row([AuditKind::SessionEnded.as_str()], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(last.unwrap_or(0))
}
