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
