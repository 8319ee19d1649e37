//! The change of a password, which ends every session of its user.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::ApiError;
use super::bearer::Profile;
use super::grant::{Browser, Grant};
use super::guesses::{Guesser, PeerAddress};
use crate::app::App;
use crate::store::{self, AuditKind, EndReason, SessionStatus};

/// NIST SP 800-63B, for a password that need not stand alone.
const LEAST_CHARACTERS: usize = 8;
const MOST_BYTES: usize = 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    current_password: String,
    new_password: String,
}

pub(super) async fn change(
    State(app): State<App>,
    Profile(caller): Profile,
    address: PeerAddress,
    headers: HeaderMap,
    body: Result<Json<Change>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Ok(Json(Change {
        current_password,
        new_password,
    })) = body
    else {
        let description = "The body is JSON with the members current_password and new_password.";
        return Err(ApiError::invalid_request(description));
    };
    let is_long_enough = new_password.chars().count() >= LEAST_CHARACTERS;
    if !is_long_enough || new_password.len() > MOST_BYTES || new_password == current_password {
        let description =
            "The new password has 8 characters at least, 1024 bytes at most, and is another one.";
        return Err(ApiError::invalid_request(description));
    }
    let browser = Browser::read(&app, &headers, &address);
    let grant = app
        .blocking(move |parts| {
            let stored = parts
                .store
                .read(|connection| store::find_user_of_sub(connection, &caller.sub))?
                .ok_or_else(ApiError::invalid_token)?;
            let guesser = Guesser::new(parts, &stored.username, &address);
            if !guesser.knows(parts, Some(&stored), &current_password)? {
                let subject = Some(&caller);
                parts.store.write(&*parts.clock, |transaction, now| {
                    let kind = AuditKind::PasswordChangeFailed;
                    store::record(transaction, now, kind, subject, "wrong-password")
                })?;
                return Err(ApiError::wrong_password());
            }
            let new_hash = parts
                .passwords
                .hash(&new_password)
                .map_err(|error| ApiError::internal(&error))?;
            let (user, old_hash) = (stored.user, stored.password_hash);
            parts.store.attempt(&*parts.clock, |transaction, now| {
                // It may have ended while the password was checked.
                store::find_session(transaction, &caller.sid)?
                    .filter(|session| session.status(now) == SessionStatus::Live)
                    .ok_or_else(ApiError::invalid_token)?;
                if !store::change_password(transaction, &user.sub, &old_hash, &new_hash)? {
                    return Err(ApiError::wrong_password());
                }
                store::record(
                    transaction,
                    now,
                    AuditKind::PasswordChanged,
                    Some(&caller),
                    "",
                )?;
                // Also the devices that no session is on.
                store::forget_devices_of(transaction, &user.sub, now)?;
                let sessions = store::live_sessions_of(transaction, &user.sub, now)?;
                store::end_all(transaction, sessions, EndReason::PasswordChanged, now)?;
                Grant::of_new_session(parts, transaction, user, browser, now)
            })
        })
        .await?;
    Ok(grant.into_response(&app))
}
