//! `POST /audit`: takes what pages tell of their sessions, and does nothing but write it down.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};

use super::ApiError;
use super::grant::refresh_token;
use super::guesses::PeerAddress;
use crate::app::{App, Parts};
use crate::client_entries::Batch;
use crate::store;
use crate::store::attempts::{Attempt, CLIENT_BATCHES_FROM_ADDRESS};

/// As much as a browser sends of requests that outlive their page.
pub(super) const BODY_LIMIT_BYTES: usize = 64 * 1024;

pub(super) async fn take(
    State(app): State<App>,
    address: PeerAddress,
    headers: HeaderMap,
    body: Result<Json<Batch>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    app.blocking(move |parts| admit(parts, &address)).await?;
    let Json(batch) = body.map_err(refusal)?;
    let cookies = [
        app.refresh_cookie(),
        app.device_cookie(),
        app.browser_cookie(),
    ];
    let secrets: Vec<&str> = cookies
        .iter()
        .filter_map(|cookie| cookie.read(&headers))
        .collect();
    batch
        .check(&secrets)
        .map_err(|unfit| ApiError::malformed(unfit.to_string()))?;
    let token = refresh_token(&app, &headers);
    app.blocking(move |parts| {
        Ok(parts.store.write(&*parts.clock, |transaction, now| {
            let session = match &token {
                Some(token) => store::session_of_token(transaction, token)?,
                None => None,
            };
            store::keep_client_entries(transaction, &batch, session.as_ref(), now)
        })?)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn admit(parts: &Parts, address: &PeerAddress) -> Result<(), ApiError> {
    let Some(subject) = address.subject(parts) else {
        return Ok(());
    };
    let attempt = parts.store.write(&*parts.clock, |transaction, now| {
        CLIENT_BATCHES_FROM_ADDRESS.count(transaction, &subject, now)
    })?;
    match attempt {
        Attempt::Allowed => Ok(()),
        Attempt::Blocked {
            retry_after_seconds,
            ..
        } => Err(ApiError::too_many_attempts(retry_after_seconds)),
    }
}

fn refusal(rejection: JsonRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::too_large("The body is longer than 64 KiB.")
    } else {
        ApiError::malformed(rejection.body_text())
    }
}
