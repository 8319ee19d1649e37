//! The tables, and what to say to a file that does not have them.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::{StoreError, unusable};

/// Raised whenever a table changes. There is no migration: the sample's database is disposable.
const VERSION: i64 = 1;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const TABLES: &str = "
CREATE TABLE keys (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
CREATE TABLE users (
    sub           TEXT PRIMARY KEY,
    username      TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL
) STRICT;
CREATE TABLE sessions (
    sid                TEXT PRIMARY KEY,
    sub                TEXT NOT NULL REFERENCES users (sub),
    started_at_seconds INTEGER NOT NULL,
    ends_at_seconds    INTEGER NOT NULL,
    end_reason         TEXT
) STRICT;
CREATE TABLE refresh_tokens (
    hash           BLOB PRIMARY KEY,
    sid            TEXT NOT NULL REFERENCES sessions (sid),
    successor_hash BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    sid    TEXT,
    sub    TEXT,
    detail TEXT
) STRICT;
";

/// Sets the connection up, creates the tables in a new file, and refuses a file that has others.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(|error| unusable(path, &error))?;
    if mode != "wal" {
        return Err(unusable(path, &"it cannot be put into WAL mode"));
    }
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL;")?;

    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if is_empty(&transaction).map_err(|error| unusable(path, &error))? {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;

    check_version(connection, path)?;
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| unusable(path, &error))?;
    match verdict.as_str() {
        "ok" => Ok(()),
        damage => Err(unusable(path, &damage)),
    }
}

/// Refuses a file of another version.
pub(super) fn check_version(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|error| unusable(path, &error))?;
    if found == VERSION {
        Ok(())
    } else {
        let reason = format!("it has version {found} and this server wants version {VERSION}");
        Err(unusable(path, &reason))
    }
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT (SELECT count(*) FROM sqlite_schema) = 0
            AND (SELECT user_version FROM pragma_user_version) = 0",
        [],
        |row| row.get(0),
    )
}
