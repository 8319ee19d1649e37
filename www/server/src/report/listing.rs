//! The sessions and the keys that there are, for an operator to name one.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::clock::Timestamp;
use crate::store::StoreError;

/// A session that stands. Instants are in RFC 3339.
#[derive(Clone, Debug, Serialize)]
pub struct ListedSession {
    /// Its id, the claim `sid`.
    pub sid: String,
    /// Whose it is, the claim `sub`.
    pub sub: String,
    /// When its user signed in.
    pub started_at: String,
    /// Its last renewal.
    pub last_used_at: String,
    /// Its hard end.
    pub ends_at: String,
    /// The browser in words.
    pub device: Option<String>,
    /// The network of the sign-in.
    pub place: Option<String>,
    /// Whether the device was new to its user.
    pub is_new_device: bool,
    /// Whether the place was new to its user.
    pub is_new_place: bool,
    /// The key that signed at the sign-in.
    pub kid: Option<String>,
}

/// The sessions that stand, of one user or of all, oldest first.
pub(crate) fn live_sessions(
    connection: &Connection,
    sub: Option<&str>,
    now: Timestamp,
) -> Result<Vec<ListedSession>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT sid, sessions.sub,
                strftime('%Y-%m-%dT%H:%M:%SZ', started_at_seconds, 'unixepoch'),
                strftime('%Y-%m-%dT%H:%M:%SZ', sessions.last_used_at_seconds, 'unixepoch'),
                strftime('%Y-%m-%dT%H:%M:%SZ', ends_at_seconds, 'unixepoch'),
                ifnull(sign_ins.device, devices.description), place,
                ifnull(is_new_device, 0), ifnull(is_new_place, 0), kid
         FROM sessions LEFT JOIN sign_ins USING (sid)
                       LEFT JOIN devices ON devices.id = sessions.device_id
         WHERE end_reason IS NULL AND ends_at_seconds > ?1 AND (?2 IS NULL OR sessions.sub = ?2)
         ORDER BY started_at_seconds, sid",
    )?;
    let sessions = statement.query_map(params![now.seconds(), sub], |row| {
        Ok(ListedSession {
            sid: row.get(0)?,
            sub: row.get(1)?,
            started_at: row.get(2)?,
            last_used_at: row.get(3)?,
            ends_at: row.get(4)?,
            device: row.get(5)?,
            place: row.get(6)?,
            is_new_device: row.get(7)?,
            is_new_place: row.get(8)?,
            kid: row.get(9)?,
        })
    })?;
    Ok(sessions.collect::<Result<_, _>>()?)
}

/// A signing key whose tokens are good. Instants are in RFC 3339.
#[derive(Clone, Debug, Serialize)]
pub struct ListedKey {
    /// Its id.
    pub kid: String,
    /// When it was made.
    pub created_at: String,
    /// From then on its tokens are refused; `null` while it is the one that signs.
    pub retires_at: Option<String>,
    /// How many sessions stand whose user signed in while it signed.
    pub live_sessions: i64,
}

/// The keys whose tokens are good, the one that signs first.
pub(crate) fn signing_keys(
    connection: &Connection,
    now: Timestamp,
) -> Result<Vec<ListedKey>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT kid, strftime('%Y-%m-%dT%H:%M:%SZ', created_at_seconds, 'unixepoch'),
                strftime('%Y-%m-%dT%H:%M:%SZ', retires_at_seconds, 'unixepoch'),
                (SELECT count(*) FROM sessions WHERE sessions.kid = signing_keys.kid
                    AND end_reason IS NULL AND ends_at_seconds > ?1)
         FROM signing_keys WHERE retires_at_seconds IS NULL OR retires_at_seconds > ?1
         ORDER BY retires_at_seconds IS NOT NULL, retires_at_seconds DESC",
    )?;
    let keys = statement.query_map([now.seconds()], |row| {
        Ok(ListedKey {
            kid: row.get(0)?,
            created_at: row.get(1)?,
            retires_at: row.get(2)?,
            live_sessions: row.get(3)?,
        })
    })?;
    Ok(keys.collect::<Result<_, _>>()?)
}
