//! The sample page and the package, as files.

use std::path::{Component, Path};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::{Router, middleware};
use percent_encoding::percent_decode_str;
use tower_http::services::ServeDir;

use super::headers;
use crate::config::Config;

/// The page's folder also holds this server, which is nobody's business.
const OWN_FOLDER: &str = "server";

pub(super) fn router<S: Clone + Send + Sync + 'static>(config: &Config) -> Router<S> {
    let pages = Router::new()
        .fallback_service(ServeDir::new(&config.pages))
        .layer(middleware::from_fn(without_own_folder));
    Router::new()
        .nest_service("/pkg", ServeDir::new(&config.package))
        .fallback_service(pages)
        .layer(middleware::map_response(headers::no_cache))
}

async fn without_own_folder(request: Request, next: Next) -> Response {
    if leads_to_own_folder(request.uri().path()) {
        StatusCode::NOT_FOUND.into_response()
    } else {
        next.run(request).await
    }
}

/// Reads the path as the file service does: decoded, and without empty and `.` segments. A
/// file system may not tell upper from lower case.
fn leads_to_own_folder(path: &str) -> bool {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    Path::new(decoded.as_ref())
        .components()
        .find_map(|component| match component {
            Component::Normal(name) => Some(name.eq_ignore_ascii_case(OWN_FOLDER)),
            _ => None,
        })
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::leads_to_own_folder;

    #[test]
    fn the_own_folder_has_many_spellings() {
        for path in [
            "/server",
            "/server/src/main.rs",
            "//server/x",
            "/./server/x",
            "/%73erver/x",
            "/SERVER/x",
            "/%2e/server",
            "/%2Fserver",
        ] {
            assert!(leads_to_own_folder(path), "{path}");
        }
        for path in ["/", "/index.html", "/server.html", "/docs/server"] {
            assert!(!leads_to_own_folder(path), "{path}");
        }
    }
}
