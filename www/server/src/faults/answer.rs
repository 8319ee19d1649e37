//! What is answered in place of the real answer.

use std::convert::Infallible;
use std::future;

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use futures_util::stream::{self, StreamExt as _};
use serde_json::json;

use super::fault::{Content, RetryAfter, Status};
use crate::clock::Timestamp;

const TEN_MEGABYTES: usize = 10_000_000;
const LOGIN_PAGE: &str = "<!doctype html><html lang=\"en\"><title>Log in to the network</title>\
    <form method=\"post\"><label>Room <input name=\"room\"></label><button>Log in</button></form></html>";
const TRUNCATED: &str = r#"{"access_token":"eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1"#;
const WRONG_TYPES: &str =
    r#"{"access_token":42,"token_type":null,"expires_in":"soon","session_expires_in":[900]}"#;

/// The status, and `Retry-After` in the form that was asked for.
pub(super) fn status(fault: &Status, now: Timestamp) -> Response {
    let status = fault.code.0;
    let mut response = match status {
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED => {
            status.into_response()
        }
        _ => {
            let description = "A fault was armed for this request.";
            let body = json!({ "error": "injected_fault", "error_description": description });
            (status, Json(body)).into_response()
        }
    };
    let retry_after = fault.retry_after.map(|retry_after| match retry_after {
        RetryAfter::Seconds(seconds) => HeaderValue::from(seconds),
        RetryAfter::DateInSeconds(seconds) => http_date(now, seconds),
    });
    if let Some(value) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    not_stored(response)
}

/// Status 200 and a body that is not an answer, on its own or in the place of a real body.
pub(super) fn garbage(content: Content, own: Option<Response>) -> Response {
    let (media_type, text) = match content {
        Content::Html => ("text/html; charset=utf-8", LOGIN_PAGE.to_owned()),
        Content::Empty => ("application/json", String::new()),
        Content::TruncatedJson | Content::Unending => ("application/json", TRUNCATED.to_owned()),
        Content::WrongTypes => ("application/json", WRONG_TYPES.to_owned()),
        Content::TenMegabytes => ("text/plain", "lorem ipsum ".repeat(TEN_MEGABYTES / 12 + 1)),
    };
    let mut response = own.unwrap_or_default();
    *response.status_mut() = StatusCode::OK;
    *response.body_mut() = match content {
        Content::Unending => {
            let begun = stream::once(future::ready(Ok::<_, Infallible>(text)));
            Body::from_stream(begun.chain(stream::pending()))
        }
        _ => Body::from(text),
    };
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    not_stored(response)
}

/// To the page where the user signs in, as a gateway answers that knows no session.
pub(super) fn redirect() -> Response {
    let mut response = Redirect::to("/").into_response();
    *response.status_mut() = StatusCode::FOUND;
    not_stored(response)
}

fn http_date(now: Timestamp, in_seconds: i32) -> HeaderValue {
    let date = Timestamp::from_millis(now.millis() + i64::from(in_seconds) * 1000).http_date();
    // A date is ASCII.
    HeaderValue::try_from(date).unwrap_or(HeaderValue::from_static(""))
}

fn not_stored(mut response: Response) -> Response {
    let value = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}
