//! Sign-in, renewal and sign-out.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::ApiError;
use super::grant::{Browser, Grant, refresh_token, with_cookie};
use super::guesses::{Guesser, PeerAddress};
use crate::activity::Activity;
use crate::app::{App, Parts};
use crate::store::{
    self, AuditKind, EndReason, Presented, RefreshToken, Renewal, Session, SessionStatus,
    StoredUser,
};

const IDEMPOTENCY_KEY_HEADER: &str = "idempotency-key";
const IDEMPOTENCY_KEY_MAX_BYTES: usize = 255;

#[derive(Deserialize)]
pub(super) struct Credentials {
    username: String,
    password: String,
}

pub(super) async fn login(
    State(app): State<App>,
    address: PeerAddress,
    headers: HeaderMap,
    body: Result<Json<Credentials>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Ok(Json(credentials)) = body else {
        let description = "The body is JSON with the members username and password.";
        return Err(ApiError::invalid_request(description));
    };
    let replaced = refresh_token(&app, &headers);
    let browser = Browser::read(&app, &headers, &address);
    let grant = app
        .blocking(move |parts| {
            let StoredUser {
                user,
                password_hash,
                ..
            } = authenticate(parts, &credentials, &address)?;
            parts.store.attempt(&*parts.clock, |transaction, now| {
                // Another one may have been chosen while it was checked.
                if !store::has_password(transaction, &user.sub, &password_hash)? {
                    let (kind, reason) = (AuditKind::SignInFailed, "wrong-password");
                    store::record(transaction, now, kind, Some(&user), reason)?;
                    return Ok(Err(ApiError::wrong_credentials()));
                }
                // Its cookie is about to be overwritten: nobody but a thief could go on with it.
                if let Some(token) = replaced
                    && let Some(session) = store::session_of_token(transaction, &token)?
                {
                    store::end_session(transaction, &session, EndReason::Replaced, now)?;
                }
                Grant::of_new_session(parts, transaction, user, browser, now).map(Ok)
            })?
        })
        .await?;
    Ok(grant.into_response(&app))
}

/// The user whose name and password these are.
fn authenticate(
    parts: &Parts,
    credentials: &Credentials,
    address: &PeerAddress,
) -> Result<StoredUser, ApiError> {
    let Credentials { username, password } = credentials;
    let stored = parts
        .store
        .read(|connection| store::find_user(connection, username))?;
    let knows = Guesser::new(parts, username, address).knows(parts, stored.as_ref(), password)?;
    let (user, reason) = match stored {
        Some(stored) if knows => return Ok(stored),
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
    let presented = Presented {
        token: app.refresh_cookie().read(&headers).map(str::to_owned),
        idempotency_key,
        activity: Activity::read(&headers),
    };
    let renewed = app
        .blocking(move |parts| {
            parts.store.write(&*parts.clock, |transaction, now| {
                let renewal = store::rotate(
                    transaction,
                    &parts.rotation_key,
                    &presented,
                    &parts.config,
                    now,
                )?;
                // Also what is refused is committed: it may have ended the session.
                Ok(match renewal {
                    Renewal::Renewed { session, successor } => {
                        Grant::new(parts, &session, successor, now)
                    }
                    Renewal::Refused => Err(ApiError::refused_renewal()),
                })
            })?
        })
        .await;
    if let Err(error) = &renewed
        && error.is_the_servers_fault()
    {
        // Where the database itself fails, this fails too, which is told where it happens.
        drop(app.blocking(note_failed_renewal).await);
    }
    Ok(renewed?.into_response(&app))
}

fn note_failed_renewal(parts: &Parts) -> Result<(), ApiError> {
    Ok(parts.store.write(&*parts.clock, |transaction, now| {
        let (kind, nobody) = (AuditKind::RenewalFailed, None::<&Session>);
        store::record(transaction, now, kind, nobody, "server-error")
    })?)
}

/// Ends the session of the cookie, whichever of the session's tokens it carries. Succeeds
/// without a cookie and for a session that has ended: the wish is fulfilled.
pub(super) async fn logout(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let cookie = app.refresh_cookie();
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
                (_, Some(session)) if matches!(session.status(now), SessionStatus::Ended(_)) => {
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
