//! What pages told, as far as it came: anybody can send such entries.

use rusqlite::Connection;
use serde::Serialize;

use super::Window;
use super::counted::{Counted, counted};
use super::spread::Spread;
use crate::store::StoreError;

/// What pages told.
#[derive(Clone, Debug, Serialize)]
pub struct Clients {
    /// How many tabs told something.
    pub tabs: i64,
    /// How many entries came.
    pub entries: i64,
    /// How many of the numbers between a tab's first and last entry never came.
    pub missing: i64,
    /// Entries, by type.
    pub by_type: Vec<Counted>,
    /// Attempts at a renewal that failed, by cause.
    pub renewals_failed: Vec<Counted>,
    /// Sessions that ended in a tab, by reason.
    pub ended: Vec<Counted>,
    /// What tabs told of wrong clocks; each tab's last word.
    pub clock_skew: Option<ClockSkew>,
}

/// What tabs told of wrong clocks. Where many say the same, it is the server's that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct ClockSkew {
    /// How many told of one.
    pub tabs: i64,
    /// By how many seconds the server is ahead of their devices, at the median; negative where it
    /// is behind.
    pub server_ahead_seconds: i64,
}

impl Clients {
    pub(crate) fn read(connection: &Connection, window: Window) -> Result<Self, StoreError> {
        let (tabs, entries, missing) = connection.query_row(
            "SELECT count(*), ifnull(sum(came), 0), ifnull(sum(last - first + 1 - came), 0)
             FROM (SELECT count(*) AS came, min(sequence) AS first, max(sequence) AS last
                   FROM client_entries WHERE received_at >= ?1 GROUP BY tab)",
            [window.since_millis],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let by_type = counted(
            connection,
            "SELECT type, count(*) FROM client_entries WHERE received_at >= ?1
             GROUP BY 1 ORDER BY 2 DESC, 1",
            [window.since_millis],
        )?;
        Ok(Self {
            tabs,
            entries,
            missing,
            by_type,
            renewals_failed: by_member(connection, window, "renewal-failed", "cause")?,
            ended: by_member(connection, window, "ended", "reason")?,
            clock_skew: clock_skew(connection, window)?,
        })
    }
}

fn clock_skew(connection: &Connection, window: Window) -> Result<Option<ClockSkew>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT CAST(detail ->> 'skew' AS INTEGER) / 1000, max(sequence) FROM client_entries
         WHERE type = 'clock-skew' AND received_at >= ?1
           AND json_type(detail, '$.skew') IN ('integer', 'real')
         GROUP BY tab",
    )?;
    let rows = statement.query_map([window.since_millis], |row| row.get(0))?;
    let seconds: Vec<i64> = rows.collect::<Result<_, _>>()?;
    let tabs = i64::try_from(seconds.len()).unwrap_or(i64::MAX);
    Ok(Spread::of(seconds).map(|spread| ClockSkew {
        tabs,
        server_ahead_seconds: spread.p50,
    }))
}

/// The entries of a type, by a member of their detail.
pub(super) fn by_member(
    connection: &Connection,
    window: Window,
    kind: &str,
    member: &str,
) -> Result<Vec<Counted>, StoreError> {
    counted(
        connection,
        "SELECT CAST(ifnull(detail ->> ?3, '') AS TEXT), count(*) FROM client_entries
         WHERE type = ?2 AND received_at >= ?1 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50",
        (window.since_millis, kind, member),
    )
}
