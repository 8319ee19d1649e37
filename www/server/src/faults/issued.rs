//! The last access token of each session, to be handed out again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use crate::app::App;
use crate::http::ApiError;

/// Far more than an answer with a token.
const LIMIT_BYTES: usize = 64 * 1024;

/// By `sid`. Kept only by a server that takes orders to misbehave, and never longer than it runs.
#[derive(Default)]
pub(super) struct IssuedTokens {
    last: Mutex<BTreeMap<String, Issued>>,
}

#[derive(Clone)]
struct Issued {
    access_token: String,
    exp: i64,
}

impl IssuedTokens {
    /// Keeps the answer's token as its session's last, and leaves the answer as it is.
    pub(super) async fn keep(&self, app: &App, answer: Response) -> Result<Response, ApiError> {
        if answer.status() != StatusCode::OK {
            return Ok(answer);
        }
        let (parts, body) = answer.into_parts();
        let bytes = read(body).await?;
        if let Some((sid, issued)) = issued(app, &bytes) {
            self.lock().insert(sid, issued);
        }
        Ok(Response::from_parts(parts, bytes.into()))
    }

    /// Puts its session's last token in place of the answer's. The cookie stays as it is. The
    /// first answer of a session that this server has not seen keeps its own token.
    pub(super) async fn hand_out_again(
        &self,
        app: &App,
        answer: Response,
    ) -> Result<Response, ApiError> {
        if answer.status() != StatusCode::OK {
            return Ok(answer);
        }
        let (mut parts, body) = answer.into_parts();
        let bytes = read(body).await?;
        let Some((sid, fresh)) = issued(app, &bytes) else {
            return Ok(Response::from_parts(parts, bytes.into()));
        };
        let last = self.lock().entry(sid).or_insert(fresh).clone();
        let body = with_token(&bytes, &last, app).map_err(|error| ApiError::internal(&error))?;
        parts.headers.remove(header::CONTENT_LENGTH);
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Issued>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    to_bytes(body, LIMIT_BYTES)
        .await
        .map_err(|error| ApiError::internal(&error))
}

fn issued(app: &App, body: &[u8]) -> Option<(String, Issued)> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let access_token = answer.get("access_token")?.as_str()?.to_owned();
    let claims = app.access_tokens().verify(&access_token, app.now()).ok()?;
    let exp = claims.exp;
    Some((claims.sid, Issued { access_token, exp }))
}

/// The answer with that token, and with what remains of its life as `expires_in`.
fn with_token(body: &[u8], last: &Issued, app: &App) -> serde_json::Result<Vec<u8>> {
    let mut answer: BTreeMap<String, Value> = serde_json::from_slice(body)?;
    let remaining_seconds = (last.exp - app.now().seconds()).max(0);
    answer.insert("access_token".to_owned(), last.access_token.clone().into());
    answer.insert("expires_in".to_owned(), remaining_seconds.into());
    serde_json::to_vec(&answer)
}
