//! Answers that are lost: the connection closes without a byte of them.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::http::StatusCode;
use axum::middleware::AddExtension;
use axum::response::{IntoResponse as _, Response};
use tower::util::{MapResponse, MapResult};

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
pub(crate) type Connection = MapResult<Routes, Deliver>;
/// What makes a [`Connection`] for each address that connects.
pub(crate) type Connections =
    MapResponse<IntoMakeServiceWithConnectInfo<Router, SocketAddr>, fn(Routes) -> Connection>;
type Routes = AddExtension<Router, ConnectInfo<SocketAddr>>;
type Deliver = fn(Result<Response, Infallible>) -> Result<Response, AnswerDropped>;

/// An answer that [`connections`] does not send.
pub(super) fn lost() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Lost);
    response
}

/// The routes as connections see them: a lost answer is an error, at which HTTP/1 closes the
/// connection and writes nothing.
pub(crate) fn connections(router: Router) -> Connections {
    const DELIVER: Deliver = |Ok(response)| match response.extensions().get::<Lost>() {
        Some(Lost) => Err(AnswerDropped),
        None => Ok(response),
    };
    let deliver_all: fn(Routes) -> Connection = |routes| MapResult::new(routes, DELIVER);
    let routes = router.into_make_service_with_connect_info::<SocketAddr>();
    MapResponse::new(routes, deliver_all)
}
