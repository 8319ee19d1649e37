//! The record of each sign-in, which outlives its session: with which browser, from where, and
//! for how long it was to last.

use rusqlite::{Connection, params};

use super::StoreError;
use super::audit::{AuditKind, record};
use super::session::Session;
use crate::clock::Timestamp;
use crate::crypto::{self, CryptoError};
use crate::role::Lifetimes;

/// For how long a browser, and a place, is known after a sign-in.
pub(crate) const BROWSER_KNOWN_SECONDS: i64 = 180 * 86_400;

/// What a browser is known by: 256 bits in a cookie that grants nothing. It cannot be printed.
pub(crate) struct BrowserToken([u8; 32]);

impl BrowserToken {
    pub(crate) fn new() -> Result<Self, CryptoError> {
        Ok(Self(crypto::random()?))
    }

    /// The token that a cookie carries; `None` where it cannot be one of ours.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        crypto::from_base64url(text)?.try_into().ok().map(Self)
    }

    /// The token as a cookie's value.
    pub(crate) fn to_text(&self) -> String {
        crypto::base64url(&self.0)
    }

    /// The browser as it is stored.
    pub(crate) fn mark(&self, key: &[u8; 32]) -> [u8; 32] {
        crypto::hmac_sha256(key, &[b"browser\0", &self.0])
    }
}

/// Where a sign-in came from.
pub(crate) struct Origin {
    pub(crate) browser: [u8; 32],
    /// The browser in words, as "Firefox on Linux".
    pub(crate) device: String,
    /// The network of the address; `None` where the request came by no socket.
    pub(crate) place: Option<String>,
}

/// Writes down where a session's sign-in came from, and into the trail what is new about it. The
/// first sign-in of a user is compared with nothing.
pub(crate) fn note_sign_in(
    connection: &Connection,
    session: &Session,
    origin: &Origin,
    lifetimes: Lifetimes,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Origin {
        browser,
        device,
        place,
    } = origin;
    let sub = &session.user.sub;
    let since_millis = now.millis() - BROWSER_KNOWN_SECONDS * 1000;
    let (known, of_browser, of_place): (i64, i64, i64) = connection.query_row(
        "SELECT count(*), count(*) FILTER (WHERE browser = ?3), count(*) FILTER (WHERE place = ?4)
         FROM sign_ins WHERE sub = ?1 AND at >= ?2",
        params![sub, since_millis, browser, place],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let is_new_device = known > 0 && of_browser == 0;
    let is_new_place = known > 0 && of_place == 0 && place.is_some();
    connection.execute(
        "INSERT INTO sign_ins (sid, sub, role, at, browser, device, place, is_new_device,
                               is_new_place, access_seconds, session_seconds)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            session.sid,
            sub,
            session.user.role.as_str(),
            now.millis(),
            browser,
            device,
            place,
            is_new_device,
            is_new_place,
            lifetimes.access_seconds,
            lifetimes.session_seconds,
        ],
    )?;
    if is_new_device {
        record(connection, now, AuditKind::NewDevice, Some(session), device)?;
    }
    if let Some(place) = place
        && is_new_place
    {
        record(connection, now, AuditKind::NewPlace, Some(session), place)?;
    }
    Ok(())
}

/// Deletes what nobody is compared with any more.
pub(super) fn prune(connection: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let pruned = connection.execute(
        "DELETE FROM sign_ins WHERE at < ?1
            AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.sid = sign_ins.sid)",
        [now.millis() - BROWSER_KNOWN_SECONDS * 1000],
    )?;
    Ok(pruned)
}
