//! `/faults`: arms a fault, lists what is armed, clears all.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, any, get};
use serde::Serialize;

use super::armed::{Faults, Listed};
use super::fault::Fault;
use crate::app::App;
use crate::http::ApiError;

#[derive(Serialize)]
struct List {
    armed: Vec<Listed>,
}

/// What `/faults` answers; without the flag there is no such thing.
pub(crate) fn routes(app: &App) -> MethodRouter<App> {
    match app.faults() {
        Some(_) => get(list).post(arm).delete(clear),
        None => any(async || ApiError::not_found("Start the server with --faults to arm faults.")),
    }
}

async fn list(State(app): State<App>) -> Result<Json<impl Serialize>, ApiError> {
    let armed = faults(&app)?.list();
    Ok(Json(List { armed }))
}

async fn arm(
    State(app): State<App>,
    order: Result<Json<Fault>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(fault) = order.map_err(|rejection| ApiError::malformed(rejection.body_text()))?;
    let listed = faults(&app)?.arm(fault);
    Ok((StatusCode::CREATED, Json(listed)).into_response())
}

async fn clear(State(app): State<App>) -> Result<StatusCode, ApiError> {
    faults(&app)?.clear();
    Ok(StatusCode::NO_CONTENT)
}

fn faults(app: &App) -> Result<&Faults, ApiError> {
    app.faults()
        .ok_or(ApiError::not_found("No faults can be armed."))
}
