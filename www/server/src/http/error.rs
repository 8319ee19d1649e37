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
    challenge: Option<Cow<'static, str>>,
    retry_after_seconds: Option<i64>,
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

    /// RFC 6749 would have it a 400 too; a 401 would say that the access token is no longer good.
    pub(crate) const fn wrong_password() -> Self {
        let description = "The current password is wrong.";
        Self::plain(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    /// One text for a wrong code and for one that was used: the audit trail knows the reason.
    pub(crate) const fn wrong_code() -> Self {
        let description = "The code is wrong, or was used already. Wait for the next one.";
        Self::plain(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    pub(crate) const fn code_wanted() -> Self {
        let description = "There is no code, and this device is not remembered.";
        Self::plain(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    pub(crate) fn too_many_attempts(retry_after_seconds: i64) -> Self {
        let description = "Too many attempts. Wait, then try again.";
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::plain(
                StatusCode::TOO_MANY_REQUESTS,
                "temporarily_unavailable",
                description,
            )
        }
    }

    /// A request whose body is longer than it may be.
    pub(crate) const fn too_large(description: &'static str) -> Self {
        Self::plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request",
            description,
        )
    }

    /// RFC 7617: somebody has to show the operator's token.
    pub(crate) fn operator_wanted() -> Self {
        let description = "This is for the operator. The password is the operator's token.";
        Self {
            challenge: Some(Cow::Borrowed(r#"Basic realm="operator", charset="UTF-8""#)),
            ..Self::plain(StatusCode::UNAUTHORIZED, "access_denied", description)
        }
    }

    pub(crate) const fn forbidden(description: &'static str) -> Self {
        Self::plain(StatusCode::FORBIDDEN, "access_denied", description)
    }

    pub(crate) const fn not_found(description: &'static str) -> Self {
        Self::plain(StatusCode::NOT_FOUND, "invalid_request", description)
    }

    /// RFC 6750, section 3.1: a request without a token is challenged without an error code.
    pub(crate) fn missing_token() -> Self {
        let description = "The request carries no access token.";
        Self {
            challenge: Some(Cow::Borrowed(r#"Bearer realm="sample-api""#)),
            ..Self::plain(StatusCode::UNAUTHORIZED, "invalid_token", description)
        }
    }

    pub(crate) fn invalid_token() -> Self {
        let description = "The access token is malformed or has expired, or its session has ended.";
        Self::challenged(StatusCode::UNAUTHORIZED, "invalid_token", description, "")
    }

    pub(crate) fn insufficient_scope(scope: &'static str, description: &'static str) -> Self {
        let demand = format!(r#", scope="{scope}""#);
        Self::challenged(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            description,
            &demand,
        )
    }

    /// RFC 9470: the token is good, and the user has to prove more.
    pub(crate) fn insufficient_user_authentication(
        acr: &'static str,
        max_age_seconds: i64,
    ) -> Self {
        let demand = format!(r#", acr_values="{acr}", max_age="{max_age_seconds}""#);
        let description = "This action wants a second factor, just now.";
        Self::challenged(
            StatusCode::UNAUTHORIZED,
            "insufficient_user_authentication",
            description,
            &demand,
        )
    }

    fn challenged(
        status: StatusCode,
        code: &'static str,
        description: &'static str,
        demand: &str,
    ) -> Self {
        let challenge =
            format!(r#"Bearer error="{code}", error_description="{description}"{demand}"#);
        Self {
            challenge: Some(Cow::Owned(challenge)),
            ..Self::plain(status, code, description)
        }
    }

    /// Whether the same request might have succeeded.
    pub(crate) fn is_the_servers_fault(&self) -> bool {
        self.status.is_server_error()
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
            retry_after_seconds: None,
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
        let headers = response.headers_mut();
        if let Some(value) = self
            .challenge
            .and_then(|challenge| HeaderValue::try_from(challenge.as_ref()).ok())
        {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
