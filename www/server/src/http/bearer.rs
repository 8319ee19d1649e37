//! Access tokens on requests, after RFC 6750.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::ApiError;
use crate::access_token::Claims;
use crate::app::App;
use crate::store::{self, SessionStatus};

/// The caller's claims: its token is ours and has not expired, and its session still stands.
pub(super) struct Bearer(pub(super) Claims);

impl FromRequestParts<App> for Bearer {
    type Rejection = ApiError;

    async fn from_request_parts(request: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let value = request
            .headers
            .get(header::AUTHORIZATION)
            .ok_or(ApiError::missing_token())?;
        let token = value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(ApiError::missing_token())?;
        let now = app.now();
        let claims = app
            .access_tokens()
            .verify(token, now)
            .ok_or(ApiError::invalid_token())?;
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
            _ => Err(ApiError::invalid_token()),
        }
    }
}
