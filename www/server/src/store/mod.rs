//! What outlives a request, in SQLite. Each of its writers is one immediate transaction, so
//! two requests never rotate the same session's token at once.

pub(crate) mod attempts;
mod audit;
mod client_entries;
mod cohort;
mod device;
mod end_reason;
mod instant;
mod keys;
mod refresh;
mod schema;
mod session;
mod sign_in;
mod upkeep;
mod user;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::watch;

use crate::clock::{Clock, Timestamp};
use crate::crypto::CryptoError;
use crate::private_file;

pub use audit::{AuditEntry, AuditFilter, AuditKind};
pub(crate) use audit::{entries, record};
pub use client_entries::ClientEntry;
pub(crate) use client_entries::{client_entries, keep_client_entries};
pub use cohort::{Cohort, CohortError, EndedSession};
pub(crate) use cohort::{end_all, end_cohort};
pub(crate) use device::{
    Device, DeviceToken, device_of_sign_in, find_device, forget_devices_of, remember,
    remembered_until,
};
pub(crate) use end_reason::EndReason;
pub(crate) use instant::{parse_rfc3339, rfc3339};
pub use keys::KeyRotation;
pub(crate) use keys::{StoredKey, rotate_signing_key, rotation_key, signing_keys};
pub(crate) use refresh::{Presented, RefreshToken, Renewal, issue_first, rotate, session_of_token};
pub(crate) use session::{
    Session, SessionStatus, end_session, find_session, live_sessions_of, note_use, start_session,
};
pub(crate) use sign_in::{BROWSER_KNOWN_SECONDS, BrowserToken, Origin, note_sign_in};
pub(crate) use upkeep::sweep;
pub use user::{SAMPLE_USERS, SampleUser};
pub(crate) use user::{
    StoredUser, User, change_password, create_sample_users, find_user, find_user_of_sub,
    has_password, last_code_step, use_code_step,
};

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
    /// The number of the last session's end; each end rings it.
    ends: watch::Sender<i64>,
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
        // SQLite would let everybody read it, and the keys are in it. What keeps it from being made
        // shows when it is opened.
        drop(private_file::create(path));
        Self::prepared(path, OpenFlags::default())
    }

    /// Opens the file of a server that may be running, to change what it knows.
    pub(crate) fn open_existing(path: &Path) -> Result<Self, StoreError> {
        Self::prepared(path, OpenFlags::default() - OpenFlags::SQLITE_OPEN_CREATE)
    }

    fn prepared(path: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let mut connection =
            Connection::open_with_flags(path, flags).map_err(|error| unopened(path, &error))?;
        schema::prepare(&mut connection, path)?;
        Ok(Self {
            ends: watch::Sender::new(session::last_end(&connection)?),
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
        self.attempt(clock, work)
    }

    /// Runs one immediate transaction that can fail for reasons of its own; then it did nothing.
    pub(crate) fn attempt<T, E: From<StoreError>>(
        &self,
        clock: &dyn Clock,
        work: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.lock();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let outcome = work(&transaction, clock.now())?;
        transaction.commit().map_err(StoreError::from)?;
        self.ring(&connection)?;
        Ok(outcome)
    }

    /// Reads without a transaction.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        work(&self.lock())
    }

    /// Changes whenever a session has ended, whoever ended it.
    pub(crate) fn ends(&self) -> watch::Receiver<i64> {
        self.ends.subscribe()
    }

    /// A number that changes when somebody else, such as an operator's command, has written.
    pub(crate) fn written_by_others(&self) -> Result<i64, StoreError> {
        let connection = self.lock();
        Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    /// Rings for the ends that somebody else wrote down.
    pub(crate) fn ring_for_others(&self) -> Result<(), StoreError> {
        self.ring(&self.lock())
    }

    fn ring(&self, connection: &Connection) -> Result<(), StoreError> {
        let last = session::last_end(connection)?;
        self.ends
            .send_if_modified(|known| std::mem::replace(known, last) != last);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in another request rolled its transaction back; the connection is sound.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
