//! What a client hears when it is refused.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access_token::SigningError;
use crate::store::StoreError;

/// An error answer: a code of RFC 6749 or RFC 6750, and a sentence for developers.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    description: Cow<'static, str>,
    challenge: Option<&'static str>,
}

impl ApiError {
    pub(crate) const fn invalid_request(description: &'static str) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// A request that could not be read, and what is wrong with it.
    pub(crate) fn malformed(description: String) -> Self {
        Self {
            description: Cow::Owned(description),
            ..Self::invalid_request("")
        }
    }

    pub(crate) const fn wrong_credentials() -> Self {
        let description = "The user name or the password is wrong.";
        Self::plain(StatusCode::UNAUTHORIZED, "invalid_grant", description)
    }

    /// One text for every refused renewal: the audit trail knows the reason.
    pub(crate) const fn refused_renewal() -> Self {
        let description = "The session is unknown or has ended. Sign in again.";
        Self::plain(StatusCode::UNAUTHORIZED, "invalid_grant", description)
    }

    pub(crate) const fn forbidden(description: &'static str) -> Self {
        Self::plain(StatusCode::FORBIDDEN, "access_denied", description)
    }

    pub(crate) const fn not_found(description: &'static str) -> Self {
        Self::plain(StatusCode::NOT_FOUND, "invalid_request", description)
    }

    /// RFC 6750, section 3.1: a request without a token is challenged without an error code.
    pub(crate) const fn missing_token() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "invalid_token",
            description: Cow::Borrowed("The request carries no access token."),
            challenge: Some(r#"Bearer realm="sample-api""#),
        }
    }

    pub(crate) const fn invalid_token() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "invalid_token",
            description: Cow::Borrowed(
                "The access token is malformed or has expired, or its session has ended.",
            ),
            challenge: Some(
                r#"Bearer error="invalid_token", error_description="The access token is malformed or has expired, or its session has ended.""#,
            ),
        }
    }

    pub(crate) const fn insufficient_scope() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "insufficient_scope",
            description: Cow::Borrowed("Only an administrator may do this."),
            challenge: Some(r#"Bearer error="insufficient_scope", scope="sessions""#),
        }
    }

    /// The cause goes to the operator, and not to the client.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        eprintln!("request failed: {cause}");
        let description = "The server failed. Try again later.";
        Self::plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            description,
        )
    }

    const fn plain(status: StatusCode, code: &'static str, description: &'static str) -> Self {
        Self {
            status,
            code,
            description: Cow::Borrowed(description),
            challenge: None,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<SigningError> for ApiError {
    fn from(error: SigningError) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.code, "error_description": self.description });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(challenge) = self.challenge {
            let value = HeaderValue::from_static(challenge);
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}
