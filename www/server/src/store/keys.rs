//! The server's own secrets, made once, so that a restart signs nobody out.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;
use super::audit::{AuditKind, record};
use super::session::Session;
use crate::clock::Timestamp;
use crate::crypto::{self, CryptoError};
use crate::signing_key::{self, SigningKey};

/// A key of access tokens as it is stored.
#[derive(Clone)]
pub(crate) struct StoredKey {
    pub(crate) kid: String,
    /// The private key for ES256, as PKCS#8.
    pub(crate) pkcs8: Vec<u8>,
    /// From then on its tokens are refused; absent while it is the one that signs.
    pub(crate) retires_at_seconds: Option<i64>,
}

/// What a rotation of the signing key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRotation {
    /// The key that signs from now on.
    pub new_kid: String,
    /// The key that signed until now.
    pub old_kid: String,
    /// From then on, in seconds since the epoch, the old key's tokens are refused.
    pub old_retires_at_seconds: i64,
}

/// The key that successors of refresh tokens are derived with, created when absent.
pub(crate) fn rotation_key(connection: &Connection) -> Result<[u8; 32], StoreError> {
    let value = match secret(connection, "rotation")? {
        Some(value) => value,
        None => {
            let value = crypto::random::<32>()?.to_vec();
            connection.execute(
                "INSERT INTO keys (name, value) VALUES ('rotation', ?1)",
                [&value],
            )?;
            value
        }
    };
    Ok(value.try_into().map_err(|_| CryptoError::DamagedKey)?)
}

/// The keys whose tokens are good now, the one that signs first. One is created when absent.
pub(crate) fn signing_keys(
    connection: &Connection,
    now: Timestamp,
) -> Result<Vec<StoredKey>, StoreError> {
    let found = stored_keys(connection, now)?;
    if found.iter().any(|key| key.retires_at_seconds.is_none()) {
        return Ok(found);
    }
    // Where an earlier version kept its only key.
    let earlier = secret(connection, "es256")?;
    let is_earlier = earlier.is_some();
    let pkcs8 = match earlier {
        Some(pkcs8) => pkcs8,
        None => signing_key::generate()?,
    };
    let kid = insert(connection, &pkcs8, now)?;
    if is_earlier {
        connection.execute("DELETE FROM keys WHERE name = 'es256'", [])?;
        connection.execute("UPDATE sessions SET kid = ?1 WHERE kid IS NULL", [kid])?;
    }
    stored_keys(connection, now)
}

/// Lets a new key sign. The old one's tokens are good for so many seconds more.
pub(crate) fn rotate_signing_key(
    connection: &Connection,
    overlap_seconds: i64,
    now: Timestamp,
) -> Result<KeyRotation, StoreError> {
    let keys = signing_keys(connection, now)?;
    let old = keys.first().ok_or(StoreError::Unknown("signing key"))?;
    let old_retires_at_seconds = now.seconds() + overlap_seconds;
    connection.execute(
        "UPDATE signing_keys SET retires_at_seconds = ?1 WHERE retires_at_seconds IS NULL",
        [old_retires_at_seconds],
    )?;
    let new_kid = insert(connection, &signing_key::generate()?, now)?;
    let nobody = None::<&Session>;
    record(connection, now, AuditKind::KeyRotated, nobody, &new_kid)?;
    Ok(KeyRotation {
        new_kid,
        old_kid: old.kid.clone(),
        old_retires_at_seconds,
    })
}

/// Deletes the private keys whose tokens are refused.
pub(super) fn prune(connection: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let pruned = connection.execute(
        "DELETE FROM signing_keys WHERE retires_at_seconds <= ?1",
        [now.seconds()],
    )?;
    Ok(pruned)
}

/// Whether a key of that id signs, or did and is not deleted yet.
pub(super) fn is_known(connection: &Connection, kid: &str) -> Result<bool, StoreError> {
    let found = connection
        .query_row("SELECT 1 FROM signing_keys WHERE kid = ?1", [kid], |_| {
            Ok(())
        })
        .optional()?;
    Ok(found.is_some())
}

fn insert(connection: &Connection, pkcs8: &[u8], now: Timestamp) -> Result<String, StoreError> {
    let kid = SigningKey::new(pkcs8)?.kid().to_owned();
    connection.execute(
        "INSERT INTO signing_keys (kid, pkcs8, created_at_seconds) VALUES (?1, ?2, ?3)",
        params![kid, pkcs8, now.seconds()],
    )?;
    Ok(kid)
}

fn stored_keys(connection: &Connection, now: Timestamp) -> Result<Vec<StoredKey>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT kid, pkcs8, retires_at_seconds FROM signing_keys
         WHERE retires_at_seconds IS NULL OR retires_at_seconds > ?1
         ORDER BY retires_at_seconds IS NOT NULL, retires_at_seconds DESC",
    )?;
    let keys = statement.query_map([now.seconds()], |row| {
        Ok(StoredKey {
            kid: row.get("kid")?,
            pkcs8: row.get("pkcs8")?,
            retires_at_seconds: row.get("retires_at_seconds")?,
        })
    })?;
    Ok(keys.collect::<Result<_, _>>()?)
}

fn secret(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let found = connection
        .query_row("SELECT value FROM keys WHERE name = ?1", [name], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(found)
}
