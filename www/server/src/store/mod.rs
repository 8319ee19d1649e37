//! What outlives a request, in SQLite. Each of its writers is one immediate transaction, so
//! two requests never rotate the same session's token at once.

mod audit;
mod keys;
mod refresh;
mod schema;
mod session;
mod user;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::clock::{Clock, Timestamp};
use crate::crypto::CryptoError;

pub use audit::{AuditEntry, AuditKind};
pub(crate) use audit::{printed_entries, record};
pub(crate) use keys::Keys;
pub(crate) use refresh::{RefreshToken, Renewal, issue_first, rotate, session_of_token};
pub(crate) use session::{
    EndReason, Session, SessionStatus, end_session, find_session, start_session,
};
pub use user::{SAMPLE_USERS, SampleUser};
pub(crate) use user::{User, create_sample_users, find_user};

/// The database refused, or is not one of ours.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is damaged, or was written by something else.
    #[error(
        "{} cannot be used as the sample's database ({reason}). Delete it together with its -wal and -shm files and start again, or name another file with --database",
        path.display()
    )]
    Unusable {
        /// The file to delete.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be opened at all.
    #[error("{} cannot be opened: {reason}", path.display())]
    Unopened {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The file's folder cannot be made.
    #[error("{} cannot be created: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The database failed in use.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row says something that this version does not know.
    #[error("the database holds an unknown {0}")]
    Unknown(&'static str),
    /// No random bytes, or a damaged key.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// The open database.
pub(crate) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the file, and creates what is missing.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
                path: folder.to_owned(),
                source,
            })?;
        }
        let mut connection = Connection::open(path).map_err(|error| unopened(path, &error))?;
        schema::prepare(&mut connection, path)?;
        Ok(Self {
            connection: Mutex::new(connection),
        })
    }

    /// Runs one immediate transaction. The time is read inside it, so that the order of
    /// transactions is also the order of their instants.
    pub(crate) fn write<T>(
        &self,
        clock: &dyn Clock,
        work: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // A panic in another request rolled its transaction back; the connection is sound.
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = work(&transaction, clock.now())?;
        transaction.commit()?;
        Ok(outcome)
    }

    /// Reads without a transaction.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        work(&connection)
    }
}

/// Opens the database of a server that may be running, to look and not to touch.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| unopened(path, &error))?;
    schema::check_version(&connection, path)?;
    Ok(connection)
}

fn unusable(path: &Path, reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unusable {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

fn unopened(path: &Path, reason: &rusqlite::Error) -> StoreError {
    StoreError::Unopened {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
