//! The server's own secrets, made once, so that a restart signs nobody out.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;
use crate::crypto::{self, CryptoError};

/// What the server signs and derives with.
pub(crate) struct Keys {
    /// The private key of access tokens, as PKCS#8.
    pub(crate) es256_pkcs8: Vec<u8>,
    /// The key that successors of refresh tokens are derived with.
    pub(crate) rotation: [u8; 32],
}

impl Keys {
    /// The stored keys, created when absent.
    pub(crate) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let rotation = stored(connection, "rotation", || {
            Ok(crypto::random::<32>()?.to_vec())
        })?;
        Ok(Self {
            es256_pkcs8: stored(connection, "es256", crypto::new_es256_key)?,
            rotation: rotation.try_into().map_err(|_| CryptoError::DamagedKey)?,
        })
    }
}

fn stored(
    connection: &Connection,
    name: &str,
    create: impl FnOnce() -> Result<Vec<u8>, CryptoError>,
) -> Result<Vec<u8>, StoreError> {
    let found = connection
        .query_row("SELECT value FROM keys WHERE name = ?1", [name], |row| {
            row.get(0)
        })
        .optional()?;
    if let Some(value) = found {
        return Ok(value);
    }
    let value = create()?;
    connection.execute(
        "INSERT INTO keys (name, value) VALUES (?1, ?2)",
        params![name, value],
    )?;
    Ok(value)
}
