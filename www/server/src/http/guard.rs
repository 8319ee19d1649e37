//! Defence against cross-site request forgery, beside `SameSite`: a header that a foreign page
//! cannot send without asking first, and the `Origin` that browsers do not let it choose.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::ApiError;
use crate::app::App;
use crate::store::{self, AuditKind, Session};

const CSRF_HEADER: &str = "x-csrf";

/// Passes on what the application's own page sent.
pub(super) async fn same_site(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if request.method().is_safe() {
        return Ok(next.run(request).await);
    }
    if !is_own_origin(app.config().scheme(), &request) {
        Err(refuse(&app, route(&request).to_owned(), FOREIGN_ORIGIN).await)
    } else if !has_csrf_header(request.headers()) {
        let reason = ("no-csrf-header", "The request lacks the header X-CSRF.");
        Err(refuse(&app, route(&request).to_owned(), reason).await)
    } else {
        Ok(next.run(request).await)
    }
}

/// Passes on what the application's own page sent as a beacon, which can have no header of its
/// own: for addresses that change nothing.
pub(super) async fn same_origin(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let site = request.headers().get("sec-fetch-site");
    let is_foreign = site.is_some_and(|site| site != "same-origin" && site != "none");
    if request.method().is_safe() || (!is_foreign && is_own_origin(app.config().scheme(), &request))
    {
        Ok(next.run(request).await)
    } else {
        Err(refuse(&app, route(&request).to_owned(), FOREIGN_ORIGIN).await)
    }
}

const FOREIGN_ORIGIN: (&str, &str) = ("foreign-origin", "The request comes from another origin.");

/// The route that a request takes, for the audit trail: anybody chooses what a path says.
pub(crate) fn route(request: &Request) -> &str {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or("/", MatchedPath::as_str)
}

async fn refuse(
    app: &App,
    route: String,
    (reason, description): (&'static str, &'static str),
) -> ApiError {
    let detail = format!("{reason} {route}");
    let written = app.blocking(move |parts| {
        Ok(parts.store.write(&*parts.clock, |transaction, now| {
            let nobody = None::<&Session>;
            store::record(transaction, now, AuditKind::RequestRefused, nobody, &detail)
        })?)
    });
    match written.await {
        Ok(()) => ApiError::forbidden(description),
        Err(error) => error,
    }
}

fn has_csrf_header(headers: &HeaderMap) -> bool {
    headers
        .get(CSRF_HEADER)
        .is_some_and(|value| !value.as_bytes().trim_ascii().is_empty())
}

/// Whether the request's `Origin`, where it has one, is the origin it was sent to. Only names
/// of this machine count: any other in `Host` is a foreign name that was made to lead here.
fn is_own_origin(scheme: &str, request: &Request) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else {
        return true;
    };
    let authority = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok()),
    };
    let own_uri = authority.and_then(|authority| {
        let uri = format!("{scheme}://{authority}/").parse::<Uri>().ok()?;
        matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]")).then_some(authority)
    });
    own_uri
        .is_some_and(|authority| origin.as_bytes() == format!("{scheme}://{authority}").as_bytes())
}
