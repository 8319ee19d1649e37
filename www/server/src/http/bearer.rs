//! Access tokens on requests, after RFC 6750.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::ApiError;
use crate::access_token::{Claims, TokenRefusal};
use crate::app::App;
use crate::proof::SCOPE_PROFILE;
use crate::store::{self, AuditKind, SessionStatus};

/// The caller's claims: its token is ours and has not expired, and its session still stands.
pub(super) struct Bearer(pub(super) Claims);

impl FromRequestParts<App> for Bearer {
    type Rejection = ApiError;

    async fn from_request_parts(request: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let value = request
            .headers
            .get(header::AUTHORIZATION)
            .ok_or_else(ApiError::missing_token)?;
        let token = value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(ApiError::missing_token)?;
        let now = app.now();
        let claims = match app.access_tokens().verify(token, now) {
            Ok(claims) => claims,
            Err(refusal) => return Err(refused(app, refusal, None).await),
        };
        let sid = claims.sid.clone();
        let session = app
            .blocking(move |parts| {
                Ok(parts
                    .store
                    .read(|connection| store::find_session(connection, &sid))?)
            })
            .await?;
        match session {
            Some(session) if session.status(now) == SessionStatus::Live => Ok(Self(claims)),
            _ => Err(refused(app, TokenRefusal::SessionEnded, Some(claims)).await),
        }
    }
}

/// Writes down why a token is refused; the caller hears no reason. What an unproven token says of
/// itself is not written down.
async fn refused(app: &App, refusal: TokenRefusal, proven: Option<Claims>) -> ApiError {
    let written = app.blocking(move |parts| {
        Ok(parts.store.write(&*parts.clock, |transaction, now| {
            let (kind, detail) = (AuditKind::TokenRefused, refusal.as_str());
            store::record(transaction, now, kind, proven.as_ref(), detail)
        })?)
    });
    match written.await {
        Ok(()) => ApiError::invalid_token(),
        Err(error) => error,
    }
}

/// The caller's claims, where the token is for the user's own affairs and not for one action.
pub(super) struct Profile(pub(super) Claims);

impl FromRequestParts<App> for Profile {
    type Rejection = ApiError;

    async fn from_request_parts(request: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Bearer(claims) = Bearer::from_request_parts(request, app).await?;
        if claims.has_scope(SCOPE_PROFILE) {
            Ok(Self(claims))
        } else {
            let description = "The access token is for one action only.";
            Err(ApiError::insufficient_scope(SCOPE_PROFILE, description))
        }
    }
}
