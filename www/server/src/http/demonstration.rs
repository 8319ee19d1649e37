//! What trying things out wants: the caller's one-time codes, which are otherwise an authenticator
//! application's to know, and a thief of the caller's refresh token.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, post};
use axum::{Extension, Json, Router};
use serde::Serialize;

use super::ApiError;
use super::bearer::Profile;
use super::grant::refresh_token;
use crate::activity::Activity;
use crate::app::App;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::crypto;
use crate::one_time_code::STEP_SECONDS;
use crate::store::{self, Presented, RefreshToken, Renewal};

/// Thieves that are remembered at a time; the oldest is forgotten first.
const MOST_THIEVES: usize = 16;

#[derive(Serialize)]
pub(super) struct Codes {
    /// In Base32.
    secret: String,
    digits: u8,
    period: i64,
    /// A code that is accepted now; `null` where all that would be were used.
    code: Option<String>,
    /// Whole seconds until there is another one.
    next_in: i64,
}

pub(super) async fn codes(
    State(app): State<App>,
    Profile(caller): Profile,
) -> Result<Json<Codes>, ApiError> {
    if !app.config().demonstration {
        let description = "Start the server with --demonstration to be shown codes.";
        return Err(ApiError::not_found(description));
    }
    let now = app.now();
    let codes = app
        .blocking(move |parts| {
            Ok(parts.store.read(|connection| {
                let Some(stored) = store::find_user_of_sub(connection, &caller.sub)? else {
                    return Ok(None);
                };
                let last_step = store::last_code_step(connection, &caller.sub)?;
                Ok(stored.user.one_time_codes().map(|codes| (codes, last_step)))
            })?)
        })
        .await?;
    let (codes, last_step) = codes.ok_or(ApiError::not_found("The user has no codes."))?;
    let present = now.seconds() / STEP_SECONDS;
    // The server accepts the code of the next step as well.
    let unused = (present..=present + 1).find(|step| *step > last_step);
    let at = |step: i64| Timestamp::from_millis(step * STEP_SECONDS * 1000);
    Ok(Json(Codes {
        secret: codes.secret_base32(),
        digits: 6,
        period: STEP_SECONDS,
        code: unused.map(|step| codes.code_at(at(step))),
        next_in: STEP_SECONDS - now.seconds() % STEP_SECONDS,
    }))
}

/// Somebody else who holds a refresh token.
struct Thief {
    id: String,
    token: RefreshToken,
}

/// What thieves hold, for as long as this process runs, the newest first. It is in no database:
/// nobody but a demonstration has use for it.
#[derive(Clone, Default)]
struct Thieves(Arc<Mutex<VecDeque<Thief>>>);

impl Thieves {
    fn held(&self) -> MutexGuard<'_, VecDeque<Thief>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, thief: Thief) {
        let mut held = self.held();
        held.truncate(MOST_THIEVES - 1);
        held.push_front(thief);
    }

    fn take(&self, id: &str) -> Option<Thief> {
        let mut held = self.held();
        let place = held.iter().position(|thief| thief.id == id)?;
        held.remove(place)
    }
}

/// The routes of the thief; without the flag there is no such thing.
pub(super) fn thief(config: &Config) -> Router<App> {
    let absent = async || ApiError::not_found("Start the server with --demonstration for this.");
    let (theft, use_of_it) = if config.demonstration {
        (post(steal), post(use_what_was_stolen))
    } else {
        (any(absent), any(absent))
    };
    Router::new()
        .route("/demonstration/theft", theft)
        .route("/demonstration/theft/{id}", use_of_it)
        .layer(Extension(Thieves::default()))
}

#[derive(Serialize)]
struct Theft {
    /// Names the thief. No secret: all that it is good for is to let that thief renew.
    theft: String,
}

/// Copies the refresh token of the caller's cookie, which stays where it is.
async fn steal(
    State(app): State<App>,
    Extension(thieves): Extension<Thieves>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Theft>), ApiError> {
    let Some(token) = refresh_token(&app, &headers) else {
        let description = "There is no refresh cookie to copy.";
        return Err(ApiError::invalid_request(description));
    };
    let id = crypto::random_id().map_err(|error| ApiError::internal(&error))?;
    thieves.keep(Thief {
        id: id.clone(),
        token,
    });
    Ok((StatusCode::CREATED, Json(Theft { theft: id })))
}

#[derive(Serialize)]
struct Use {
    /// The status that the thief was answered with.
    status: u16,
}

/// The thief renews, as anybody can who holds a token and no cookie: with a key of its own.
async fn use_what_was_stolen(
    State(app): State<App>,
    Extension(thieves): Extension<Thieves>,
    Path(id): Path<String>,
) -> Result<Json<Use>, ApiError> {
    let thief = thieves
        .take(&id)
        .ok_or(ApiError::not_found("There is no such thief."))?;
    let key = crypto::random_id().map_err(|error| ApiError::internal(&error))?;
    let presented = Presented {
        token: Some(thief.token.to_text()),
        idempotency_key: Some(key.into_bytes()),
        activity: Activity::Now,
    };
    let renewal = app
        .blocking(move |parts| {
            Ok(parts.store.write(&*parts.clock, |transaction, now| {
                store::rotate(
                    transaction,
                    &parts.rotation_key,
                    &presented,
                    &parts.config,
                    now,
                )
            })?)
        })
        .await?;
    let (token, status) = match renewal {
        Renewal::Renewed { successor, .. } => (successor, StatusCode::OK),
        Renewal::Refused => (thief.token, StatusCode::UNAUTHORIZED),
    };
    thieves.keep(Thief { id, token });
    let status = status.as_u16();
    Ok(Json(Use { status }))
}
