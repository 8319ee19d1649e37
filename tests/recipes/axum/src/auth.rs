// src/auth.rs
use std::sync::Arc;

use axum::extract::{Json, Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, response};
use serde::Deserialize;
use serde_json::json;

use crate::sessions::{Grant, Session, Sessions};
use crate::users;

const COOKIE: &str = "__Host-refresh";
const ATTRIBUTES: &str = "HttpOnly; Secure; SameSite=Strict; Path=/";

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) origin: Arc<str>,
}

/// The endpoints, below the path `/auth`.
pub(crate) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/login", post(login))
        .route("/refresh", post(refresh))
        .route("/logout", post(logout))
        .layer(middleware::from_fn_with_state(app.clone(), from_own_page))
        .layer(middleware::map_response(no_store))
}

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

async fn login(
    State(app): State<App>,
    headers: HeaderMap,
    Json(given): Json<Credentials>,
) -> response::Result<Response> {
    let Some(sub) = users::check_password(&given.username, &given.password) else {
        return Ok(refused(StatusCode::UNAUTHORIZED, "invalid_grant"));
    };
    // Its cookie is about to be overwritten: nobody but a thief could go on with it.
    if let Some(token) = refresh_token(&headers) {
        app.with(move |sessions| sessions.end(&token)).await?;
    }
    let grant = app.with(move |sessions| sessions.start(&sub)).await?;
    Ok(granted(grant))
}

async fn refresh(State(app): State<App>, headers: HeaderMap) -> response::Result<Response> {
    let key = match headers.get("idempotency-key").map(|key| key.to_str()) {
        Some(Ok(key)) if key.len() <= 255 => Some(key.to_owned()).filter(|key| !key.is_empty()),
        Some(_) => return Ok(refused(StatusCode::BAD_REQUEST, "invalid_request")),
        None => None,
    };
    let token = refresh_token(&headers).unwrap_or_default();
    let renewal = app
        .with(move |sessions| sessions.rotate(&token, key.as_deref()))
        .await?;
    // The cookie is left alone: the browser may hold a newer one by now.
    Ok(renewal.map_or_else(
        || refused(StatusCode::UNAUTHORIZED, "invalid_grant"),
        granted,
    ))
}

async fn logout(State(app): State<App>, headers: HeaderMap) -> response::Result<Response> {
    let token = refresh_token(&headers).unwrap_or_default();
    app.with(move |sessions| sessions.end(&token)).await?;
    Ok((StatusCode::NO_CONTENT, [cookie("", 0)]).into_response())
}

/// A foreign page cannot send the header without asking first, nor choose its `Origin`.
async fn from_own_page(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_own = headers
        .get(header::ORIGIN)
        .is_none_or(|origin| origin.as_bytes() == app.origin.as_bytes());
    if is_own && headers.contains_key("x-csrf") {
        next.run(request).await
    } else {
        refused(StatusCode::FORBIDDEN, "access_denied")
    }
}

/// Lets an API be called with a good access token only; the cookie is ignored. Handlers find the
/// session with `Extension<Arc<Session>>`.
pub(crate) async fn authorized(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> response::Result<Response> {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|field| field.to_str().ok()?.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    let challenge = match &token {
        Some(_) => r#"Bearer error="invalid_token""#,
        None => "Bearer",
    };
    let session: Option<Session> = app
        .with(move |sessions| token.map_or(Ok(None), |token| sessions.of_access_token(&token)))
        .await?;
    let Some(session) = session else {
        let answer = refused(StatusCode::UNAUTHORIZED, "invalid_token");
        return Ok(([(header::WWW_AUTHENTICATE, challenge)], answer).into_response());
    };
    request.extensions_mut().insert(Arc::new(session));
    Ok(next.run(request).await)
}

pub(crate) async fn no_store(answer: Response) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}

impl App {
    /// Uses the database, where it holds up no other request. What fails is passing to the client.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Sessions) -> rusqlite::Result<T> + Send + 'static,
    ) -> response::Result<T> {
        let sessions = Arc::clone(&self.sessions);
        match tokio::task::spawn_blocking(move || work(&sessions)).await {
            Ok(Ok(outcome)) => Ok(outcome),
            _ => Err(StatusCode::SERVICE_UNAVAILABLE.into()),
        }
    }
}

fn granted(grant: Grant) -> Response {
    let body = json!({
        "access_token": grant.access_token,
        "token_type": "Bearer",
        "expires_in": grant.expires_in,
        "session_expires_in": grant.session_expires_in,
    });
    let stored = cookie(&grant.refresh_token, grant.session_expires_in);
    ([stored], Json(body)).into_response()
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

fn cookie(value: &str, max_age_s: i64) -> (HeaderName, String) {
    let text = format!("{COOKIE}={value}; Max-Age={max_age_s}; {ATTRIBUTES}");
    (header::SET_COOKIE, text)
}

fn refresh_token(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then(|| value.to_owned()))
}
