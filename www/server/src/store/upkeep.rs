//! What nobody asks for: sessions are ended that are over, and what is of no more use is deleted.

use rusqlite::{Connection, params};

use super::end_reason::EndReason;
use super::session::{end_session, unended_sessions};
use super::{StoreError, attempts, client_entries, cohort, keys, sign_in};
use crate::clock::Timestamp;
use crate::config::Config;

const DAY_SECONDS: i64 = 86_400;
/// How long an ended session can still be asked about: a cookie of it may turn up.
const ENDED_SESSIONS_KEPT_SECONDS: i64 = 7 * DAY_SECONDS;

/// Does all of it once.
pub(crate) fn sweep(
    connection: &Connection,
    config: &Config,
    now: Timestamp,
) -> Result<(), StoreError> {
    cohort::end_expired(connection, now)?;
    end_idle(connection, config, now)?;
    cohort::prune(connection, now.seconds() - ENDED_SESSIONS_KEPT_SECONDS)?;
    connection.execute(
        "DELETE FROM devices WHERE ifnull(remembered_until_seconds, 0) <= ?1
            AND NOT EXISTS (SELECT 1 FROM sessions WHERE device_id = devices.id)",
        params![now.seconds()],
    )?;
    keys::prune(connection, now)?;
    attempts::prune(connection, now)?;
    sign_in::prune(connection, now)?;
    client_entries::prune(connection, now)?;
    Ok(())
}

/// Ends the sessions that were not heard of for so long that their next renewal would be refused.
fn end_idle(connection: &Connection, config: &Config, now: Timestamp) -> Result<(), StoreError> {
    if config.idle_seconds.is_none() {
        return Ok(());
    }
    for session in unended_sessions(connection, "TRUE", [])? {
        // What the user has done since its last use is not known: only silence says something.
        if let Some(idle) = config.idle(session.user.role)
            && idle.is_silent(session.last_used_at_seconds, now)
        {
            end_session(connection, &session, EndReason::IdleTimeout, now)?;
        }
    }
    Ok(())
}
