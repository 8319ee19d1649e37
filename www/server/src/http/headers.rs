//! Headers that do not depend on the route's work.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use crate::app::App;

const EVERYWHERE: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'none'; object-src 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// What every answer carries, `Date` on the server's own clock included.
pub(super) async fn everywhere(State(app): State<App>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in EVERYWHERE {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(date) = HeaderValue::try_from(app.now().http_date()) {
        headers.insert(header::DATE, date);
    }
    response
}

/// No cache may keep an answer with a token, or about one.
pub(super) async fn no_store(mut response: Response) -> Response {
    let value = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

/// Files are asked for again each time, so that a rebuilt package is seen at once.
pub(super) async fn no_cache(mut response: Response) -> Response {
    let value = HeaderValue::from_static("no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

/// Tells the page what it may ask for: a request that failed would leave an error in the console
/// of every other server's page.
pub(super) async fn announce(State(app): State<App>, mut response: Response) -> Response {
    let offers = [
        (app.faults().is_some(), "faults"),
        (app.config().demonstration, "demonstration"),
    ];
    for (is_offered, name) in offers {
        if is_offered {
            response.headers_mut().append(
                HeaderName::from_static("server-timing"),
                HeaderValue::from_static(name),
            );
        }
    }
    response
}
