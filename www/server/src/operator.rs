//! What an operator does to a database that a server may be using.

use std::path::Path;
use std::sync::Arc;

use crate::clock::Clock;
use crate::store::{self, Cohort, CohortError, EndedSession, KeyRotation, Store, StoreError};

/// An operator at work on one database. A server that runs on it follows within a second.
pub struct Operator {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Operator {
    /// Opens a database that there is.
    pub fn open(database: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Ok(Self {
            store: Store::open_existing(database)?,
            clock,
        })
    }

    /// Ends the sessions of a cohort that have not ended, and says which they were.
    pub fn end(&self, cohort: &Cohort) -> Result<Vec<EndedSession>, CohortError> {
        self.store.attempt(&*self.clock, |transaction, now| {
            store::end_cohort(transaction, cohort, now)
        })
    }

    /// Lets a new key sign access tokens. Those of the old one are good for so long more.
    pub fn rotate_key(&self, overlap_seconds: i64) -> Result<KeyRotation, StoreError> {
        self.store.write(&*self.clock, |transaction, now| {
            store::rotate_signing_key(transaction, overlap_seconds, now)
        })
    }

    /// The instant that a text in the form of RFC 3339 names, in seconds since the epoch.
    pub fn instant(&self, text: &str) -> Result<Option<i64>, StoreError> {
        self.store
            .read(|connection| store::parse_rfc3339(connection, text))
    }

    /// An instant in the form of RFC 3339.
    pub fn shown_instant(&self, seconds: i64) -> Result<String, StoreError> {
        self.store
            .read(|connection| store::rfc3339(connection, seconds))
    }
}
