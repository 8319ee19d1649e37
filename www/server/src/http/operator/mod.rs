//! `/operator`: the answers to the operator's questions, as a page and as JSON, for whoever shows
//! the operator's token.

mod access;
mod page;

use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};

use super::guesses::PeerAddress;
use super::{ApiError, headers};
use crate::app::App;
use crate::observer::Observer;
use crate::report::{Question, Report};
use crate::span::parse_lifetime;

const DAY_SECONDS: i64 = 86_400;
const STYLE: &str = include_str!("style.css");

pub(super) fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/operator", get(show))
        .route("/operator/report.json", get(show_json))
        .route("/operator/style.css", get(style))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .layer(middleware::map_response(headers::no_store))
}

async fn guard(
    State(app): State<App>,
    address: PeerAddress,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    access::check(&app, &address, request.headers()).await?;
    Ok(next.run(request).await)
}

async fn show(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let window_seconds = window(query.as_deref())?;
    let report = report(&app, window_seconds).await?;
    Ok(Html(page::page(&report, window_seconds).into_string()).into_response())
}

async fn show_json(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<Report>, ApiError> {
    let window_seconds = window(query.as_deref())?;
    Ok(Json(report(&app, window_seconds).await?))
}

async fn style() -> impl IntoResponse {
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        STYLE,
    )
}

/// Reads by a connection of its own: a long look holds no request up.
async fn report(app: &App, window_seconds: i64) -> Result<Report, ApiError> {
    app.blocking(move |parts| {
        let observer = Observer::open(&parts.config.database, Arc::clone(&parts.clock))?;
        Ok(observer.report(&Question::ALL, window_seconds)?)
    })
    .await
}

/// The query `window=7d`; a day where there is none.
fn window(query: Option<&str>) -> Result<i64, ApiError> {
    match query {
        None | Some("") => Ok(DAY_SECONDS),
        Some(query) => query
            .strip_prefix("window=")
            .and_then(|span| parse_lifetime(span).ok())
            .ok_or(ApiError::invalid_request(
                "The query is empty, or a window such as window=90m or window=7d.",
            )),
    }
}
