//! Refresh tokens and their rotation.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;
use super::audit::{AuditKind, record};
use super::end_reason::EndReason;
use super::session::{Session, SessionStatus, end_session, find_session, note_use};
use crate::activity::Activity;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::crypto::{self, CryptoError};

/// Keeps these MACs apart from any other use of the key.
const SUCCESSOR_CONTEXT: &[u8] = b"refresh token successor\0";

/// An opaque refresh token of 256 bits. It is stored as a hash only, and cannot be printed.
pub(crate) struct RefreshToken([u8; 32]);

impl RefreshToken {
    fn new() -> Result<Self, CryptoError> {
        Ok(Self(crypto::random()?))
    }

    /// The token that a cookie carries; `None` where it cannot be one of ours.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        crypto::from_base64url(text)?.try_into().ok().map(Self)
    }

    /// The token as a cookie's value.
    pub(crate) fn to_text(&self) -> String {
        crypto::base64url(&self.0)
    }

    fn hash(&self) -> [u8; 32] {
        crypto::sha256(&self.0)
    }

    /// The one token that follows this one under an idempotency key. Nothing but hashes is
    /// stored, so a repeated attempt can be answered again only by deriving the same successor.
    fn successor(&self, key: &[u8; 32], idempotency_key: &[u8]) -> Self {
        let parts = [SUCCESSOR_CONTEXT, &self.0, idempotency_key];
        Self(crypto::hmac_sha256(key, &parts))
    }
}

/// What a request for renewal carries.
pub(crate) struct Presented {
    /// What the cookie carries.
    pub(crate) token: Option<String>,
    pub(crate) idempotency_key: Option<Vec<u8>>,
    pub(crate) activity: Activity,
}

/// What presenting a refresh token led to.
pub(crate) enum Renewal {
    Renewed {
        session: Session,
        successor: RefreshToken,
    },
    Refused,
}

/// Why a refresh token is not renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    NoCookie,
    UnknownToken,
    SessionEnded,
    SessionExpired,
    SessionIdle,
    Reuse,
}

impl Refusal {
    const fn as_str(self) -> &'static str {
        match self {
            Self::NoCookie => "no-cookie",
            Self::UnknownToken => "unknown-token",
            Self::SessionEnded => "session-ended",
            Self::SessionExpired => "session-expired",
            Self::SessionIdle => "session-idle",
            Self::Reuse => "reuse",
        }
    }
}

/// The first refresh token of a session.
pub(crate) fn issue_first(
    connection: &Connection,
    session: &Session,
) -> Result<RefreshToken, StoreError> {
    let token = RefreshToken::new()?;
    insert(connection, &token, &session.sid)?;
    Ok(token)
}

/// The session that a token belongs or belonged to, used or not.
pub(crate) fn session_of_token(
    connection: &Connection,
    token: &RefreshToken,
) -> Result<Option<Session>, StoreError> {
    match find_token(connection, &token.hash())? {
        Some(stored) => find_session(connection, &stored.sid),
        None => Ok(None),
    }
}

/// Rotates a token: the first use gives its successor; the same use again, under the same
/// idempotency key, gives the same successor until that one is presented; any other use of a
/// used token ends the session.
pub(crate) fn rotate(
    connection: &Connection,
    key: &[u8; 32],
    presented: &Presented,
    config: &Config,
    now: Timestamp,
) -> Result<Renewal, StoreError> {
    let Some(text) = presented.token.as_deref() else {
        return refuse(connection, Refusal::NoCookie, None, now);
    };
    let Some(token) = RefreshToken::from_text(text) else {
        return refuse(connection, Refusal::UnknownToken, None, now);
    };
    let Some(stored) = find_token(connection, &token.hash())? else {
        return refuse(connection, Refusal::UnknownToken, None, now);
    };
    let session = find_session(connection, &stored.sid)?.ok_or(StoreError::Unknown("session"))?;
    match session.status(now) {
        SessionStatus::Live => {}
        SessionStatus::Ended(_) => {
            return refuse(connection, Refusal::SessionEnded, Some(&session), now);
        }
        SessionStatus::Expired => {
            end_session(connection, &session, EndReason::Expired, now)?;
            return refuse(connection, Refusal::SessionExpired, Some(&session), now);
        }
    }

    let last_active = presented
        .activity
        .last_active(session.last_active_at_seconds, now);
    if let Some(idle) = config.idle(session.user.role)
        && idle.is_over(last_active, session.last_used_at_seconds, now)
    {
        end_session(connection, &session, EndReason::IdleTimeout, now)?;
        return refuse(connection, Refusal::SessionIdle, Some(&session), now);
    }

    let derived = presented
        .idempotency_key
        .as_deref()
        .map(|idempotency| token.successor(key, idempotency));
    let Some(successor_hash) = stored.successor_hash else {
        let successor = match derived {
            Some(derived) => derived,
            None => RefreshToken::new()?,
        };
        insert(connection, &successor, &session.sid)?;
        connection.execute(
            "UPDATE refresh_tokens SET successor_hash = ?2 WHERE hash = ?1",
            params![token.hash(), successor.hash()],
        )?;
        note_use(connection, &session, last_active, now)?;
        record(connection, now, AuditKind::Renewal, Some(&session), "")?;
        return Ok(Renewal::Renewed { session, successor });
    };

    let reuse = if find_token(connection, &successor_hash)?
        .is_none_or(|successor| successor.successor_hash.is_some())
    {
        "successor-presented"
    } else {
        match derived {
            None => "no-idempotency-key",
            Some(derived) if derived.hash() != successor_hash => "other-idempotency-key",
            Some(successor) => {
                note_use(connection, &session, last_active, now)?;
                record(
                    connection,
                    now,
                    AuditKind::RenewalRepeated,
                    Some(&session),
                    "",
                )?;
                return Ok(Renewal::Renewed { session, successor });
            }
        }
    };
    record(
        connection,
        now,
        AuditKind::ReuseDetected,
        Some(&session),
        reuse,
    )?;
    end_session(connection, &session, EndReason::Reuse, now)?;
    refuse(connection, Refusal::Reuse, Some(&session), now)
}

fn refuse(
    connection: &Connection,
    refusal: Refusal,
    session: Option<&Session>,
    now: Timestamp,
) -> Result<Renewal, StoreError> {
    record(
        connection,
        now,
        AuditKind::RenewalRefused,
        session,
        refusal.as_str(),
    )?;
    Ok(Renewal::Refused)
}

struct StoredToken {
    sid: String,
    /// Present once the token was used.
    successor_hash: Option<[u8; 32]>,
}

fn find_token(connection: &Connection, hash: &[u8; 32]) -> Result<Option<StoredToken>, StoreError> {
    let found = connection
        .prepare("SELECT sid, successor_hash FROM refresh_tokens WHERE hash = ?1")?
        .query_row([hash], |row| {
            Ok(StoredToken {
                sid: row.get("sid")?,
                successor_hash: row.get("successor_hash")?,
            })
        })
        .optional()?;
    Ok(found)
}

fn insert(connection: &Connection, token: &RefreshToken, sid: &str) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO refresh_tokens (hash, sid) VALUES (?1, ?2)",
        params![token.hash(), sid],
    )?;
    Ok(())
}
