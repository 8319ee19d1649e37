//! The device record: a browser that one user signed in with.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;
use crate::clock::Timestamp;
use crate::crypto::{self, CryptoError};

/// A secret of 256 bits in a cookie that says which browser this is. It is stored as a hash
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

/// The user's record of the browser that signs in, and the token that its cookie carries from
/// now on. A token that is not of this user's record is replaced: nobody brings their own.
pub(crate) fn device_of_sign_in(
    connection: &Connection,
    sub: &str,
    presented: Option<DeviceToken>,
    description: &str,
    now: Timestamp,
) -> Result<(String, DeviceToken), StoreError> {
    if let Some(token) = presented {
        let known: Option<String> = connection
            .query_row(
                "UPDATE devices SET description = ?3, last_used_at_seconds = ?4
                 WHERE hash = ?1 AND sub = ?2 RETURNING id",
                params![token.hash(), sub, description, now.seconds()],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(id) = known {
            return Ok((id, token));
        }
    }
    let (id, token) = (crypto::random_id()?, DeviceToken::new()?);
    connection.execute(
        "INSERT INTO devices (id, hash, sub, description, first_used_at_seconds,
                              last_used_at_seconds)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        params![id, token.hash(), sub, description, now.seconds()],
    )?;
    Ok((id, token))
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

/// Whether the token is that of this record.
pub(crate) fn is_token_of(
    connection: &Connection,
    device_id: &str,
    token: &DeviceToken,
) -> Result<bool, StoreError> {
    let found = connection
        .query_row(
            "SELECT 1 FROM devices WHERE id = ?1 AND hash = ?2",
            params![device_id, token.hash()],
            |_| Ok(()),
        )
        .optional()?;
    Ok(found.is_some())
}

/// Lets the device stand in for a one-time code until then.
pub(crate) fn remember(
    connection: &Connection,
    device_id: &str,
    until_seconds: i64,
) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE devices SET remembered_until_seconds = ?2 WHERE id = ?1",
        params![device_id, until_seconds],
    )?;
    Ok(())
}

/// From now on the device stands in for nothing.
pub(super) fn forget(connection: &Connection, device_id: &str) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE devices SET remembered_until_seconds = NULL WHERE id = ?1",
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
        "UPDATE devices SET remembered_until_seconds = NULL WHERE sub = ?1",
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
