//! The device record: a browser that one user signed in with.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;
use crate::clock::Timestamp;
use crate::crypto::{self, CryptoError};

/// A secret of 256 bits in the cookie of a device that is remembered. It is stored as a hash
/// only, and cannot be printed.
pub(crate) struct DeviceToken([u8; 32]);

impl DeviceToken {
    fn new() -> Result<Self, CryptoError> {
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

    fn hash(&self) -> [u8; 32] {
        crypto::sha256(&self.0)
    }
}

/// A browser that one user signed in with.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) first_used_at_seconds: i64,
    pub(crate) last_used_at_seconds: i64,
    /// Until then it stands in for a one-time code.
    pub(crate) remembered_until_seconds: Option<i64>,
}

/// The user's record of the browser that signs in: the one whose token it presents, or a new
/// one. Another user's is not taken.
pub(crate) fn device_of_sign_in(
    connection: &Connection,
    sub: &str,
    presented: Option<&DeviceToken>,
    description: &str,
    now: Timestamp,
) -> Result<String, StoreError> {
    let known: Option<String> = match presented {
        Some(token) => connection
            .query_row(
                "UPDATE devices SET description = ?3, last_used_at_seconds = ?4
                 WHERE hash = ?1 AND sub = ?2 RETURNING id",
                params![token.hash(), sub, description, now.seconds()],
                |row| row.get(0),
            )
            .optional()?,
        None => None,
    };
    if let Some(id) = known {
        return Ok(id);
    }
    let id = crypto::random_id()?;
    connection.execute(
        "INSERT INTO devices (id, sub, description, first_used_at_seconds, last_used_at_seconds)
         VALUES (?1, ?2, ?3, ?4, ?4)",
        params![id, sub, description, now.seconds()],
    )?;
    Ok(id)
}

/// The record of that id.
pub(crate) fn find_device(
    connection: &Connection,
    device_id: &str,
) -> Result<Option<Device>, StoreError> {
    let found = connection
        .prepare(
            "SELECT id, description, first_used_at_seconds, last_used_at_seconds,
                    remembered_until_seconds
             FROM devices WHERE id = ?1",
        )?
        .query_row([device_id], |row| {
            Ok(Device {
                id: row.get("id")?,
                description: row.get("description")?,
                first_used_at_seconds: row.get("first_used_at_seconds")?,
                last_used_at_seconds: row.get("last_used_at_seconds")?,
                remembered_until_seconds: row.get("remembered_until_seconds")?,
            })
        })
        .optional()?;
    Ok(found)
}

/// Until when the device stands in for a one-time code, where the token is its own.
pub(crate) fn remembered_until(
    connection: &Connection,
    device_id: &str,
    token: &DeviceToken,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let until = connection
        .query_row(
            "SELECT remembered_until_seconds FROM devices
             WHERE id = ?1 AND hash = ?2 AND remembered_until_seconds > ?3",
            params![device_id, token.hash(), now.seconds()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(until)
}

/// Lets the device stand in for a one-time code until then. It shows the token from now on, and
/// no other that it may have had.
pub(crate) fn remember(
    connection: &Connection,
    device_id: &str,
    until_seconds: i64,
) -> Result<DeviceToken, StoreError> {
    let token = DeviceToken::new()?;
    connection.execute(
        "UPDATE devices SET hash = ?2, remembered_until_seconds = ?3 WHERE id = ?1",
        params![device_id, token.hash(), until_seconds],
    )?;
    Ok(token)
}

/// From now on the device stands in for nothing.
pub(super) fn forget(connection: &Connection, device_id: &str) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE devices SET hash = NULL, remembered_until_seconds = NULL WHERE id = ?1",
        [device_id],
    )?;
    Ok(())
}

/// Forgets every device of a user. Whether one of them stood in for a code.
pub(crate) fn forget_devices_of(
    connection: &Connection,
    sub: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let remembered = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM devices
                        WHERE sub = ?1 AND remembered_until_seconds > ?2)",
        params![sub, now.seconds()],
        |row| row.get(0),
    )?;
    connection.execute(
        "UPDATE devices SET hash = NULL, remembered_until_seconds = NULL WHERE sub = ?1",
        [sub],
    )?;
    Ok(remembered)
}

pub(super) fn note_use(
    connection: &Connection,
    device_id: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE devices SET last_used_at_seconds = ?2 WHERE id = ?1",
        params![device_id, now.seconds()],
    )?;
    Ok(())
}
