//! Used refresh tokens that were presented again: somebody has a copy.

use rusqlite::Connection;
use serde::Serialize;

use super::counted::{Counted, by_detail, total};
use super::{MOST_NAMED, Window};
use crate::store::StoreError;

/// Sessions that were ended for reuse.
#[derive(Clone, Debug, Serialize)]
pub struct ReuseAlarms {
    /// How many.
    pub total: i64,
    /// How many, by what gave it away.
    pub by_reason: Vec<Counted>,
    /// The newest of them.
    pub newest: Vec<ReuseAlarm>,
}

/// A session that was ended for reuse.
#[derive(Clone, Debug, Serialize)]
pub struct ReuseAlarm {
    /// When, in RFC 3339.
    pub at: String,
    /// The session.
    pub sid: Option<String>,
    /// Its user.
    pub sub: Option<String>,
    /// What gave it away.
    pub reason: Option<String>,
    /// The browser that the session began on.
    pub device: Option<String>,
    /// The network that the session began in.
    pub place: Option<String>,
}

impl ReuseAlarms {
    pub(crate) fn read(connection: &Connection, window: Window) -> Result<Self, StoreError> {
        let mut statement = connection.prepare(
            "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', audit.at / 1000, 'unixepoch'),
                    audit.sid, audit.sub, detail, device, place
             FROM audit LEFT JOIN sign_ins USING (sid)
             WHERE kind = 'reuse-detected' AND audit.at >= ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let newest = statement.query_map([window.since_millis, MOST_NAMED], |row| {
            Ok(ReuseAlarm {
                at: row.get(0)?,
                sid: row.get(1)?,
                sub: row.get(2)?,
                reason: row.get(3)?,
                device: row.get(4)?,
                place: row.get(5)?,
            })
        })?;
        let newest = newest.collect::<Result<_, _>>()?;
        let by_reason = by_detail(connection, "reuse-detected", window.since_millis)?;
        Ok(Self {
            total: total(&by_reason),
            by_reason,
            newest,
        })
    }
}
