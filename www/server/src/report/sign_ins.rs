//! Who signed in, who was refused, and which sessions began on a new device or in a new place.

use rusqlite::Connection;
use serde::Serialize;

use super::counted::{Counted, by_detail, counted, total};
use super::{MOST_NAMED, Window};
use crate::store::StoreError;

/// Sign-ins.
#[derive(Clone, Debug, Serialize)]
pub struct SignIns {
    /// How many succeeded.
    pub succeeded: i64,
    /// How many of them were on a device that the user had not signed in with.
    pub on_new_device: i64,
    /// How many of them were from a network that the user had not signed in from.
    pub from_new_place: i64,
    /// How many were refused.
    pub refused: i64,
    /// How many were refused, by reason.
    pub refusals: Vec<Counted>,
    /// The newest sessions from a new device or place.
    pub newest: Vec<NewcomerSession>,
}

/// A session that began on a new device or in a new place.
#[derive(Clone, Debug, Serialize)]
pub struct NewcomerSession {
    /// When, in RFC 3339.
    pub at: String,
    /// The session.
    pub sid: String,
    /// Its user.
    pub sub: String,
    /// The browser in words.
    pub device: String,
    /// The network.
    pub place: Option<String>,
    /// Whether the device is new.
    pub is_new_device: bool,
    /// Whether the place is new.
    pub is_new_place: bool,
    /// Why the session ended; `null` while nobody has written that down.
    pub ended: Option<String>,
}

impl SignIns {
    pub(crate) fn read(connection: &Connection, window: Window) -> Result<Self, StoreError> {
        let counts = connection.query_row(
            "SELECT count(*), count(*) FILTER (WHERE is_new_device),
                    count(*) FILTER (WHERE is_new_place)
             FROM sign_ins WHERE at >= ?1",
            [window.since_millis],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let (succeeded, on_new_device, from_new_place) = counts;
        let mut refusals = by_detail(connection, "sign-in-failed", window.since_millis)?;
        refusals.extend(counted(
            connection,
            "SELECT 'too many for the ' || detail, count(*) FROM audit
             WHERE kind = 'sign-in-blocked' AND at >= ?1 GROUP BY 1 ORDER BY 2 DESC, 1",
            [window.since_millis],
        )?);
        Ok(Self {
            succeeded,
            on_new_device,
            from_new_place,
            refused: total(&refusals),
            refusals,
            newest: newest(connection, window)?,
        })
    }
}

fn newest(connection: &Connection, window: Window) -> Result<Vec<NewcomerSession>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', sign_ins.at / 1000, 'unixepoch'), sid,
                sign_ins.sub, device, place, is_new_device, is_new_place,
                (SELECT detail FROM audit
                 WHERE audit.sid = sign_ins.sid AND kind = 'session-ended')
         FROM sign_ins
         WHERE sign_ins.at >= ?1 AND (is_new_device OR is_new_place)
         ORDER BY sign_ins.at DESC, sid LIMIT ?2",
    )?;
    let sessions = statement.query_map([window.since_millis, MOST_NAMED], |row| {
        Ok(NewcomerSession {
            at: row.get(0)?,
            sid: row.get(1)?,
            sub: row.get(2)?,
            device: row.get(3)?,
            place: row.get(4)?,
            is_new_device: row.get(5)?,
            is_new_place: row.get(6)?,
            ended: row.get(7)?,
        })
    })?;
    Ok(sessions.collect::<Result<_, _>>()?)
}
