//! The routes.

mod api;
mod auth;
mod bearer;
mod client_entries;
mod demonstration;
mod error;
mod events;
mod grant;
mod guard;
mod guesses;
mod headers;
mod operator;
mod pages;
mod password;
mod payments;
mod sessions;
mod step_up;

use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use axum::{Router, middleware};

use crate::app::App;
use crate::faults;

pub(crate) use error::ApiError;
pub(crate) use guard::route;

/// Far more than a user name and a password.
const BODY_LIMIT_BYTES: usize = 16 * 1024;

pub(crate) fn router(app: &App) -> Router {
    let auth = Router::new()
        .route("/auth/login", post(auth::login))
        .route("/auth/refresh", post(auth::refresh))
        .route("/auth/logout", post(auth::logout))
        .route("/auth/events", get(events::listen))
        .route("/auth/password", post(password::change))
        .route(
            "/auth/sessions",
            get(sessions::list).delete(sessions::end_all),
        )
        .route("/auth/sessions/{sid}", delete(sessions::end_one))
        .route("/auth/step-up", post(step_up::step_up))
        .route("/auth/remembered-devices", delete(step_up::forget_devices))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            guard::same_site,
        ))
        .layer(middleware::map_response(headers::no_store));
    let api = Router::new()
        .route("/api/me", get(api::me))
        .route("/api/sessions/{sid}", delete(api::end_session))
        .route("/api/payments", post(payments::pay))
        .route("/demonstration/code", get(demonstration::codes))
        .layer(middleware::map_response(headers::no_store));
    let thief = demonstration::thief(app.config())
        .layer(middleware::from_fn_with_state(
            app.clone(),
            guard::same_site,
        ))
        .layer(middleware::map_response(headers::no_store));
    let faults = Router::new()
        .route("/faults", faults::routes(app))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            guard::same_site,
        ))
        .layer(middleware::map_response(headers::no_store));
    let client_entries = Router::new()
        .route("/audit", post(client_entries::take))
        .layer(DefaultBodyLimit::max(client_entries::BODY_LIMIT_BYTES))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            guard::same_origin,
        ))
        .layer(middleware::map_response(headers::no_store));
    let pages = pages::router(app.config()).layer(middleware::map_response_with_state(
        app.clone(),
        headers::announce,
    ));
    Router::new()
        .merge(auth)
        .merge(api)
        .merge(thief)
        .merge(faults)
        .merge(client_entries)
        .merge(operator::router(app))
        .route("/.well-known/jwks.json", get(api::jwks))
        .merge(pages)
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .layer(middleware::from_fn_with_state(app.clone(), faults::inject))
        .layer(middleware::map_response_with_state(
            app.clone(),
            headers::everywhere,
        ))
        .with_state(app.clone())
}
