//! What pages told of their sessions, kept for a while and up to a number.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::StoreError;
use super::audit::AuditFilter;
use super::session::Session;
use crate::client_entries::Batch;
use crate::clock::Timestamp;

const KEPT_SECONDS: i64 = 30 * 86_400;
/// Of more, the oldest are deleted: anybody can send some.
const MOST_KEPT: i64 = 200_000;

/// Keeps a batch; what came before, as when an answer was lost, is kept once. The session is that
/// of the request's cookie, where there is one.
pub(crate) fn keep_client_entries(
    connection: &Connection,
    batch: &Batch,
    session: Option<&Session>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(
        "INSERT INTO client_entries (received_at, tab, sequence, at, type, detail, sid, sub)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (tab, sequence) DO NOTHING",
    )?;
    for entry in &batch.entries {
        let detail = serde_json::Value::Object(entry.detail.clone()).to_string();
        statement.execute(params![
            now.millis(),
            batch.tab,
            entry.sequence.cast_signed(),
            entry.at_millis(),
            entry.kind,
            detail,
            session.map(|session| &session.sid),
            session.map(|session| &session.user.sub),
        ])?;
    }
    Ok(())
}

/// One entry that a page sent.
#[derive(Clone, Debug, Serialize)]
pub struct ClientEntry {
    /// When it came, on the server's clock: RFC 3339, in UTC, with milliseconds.
    pub received_at: String,
    /// The tab, by a name that it made up.
    pub tab: String,
    /// Rises by one with each entry of the tab.
    pub sequence: i64,
    /// When it happened, on the device's clock.
    pub at: String,
    /// What happened; see docs/audit.md.
    pub r#type: String,
    /// The details, flat.
    pub detail: serde_json::Value,
    /// The session whose cookie came with it.
    pub sid: Option<String>,
    /// That session's user.
    pub sub: Option<String>,
}

/// The entries that fit, in the order in which they came.
pub(crate) fn client_entries(
    connection: &Connection,
    filter: &AuditFilter,
) -> Result<Vec<ClientEntry>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', received_at / 1000.0, 'unixepoch'), tab, sequence,
                ifnull(strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch'), at),
                type, detail, sid, sub
         FROM client_entries
         WHERE (?1 IS NULL OR sub = ?1) AND (?2 IS NULL OR sid = ?2)
           AND (?3 IS NULL OR type = ?3) AND (?4 IS NULL OR received_at >= ?4)
         ORDER BY id",
    )?;
    let filter = params![filter.sub, filter.sid, filter.kind, filter.since_millis];
    let entries = statement.query_map(filter, |row| {
        let detail: String = row.get(5)?;
        Ok(ClientEntry {
            received_at: row.get(0)?,
            tab: row.get(1)?,
            sequence: row.get(2)?,
            at: row.get(3)?,
            r#type: row.get(4)?,
            detail: serde_json::from_str(&detail).unwrap_or_default(),
            sid: row.get(6)?,
            sub: row.get(7)?,
        })
    })?;
    Ok(entries.collect::<Result<_, _>>()?)
}

pub(super) fn prune(connection: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let pruned = connection.execute(
        "DELETE FROM client_entries WHERE received_at < ?1
            OR id <= (SELECT max(id) FROM client_entries) - ?2",
        params![now.millis() - KEPT_SECONDS * 1000, MOST_KEPT],
    )?;
    Ok(pruned)
}
