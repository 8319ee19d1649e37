//! Answers that are lost: the connection closes without a byte of them.

use std::convert::Infallible;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::RouterIntoService;
use hyper::body::Incoming;
use tower::ServiceExt as _;
use tower::make::Shared;
use tower::util::MapResult;

/// The mark of an answer that must not be sent.
#[derive(Clone)]
struct Lost;

/// The connection was closed in place of an answer.
#[derive(Debug, thiserror::Error)]
#[error("the answer was dropped on purpose")]
pub(crate) struct AnswerDropped;

impl From<Infallible> for AnswerDropped {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// What a connection asks for its answers.
pub(crate) type Connections = MapResult<RouterIntoService<Incoming>, Deliver>;
type Deliver = fn(Result<Response, Infallible>) -> Result<Response, AnswerDropped>;

/// An answer that [`connections`] does not send.
pub(super) fn lost() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Lost);
    response
}

/// The routes as connections see them: a lost answer is an error, at which HTTP/1 closes the
/// connection and writes nothing.
pub(crate) fn connections(router: Router) -> Shared<Connections> {
    let deliver: Deliver = |Ok(response)| match response.extensions().get::<Lost>() {
        Some(Lost) => Err(AnswerDropped),
        None => Ok(response),
    };
    Shared::new(router.into_service().map_result(deliver))
}
