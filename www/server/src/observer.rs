//! What an operator sees of a database that a server may be using.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use crate::clock::Clock;
use crate::report::{self, ListedKey, ListedSession, Question, Report};
use crate::store::{self, AuditEntry, AuditFilter, ClientEntry, CohortError, StoreError};

/// An operator who looks at one database and changes nothing.
pub struct Observer {
    connection: Connection,
    clock: Arc<dyn Clock>,
}

impl Observer {
    /// Opens a database that there is.
    pub fn open(database: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Ok(Self {
            connection: store::open_to_read(database)?,
            clock,
        })
    }

    /// Answers these questions over the last so many seconds.
    pub fn report(
        &self,
        questions: &[Question],
        window_seconds: i64,
    ) -> Result<Report, StoreError> {
        Report::read(
            &self.connection,
            questions,
            window_seconds,
            self.clock.now(),
        )
    }

    /// The sessions that stand, of one user or of all, oldest first.
    pub fn sessions(&self, sub: Option<&str>) -> Result<Vec<ListedSession>, StoreError> {
        report::live_sessions(&self.connection, sub, self.clock.now())
    }

    /// The signing keys whose tokens are good, the one that signs first.
    pub fn keys(&self) -> Result<Vec<ListedKey>, StoreError> {
        report::signing_keys(&self.connection, self.clock.now())
    }

    /// The trail's entries that fit, oldest first.
    pub fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        store::entries(&self.connection, filter)
    }

    /// The entries of pages that fit, in the order in which they came.
    pub fn client_entries(&self, filter: &AuditFilter) -> Result<Vec<ClientEntry>, StoreError> {
        store::client_entries(&self.connection, filter)
    }

    /// The instant so many seconds ago, in milliseconds since the epoch.
    pub fn millis_ago(&self, seconds: i64) -> i64 {
        self.clock.now().millis() - seconds * 1000
    }

    /// The claim `sub` of the user who signs in by that name.
    pub fn sub_of(&self, username: &str) -> Result<String, CohortError> {
        store::find_user(&self.connection, username)?
            .map(|stored| stored.user.sub)
            .ok_or_else(|| CohortError::UnknownUser(username.to_owned()))
    }
}
