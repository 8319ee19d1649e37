//! How often somebody may guess: counted in windows of fixed length, kept over restarts.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;
use crate::clock::Timestamp;

/// How many attempts of one kind a subject has in a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    kind: &'static str,
    most: i64,
    window_seconds: i64,
}

const WINDOW_SECONDS: i64 = 15 * 60;

/// Passwords tried for one user name.
pub(crate) const PASSWORDS_FOR_ACCOUNT: Limit = Limit {
    kind: "password-for-account",
    most: 10,
    window_seconds: WINDOW_SECONDS,
};

/// Passwords tried from one address, for whichever name.
pub(crate) const PASSWORDS_FROM_ADDRESS: Limit = Limit {
    kind: "password-from-address",
    most: 50,
    window_seconds: WINDOW_SECONDS,
};

/// One-time codes tried by one user.
pub(crate) const CODES_OF_USER: Limit = Limit {
    kind: "code",
    most: 5,
    window_seconds: WINDOW_SECONDS,
};

/// Batches of a page's entries from one address: far more than a few dozen tabs send.
pub(crate) const CLIENT_BATCHES_FROM_ADDRESS: Limit = Limit {
    kind: "client-batch-from-address",
    most: 300,
    window_seconds: 60,
};

/// Wrong tokens for the operator's page from one address.
pub(crate) const OPERATOR_TOKENS_FROM_ADDRESS: Limit = Limit {
    kind: "operator-token-from-address",
    most: 20,
    window_seconds: WINDOW_SECONDS,
};

/// Whether an attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// It is counted.
    Allowed,
    Blocked {
        retry_after_seconds: i64,
        /// Whether it is the first one that this window blocks.
        first: bool,
    },
}

impl Limit {
    /// Counts an attempt before it is made, so that attempts at the same time count as well.
    pub(crate) fn count(
        self,
        connection: &Connection,
        subject: &[u8],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let now_seconds = now.seconds();
        let found: Option<(i64, i64)> = connection
            .query_row(
                "SELECT count, since_at_seconds FROM attempts WHERE kind = ?1 AND subject = ?2",
                params![self.kind, subject],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        // A clock that was set back does not block anybody for longer than a window.
        let (count, since) = found
            .filter(|(_, since)| (*since..*since + self.window_seconds).contains(&now_seconds))
            .unwrap_or((0, now_seconds));
        if count <= self.most {
            connection.execute(
                "INSERT INTO attempts (kind, subject, count, since_at_seconds)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET count = excluded.count,
                                           since_at_seconds = excluded.since_at_seconds",
                params![self.kind, subject, count + 1, since],
            )?;
        }
        if count < self.most {
            return Ok(Attempt::Allowed);
        }
        Ok(Attempt::Blocked {
            retry_after_seconds: since + self.window_seconds - now_seconds,
            first: count == self.most,
        })
    }

    /// Takes back an attempt that turned out well.
    pub(crate) fn give_back(
        self,
        connection: &Connection,
        subject: &[u8],
    ) -> Result<(), StoreError> {
        connection.execute(
            "UPDATE attempts SET count = max(count - 1, 0) WHERE kind = ?1 AND subject = ?2",
            params![self.kind, subject],
        )?;
        Ok(())
    }

    /// Forgets the subject's attempts: it has shown that it knows the answer.
    pub(crate) fn forgive(self, connection: &Connection, subject: &[u8]) -> Result<(), StoreError> {
        connection.execute(
            "DELETE FROM attempts WHERE kind = ?1 AND subject = ?2",
            params![self.kind, subject],
        )?;
        Ok(())
    }
}

/// Deletes the counts whose window is over.
pub(super) fn prune(connection: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let pruned = connection.execute(
        "DELETE FROM attempts WHERE since_at_seconds <= ?1",
        [now.seconds() - WINDOW_SECONDS],
    )?;
    Ok(pruned)
}
