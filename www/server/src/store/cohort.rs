//! Several sessions at once, as an operator ends them.

use rusqlite::{Connection, params};

use super::StoreError;
use super::end_reason::EndReason;
use super::keys;
use super::session::{Session, end_session, find_session, unended_sessions};
use super::user::find_user;
use crate::clock::Timestamp;

/// Which sessions an operator ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cohort {
    /// One, by its id.
    Session(String),
    /// A user's, by the name that the user signs in with.
    User(String),
    /// Those whose user signed in before an instant, in seconds since the epoch.
    SignedInBefore(i64),
    /// Those whose user signed in while a key signed.
    UnderKey(String),
}

/// A session that an operator ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSession {
    /// Its id, the claim `sid`.
    pub sid: String,
    /// Whose it was, the claim `sub`.
    pub sub: String,
}

/// Why nothing was ended.
#[derive(Debug, thiserror::Error)]
pub enum CohortError {
    /// There is no such session.
    #[error("there is no session {0}")]
    UnknownSession(String),
    /// There is no such user.
    #[error("there is no user {0}")]
    UnknownUser(String),
    /// No key that is kept and no session knows it.
    #[error("there is no key {0}, and no session of it")]
    UnknownKey(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ends the sessions of a cohort that have not ended.
pub(crate) fn end_cohort(
    connection: &Connection,
    cohort: &Cohort,
    now: Timestamp,
) -> Result<Vec<EndedSession>, CohortError> {
    let sessions = match cohort {
        Cohort::Session(sid) => {
            if find_session(connection, sid)?.is_none() {
                return Err(CohortError::UnknownSession(sid.clone()));
            }
            unended_sessions(connection, "sid = ?1", [sid])?
        }
        Cohort::User(username) => {
            let found = find_user(connection, username)?;
            let user = found.ok_or_else(|| CohortError::UnknownUser(username.clone()))?;
            unended_sessions(connection, "sub = ?1", [user.user.sub])?
        }
        Cohort::SignedInBefore(seconds) => {
            unended_sessions(connection, "started_at_seconds < ?1", [seconds])?
        }
        Cohort::UnderKey(kid) => {
            if !keys::is_known(connection, kid)? && !has_sessions(connection, kid)? {
                return Err(CohortError::UnknownKey(kid.clone()));
            }
            unended_sessions(connection, "kid = ?1", [kid])?
        }
    };
    end_all(connection, sessions, EndReason::EndedByOperator, now)
        .map_err(CohortError::from)
        .map(|ended| ended.into_iter().map(EndedSession::from).collect())
}

/// Ends these sessions, and gives them back.
pub(crate) fn end_all(
    connection: &Connection,
    sessions: Vec<Session>,
    reason: EndReason,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    for session in &sessions {
        end_session(connection, session, reason, now)?;
    }
    Ok(sessions)
}

/// Ends the sessions that are past their hard end, of which the trail would not know otherwise.
pub(super) fn end_expired(connection: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let expired = unended_sessions(connection, "ends_at_seconds <= ?1", [now.seconds()])?;
    Ok(end_all(connection, expired, EndReason::Expired, now)?.len())
}

/// Deletes the sessions that ended before then, with their refresh tokens.
pub(super) fn prune(connection: &Connection, before_seconds: i64) -> Result<usize, StoreError> {
    connection.execute(
        "DELETE FROM refresh_tokens
         WHERE sid IN (SELECT sid FROM sessions WHERE ended_at_seconds < ?1)",
        [before_seconds],
    )?;
    Ok(connection.execute(
        "DELETE FROM sessions WHERE ended_at_seconds < ?1",
        [before_seconds],
    )?)
}

fn has_sessions(connection: &Connection, kid: &str) -> Result<bool, StoreError> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sessions WHERE kid = ?1)",
        params![kid],
        |row| row.get(0),
    )?)
}

impl From<Session> for EndedSession {
    fn from(session: Session) -> Self {
        Self {
            sid: session.sid,
            sub: session.user.sub,
        }
    }
}
