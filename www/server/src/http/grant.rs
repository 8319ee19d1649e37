//! The answer to a sign-in and to a renewal, and what such an answer begins.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use rusqlite::Connection;
use serde::Serialize;

use super::ApiError;
use super::guesses::PeerAddress;
use crate::app::{App, Parts};
use crate::clock::Timestamp;
use crate::device_description::describe;
use crate::proof::Proof;
use crate::store::{
    self, AuditKind, BROWSER_KNOWN_SECONDS, BrowserToken, DeviceToken, Origin, RefreshToken,
    Session, StoreError, User,
};

/// RFC 6749, section 5.1, and when the session ends.
#[derive(Serialize)]
pub(super) struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    session_expires_in: i64,
    scope: String,
}

impl TokenResponse {
    /// An access token for what was proved.
    pub(super) fn new(
        parts: &Parts,
        session: &Session,
        proof: &Proof,
        lifetime_seconds: i64,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let (access_token, claims) =
            parts
                .access_tokens
                .sign(session, proof, lifetime_seconds, now)?;
        Ok(Self {
            access_token,
            token_type: "Bearer",
            expires_in: claims.exp - claims.iat,
            session_expires_in: session.remaining_seconds(now),
            scope: claims.scope,
        })
    }
}

/// A session's new tokens: one for the body, one for the cookie.
pub(super) struct Grant {
    body: TokenResponse,
    refresh_token: RefreshToken,
    /// By which the browser is known again; where a session begins.
    browser_token: Option<BrowserToken>,
}

impl Grant {
    pub(super) fn new(
        parts: &Parts,
        session: &Session,
        refresh_token: RefreshToken,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let proof = Proof::of_sign_in(session);
        let lifetime_seconds = parts.config.lifetimes(session.user.role).access_seconds;
        Ok(Self {
            body: TokenResponse::new(parts, session, &proof, lifetime_seconds, now)?,
            refresh_token,
            browser_token: None,
        })
    }

    /// Starts a session, on the browser that asks for it.
    pub(super) fn of_new_session(
        parts: &Parts,
        connection: &Connection,
        user: User,
        browser: Browser,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let Browser {
            device_token,
            browser_token,
            description,
            place,
        } = browser;
        let browser_token = match browser_token {
            Some(known) => known,
            None => BrowserToken::new().map_err(StoreError::from)?,
        };
        let device_token = device_token.as_ref();
        let device_id =
            store::device_of_sign_in(connection, &user.sub, device_token, &description, now)?;
        let lifetimes = parts.config.lifetimes(user.role);
        let kid = parts.access_tokens.kid();
        let session = store::start_session(
            connection,
            user,
            &device_id,
            &kid,
            lifetimes.session_seconds,
            now,
        )?;
        store::record(connection, now, AuditKind::SignIn, Some(&session), "")?;
        let origin = Origin {
            browser: browser_token.mark(&parts.rotation_key),
            device: description,
            place,
        };
        store::note_sign_in(connection, &session, &origin, lifetimes, now)?;
        let refresh_token = store::issue_first(connection, &session)?;
        let grant = Self {
            browser_token: Some(browser_token),
            ..Self::new(parts, &session, refresh_token, now)?
        };
        Ok(grant)
    }

    pub(super) fn into_response(self, app: &App) -> Response {
        let token = self.refresh_token.to_text();
        let set_cookie = app
            .refresh_cookie()
            .store(&token, self.body.session_expires_in);
        let response = with_cookie(Json(self.body).into_response(), set_cookie);
        let known = self.browser_token.and_then(|token| {
            app.browser_cookie()
                .store(&token.to_text(), BROWSER_KNOWN_SECONDS)
        });
        with_cookie(response, known)
    }
}

/// What a browser that signs in says of itself, and where it is.
pub(super) struct Browser {
    device_token: Option<DeviceToken>,
    browser_token: Option<BrowserToken>,
    description: String,
    place: Option<String>,
}

impl Browser {
    pub(super) fn read(app: &App, headers: &HeaderMap, address: &PeerAddress) -> Self {
        let user_agent = headers.get(header::USER_AGENT);
        let browser_token = app.browser_cookie().read(headers);
        Self {
            device_token: device_token(app, headers),
            browser_token: browser_token.and_then(BrowserToken::from_text),
            description: describe(user_agent.and_then(|value| value.to_str().ok())),
            place: address.place(),
        }
    }
}

/// What the device cookie carries, where it can be one of ours.
pub(super) fn device_token(app: &App, headers: &HeaderMap) -> Option<DeviceToken> {
    app.device_cookie()
        .read(headers)
        .and_then(DeviceToken::from_text)
}

/// What the refresh cookie carries, where it can be one of ours.
pub(super) fn refresh_token(app: &App, headers: &HeaderMap) -> Option<RefreshToken> {
    app.refresh_cookie()
        .read(headers)
        .and_then(RefreshToken::from_text)
}

/// The response that sets a cookie as well.
pub(super) fn with_cookie(mut response: Response, set_cookie: Option<HeaderValue>) -> Response {
    if let Some(value) = set_cookie {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
