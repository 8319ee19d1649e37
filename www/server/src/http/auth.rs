//! Sign-in, renewal and sign-out.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::app::{App, Parts};
use crate::clock::Timestamp;
use crate::cookie::RefreshCookie;
use crate::store::{
    self, AuditKind, EndReason, RefreshToken, Renewal, Session, SessionStatus, User,
};

const IDEMPOTENCY_KEY_HEADER: &str = "idempotency-key";
const IDEMPOTENCY_KEY_MAX_BYTES: usize = 255;

#[derive(Deserialize)]
pub(super) struct Credentials {
    username: String,
    password: String,
}

/// The answer to a sign-in and to a renewal: RFC 6749, section 5.1, and when the session ends.
#[derive(Serialize)]
struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    session_expires_in: i64,
    scope: String,
}

/// A session's new tokens: one for the body, one for the cookie.
struct Grant {
    body: TokenResponse,
    refresh_token: RefreshToken,
}

impl Grant {
    fn new(
        parts: &Parts,
        session: &Session,
        refresh_token: RefreshToken,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let lifetimes = parts.config.lifetimes(session.user.role);
        let (access_token, claims) =
            parts
                .access_tokens
                .sign(session, lifetimes.access_seconds, now)?;
        Ok(Self {
            body: TokenResponse {
                access_token,
                token_type: "Bearer",
                expires_in: claims.exp - claims.iat,
                session_expires_in: session.remaining_seconds(now),
                scope: claims.scope,
            },
            refresh_token,
        })
    }

    fn into_response(self, cookie: RefreshCookie) -> Response {
        let set_cookie = cookie.store(&self.refresh_token, self.body.session_expires_in);
        with_cookie(Json(self.body).into_response(), set_cookie)
    }
}

pub(super) async fn login(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Json<Credentials>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Ok(Json(Credentials { username, password })) = body else {
        let description = "The body is JSON with the members username and password.";
        return Err(ApiError::invalid_request(description));
    };
    let cookie = app.cookie();
    let replaced = cookie.read(&headers).and_then(RefreshToken::from_text);
    let grant = app
        .blocking(move |parts| {
            let user = authenticate(parts, &username, &password)?;
            parts.store.write(&*parts.clock, |transaction, now| {
                // Its cookie is about to be overwritten: nobody but a thief could go on with it.
                if let Some(token) = replaced
                    && let Some(session) = store::session_of_token(transaction, &token)?
                {
                    store::end_session(transaction, &session, EndReason::Replaced, now)?;
                }
                let lifetime = parts.config.lifetimes(user.role).session_seconds;
                let session = store::start_session(transaction, user, lifetime, now)?;
                let token = store::issue_first(transaction, &session)?;
                store::record(transaction, now, AuditKind::SignIn, Some(&session), "")?;
                Ok(Grant::new(parts, &session, token, now))
            })?
        })
        .await?;
    Ok(grant.into_response(cookie))
}

/// The user whose name and password these are.
fn authenticate(parts: &Parts, username: &str, password: &str) -> Result<User, ApiError> {
    let stored = parts
        .store
        .read(|connection| store::find_user(connection, username))?;
    let hash = stored.as_ref().map(|stored| stored.password_hash.as_str());
    let matches = parts.passwords.verify(password, hash);
    let (user, reason) = match stored {
        Some(stored) if matches => return Ok(stored.user),
        Some(stored) => (Some(stored.user), "wrong-password"),
        // The name is not written down: people type passwords into that field.
        None => (None, "unknown-user"),
    };
    parts.store.write(&*parts.clock, |transaction, now| {
        store::record(
            transaction,
            now,
            AuditKind::SignInFailed,
            user.as_ref(),
            reason,
        )
    })?;
    Err(ApiError::wrong_credentials())
}

/// Rotates the refresh cookie. A refusal leaves the cookie alone: the refused one is worthless,
/// and the browser may hold a newer one by the time the answer arrives.
pub(super) async fn refresh(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let idempotency_key = match headers
        .get(IDEMPOTENCY_KEY_HEADER)
        .map(HeaderValue::as_bytes)
    {
        Some(key) if key.len() > IDEMPOTENCY_KEY_MAX_BYTES => {
            let description = "The Idempotency-Key is longer than 255 bytes.";
            return Err(ApiError::invalid_request(description));
        }
        Some([]) | None => None,
        Some(key) => Some(key.to_vec()),
    };
    let cookie = app.cookie();
    let presented = cookie.read(&headers).map(str::to_owned);
    let grant = app
        .blocking(move |parts| {
            parts.store.write(&*parts.clock, |transaction, now| {
                let renewal = store::rotate(
                    transaction,
                    &parts.rotation_key,
                    presented.as_deref(),
                    idempotency_key.as_deref(),
                    now,
                )?;
                Ok(match renewal {
                    Renewal::Renewed { session, successor } => {
                        Grant::new(parts, &session, successor, now)
                    }
                    Renewal::Refused => Err(ApiError::refused_renewal()),
                })
            })?
        })
        .await?;
    Ok(grant.into_response(cookie))
}

/// Ends the session of the cookie, whichever of the session's tokens it carries. Succeeds
/// without a cookie and for a session that has ended: the wish is fulfilled.
pub(super) async fn logout(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let cookie = app.cookie();
    let presented = cookie.read(&headers).map(str::to_owned);
    app.blocking(move |parts| {
        Ok(parts.store.write(&*parts.clock, |transaction, now| {
            let session = match presented.as_deref().and_then(RefreshToken::from_text) {
                Some(token) => store::session_of_token(transaction, &token)?,
                None => None,
            };
            let detail = match (&presented, &session) {
                (None, _) => "no-cookie",
                (Some(_), None) => "unknown-token",
                (_, Some(session)) if session.status(now) == SessionStatus::Ended => {
                    "already-ended"
                }
                _ => "",
            };
            store::record(
                transaction,
                now,
                AuditKind::SignOut,
                session.as_ref(),
                detail,
            )?;
            match session {
                Some(session) => {
                    store::end_session(transaction, &session, EndReason::SignedOut, now)
                }
                None => Ok(()),
            }
        })?)
    })
    .await?;
    Ok(with_cookie(
        StatusCode::NO_CONTENT.into_response(),
        cookie.clear(),
    ))
}

fn with_cookie(mut response: Response, set_cookie: Option<HeaderValue>) -> Response {
    if let Some(value) = set_cookie {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
