// src/sessions.rs
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::SecureRandom as _;
use ring::{digest, hmac, rand};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

const SESSION_LIFETIME_S: i64 = 12 * 60 * 60;

type Result<T> = rusqlite::Result<T>;

pub(crate) struct Session {
    pub(crate) sid: String,
    pub(crate) sub: String,
    pub(crate) ends_at: i64,
}

pub(crate) struct Sessions {
    db: Mutex<Connection>,
    rotation_key: hmac::Key,
    access_lifetime_s: i64,
}

/// What an answer hands out.
pub(crate) struct Grant {
    pub(crate) access_token: String,
    pub(crate) expires_in: i64,
    pub(crate) refresh_token: String,
    pub(crate) session_expires_in: i64,
}

impl Sessions {
    pub(crate) fn open(path: &str, rotation_key: &[u8], access_lifetime_s: i64) -> Result<Self> {
        let db = Connection::open(path)?;
        db.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA busy_timeout = 5000;
             CREATE TABLE IF NOT EXISTS sessions (
                 sid TEXT PRIMARY KEY, sub TEXT NOT NULL, ends_at INTEGER NOT NULL,
                 ended INTEGER NOT NULL DEFAULT 0);
             CREATE TABLE IF NOT EXISTS refresh_tokens (
                 hash TEXT PRIMARY KEY, sid TEXT NOT NULL REFERENCES sessions, successor TEXT);
             CREATE TABLE IF NOT EXISTS access_tokens (
                 hash TEXT PRIMARY KEY, sid TEXT NOT NULL REFERENCES sessions,
                 expires_at INTEGER NOT NULL);",
        )?;
        Ok(Self {
            db: Mutex::new(db),
            rotation_key: hmac::Key::new(hmac::HMAC_SHA256, rotation_key),
            access_lifetime_s,
        })
    }

    /// Starts a session.
    pub(crate) fn start(&self, sub: &str) -> Result<Grant> {
        self.write(|db| {
            let session = Session {
                sid: random(),
                sub: sub.to_owned(),
                ends_at: now() + SESSION_LIFETIME_S,
            };
            db.execute(
                "INSERT INTO sessions (sid, sub, ends_at) VALUES (?1, ?2, ?3)",
                params![session.sid, session.sub, session.ends_at],
            )?;
            let token = random();
            insert_refresh_token(db, &token, &session)?;
            self.grant(db, &session, token)
        })
    }

    /// Uses a token, and gives its successor. A used one ends the session, unless it is a
    /// repeated attempt of the renewal that used it.
    pub(crate) fn rotate(&self, token: &str, key: Option<&str>) -> Result<Option<Grant>> {
        self.write(|db| {
            let Some((sid, used)) = find_refresh_token(db, &hash(token))? else {
                return Ok(None);
            };
            let Some(session) = standing(db, &sid)? else {
                return Ok(None);
            };
            let next = key.map_or_else(random, |key| self.successor(token, key));
            let Some(successor) = used else {
                insert_refresh_token(db, &next, &session)?;
                db.execute(
                    "UPDATE refresh_tokens SET successor = ?2 WHERE hash = ?1",
                    [hash(token), hash(&next)],
                )?;
                return self.grant(db, &session, next).map(Some);
            };
            let is_presented =
                find_refresh_token(db, &successor)?.is_none_or(|(_, used)| used.is_some());
            if !is_presented && hash(&next) == successor {
                return self.grant(db, &session, next).map(Some);
            }
            mark_ended(db, &sid)?;
            Ok(None)
        })
    }

    /// Ends the session of any of its refresh tokens, used or not.
    pub(crate) fn end(&self, token: &str) -> Result<()> {
        self.write(|db| match find_refresh_token(db, &hash(token))? {
            Some((sid, _)) => mark_ended(db, &sid),
            None => Ok(()),
        })
    }

    /// The session of an access token that is good, as long as it stands.
    pub(crate) fn of_access_token(&self, token: &str) -> Result<Option<Session>> {
        self.write(|db| {
            let sid: Option<String> = db
                .query_row(
                    "SELECT sid FROM access_tokens WHERE hash = ?1 AND expires_at > ?2",
                    params![hash(token), now()],
                    |row| row.get(0),
                )
                .optional()?;
            sid.map_or(Ok(None), |sid| standing(db, &sid))
        })
    }

    fn grant(&self, db: &Connection, session: &Session, refresh_token: String) -> Result<Grant> {
        let access_token = random();
        let session_expires_in = session.ends_at - now();
        let expires_in = self.access_lifetime_s.min(session_expires_in);
        db.execute("DELETE FROM access_tokens WHERE expires_at <= ?1", [now()])?;
        db.execute(
            "INSERT INTO access_tokens (hash, sid, expires_at) VALUES (?1, ?2, ?3)",
            params![hash(&access_token), session.sid, now() + expires_in],
        )?;
        Ok(Grant {
            access_token,
            expires_in,
            refresh_token,
            session_expires_in,
        })
    }

    fn successor(&self, token: &str, key: &str) -> String {
        let tag = hmac::sign(&self.rotation_key, format!("{token}.{key}").as_bytes());
        BASE64.encode(tag)
    }

    /// Two renewals of one session follow one another: a transaction takes the lock at its start.
    fn write<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut db: MutexGuard<'_, _> = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = work(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }
}

fn standing(db: &Connection, sid: &str) -> Result<Option<Session>> {
    let read = |row: &Row<'_>| {
        Ok(Session {
            sid: row.get(0)?,
            sub: row.get(1)?,
            ends_at: row.get(2)?,
        })
    };
    db.query_row(
        "SELECT sid, sub, ends_at FROM sessions WHERE sid = ?1 AND NOT ended AND ends_at > ?2",
        params![sid, now()],
        read,
    )
    .optional()
}

/// The session's id, and the hash of the token's successor where it was used.
fn find_refresh_token(db: &Connection, hash: &str) -> Result<Option<(String, Option<String>)>> {
    db.query_row(
        "SELECT sid, successor FROM refresh_tokens WHERE hash = ?1",
        [hash],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .optional()
}

fn insert_refresh_token(db: &Connection, token: &str, session: &Session) -> Result<()> {
    db.execute(
        "INSERT INTO refresh_tokens (hash, sid) VALUES (?1, ?2)",
        [&hash(token), &session.sid],
    )?;
    Ok(())
}

fn mark_ended(db: &Connection, sid: &str) -> Result<()> {
    db.execute("UPDATE sessions SET ended = 1 WHERE sid = ?1", [sid])?;
    Ok(())
}

fn hash(token: &str) -> String {
    BASE64.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

fn random() -> String {
    let mut bytes = [0; 32];
    let filled = rand::SystemRandom::new().fill(&mut bytes);
    filled.expect("the system gives random bytes");
    BASE64.encode(bytes)
}

fn now() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    since_epoch.map_or(0, |since_epoch| since_epoch.as_secs().cast_signed())
}
