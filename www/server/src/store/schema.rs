//! The tables, and what to say to a file that does not have them.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::{StoreError, unusable};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Each step brings a file of the version before it to its own; the first begins with nothing.
/// A step that was published is never changed.
const STEPS: [&str; 3] = [
    "
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
",
    "
CREATE TABLE signing_keys (
    kid                TEXT PRIMARY KEY,
    pkcs8              BLOB NOT NULL,
    created_at_seconds INTEGER NOT NULL,
    retires_at_seconds INTEGER
) STRICT;
CREATE TABLE devices (
    id                       TEXT PRIMARY KEY,
    hash                     BLOB UNIQUE,
    sub                      TEXT NOT NULL REFERENCES users (sub),
    description              TEXT NOT NULL,
    first_used_at_seconds    INTEGER NOT NULL,
    last_used_at_seconds     INTEGER NOT NULL,
    remembered_until_seconds INTEGER
) STRICT;
CREATE TABLE attempts (
    kind             TEXT NOT NULL,
    subject          BLOB NOT NULL,
    count            INTEGER NOT NULL,
    since_at_seconds INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
ALTER TABLE users ADD COLUMN has_own_password INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN last_code_step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN kid TEXT;
ALTER TABLE sessions ADD COLUMN device_id TEXT REFERENCES devices (id);
ALTER TABLE sessions ADD COLUMN last_used_at_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN last_active_at_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN ended_at_seconds INTEGER;
UPDATE sessions SET last_used_at_seconds = started_at_seconds,
                    last_active_at_seconds = started_at_seconds;
UPDATE sessions SET ended_at_seconds = ends_at_seconds WHERE end_reason IS NOT NULL;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (sid);
CREATE INDEX sessions_by_user ON sessions (sub);
CREATE INDEX sessions_by_device ON sessions (device_id);
CREATE INDEX audit_by_kind ON audit (kind);
",
    "
CREATE TABLE sign_ins (
    sid             TEXT PRIMARY KEY,
    sub             TEXT NOT NULL,
    role            TEXT NOT NULL,
    at              INTEGER NOT NULL,
    browser         BLOB NOT NULL,
    device          TEXT NOT NULL,
    place           TEXT,
    is_new_device   INTEGER NOT NULL,
    is_new_place    INTEGER NOT NULL,
    access_seconds  INTEGER NOT NULL,
    session_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE client_entries (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    tab         TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    type        TEXT NOT NULL,
    detail      TEXT NOT NULL,
    sid         TEXT,
    sub         TEXT,
    UNIQUE (tab, sequence)
) STRICT;
CREATE TABLE alerts (
    rule           TEXT PRIMARY KEY,
    bound          TEXT NOT NULL,
    window_seconds INTEGER NOT NULL,
    least_sample   INTEGER NOT NULL,
    raised_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ins_by_user ON sign_ins (sub, at);
CREATE INDEX sign_ins_by_time ON sign_ins (at);
CREATE INDEX client_entries_by_time ON client_entries (received_at);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_session ON audit (sid);
",
];

/// The version that this server works with.
const LATEST: i64 = STEPS.len() as i64;

/// Sets the connection up, brings the tables of a new or an older file to this version's, and
/// refuses a file that has others.
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
    let is_empty = is_empty(&transaction).map_err(|error| unusable(path, &error))?;
    let found = version(&transaction, path)?;
    if is_empty || (1..LATEST).contains(&found) {
        for (step, to) in STEPS.into_iter().zip(1..).filter(|(_, to)| *to > found) {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", to)?;
        }
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
    let found = version(connection, path)?;
    if found == LATEST {
        Ok(())
    } else {
        let reason = format!("it has version {found} and this server wants version {LATEST}");
        Err(unusable(path, &reason))
    }
}

fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|error| unusable(path, &error))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT (SELECT count(*) FROM sqlite_schema) = 0
            AND (SELECT user_version FROM pragma_user_version) = 0",
        [],
        |row| row.get(0),
    )
}
