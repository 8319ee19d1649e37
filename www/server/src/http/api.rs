//! The API that access tokens are for. Cookies mean nothing here.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;

use super::ApiError;
use super::bearer::{Bearer, Profile};
use crate::app::App;
use crate::role::Role;
use crate::store::{self, EndReason};

/// Who the caller is.
#[derive(Serialize)]
pub(super) struct Me {
    sub: String,
    name: String,
    role: Role,
    scope: String,
    sid: String,
    auth_time: i64,
    acr: String,
}

pub(super) async fn me(Bearer(claims): Bearer) -> Json<Me> {
    Json(Me {
        sub: claims.sub,
        name: claims.name,
        role: claims.role,
        scope: claims.scope,
        sid: claims.sid,
        auth_time: claims.auth_time,
        acr: claims.acr,
    })
}

/// Ends a session at once: one's own, or, for administrators, any. A customer hears the same
/// about a stranger's session as about one that does not exist.
pub(super) async fn end_session(
    State(app): State<App>,
    Profile(caller): Profile,
    Path(sid): Path<String>,
) -> Result<StatusCode, ApiError> {
    app.blocking(move |parts| {
        parts.store.write(&*parts.clock, |transaction, now| {
            let session = store::find_session(transaction, &sid)?;
            let own = session
                .as_ref()
                .is_some_and(|session| session.user.sub == caller.sub);
            Ok(match (session, caller.role) {
                (Some(session), _) if own => {
                    store::end_session(transaction, &session, EndReason::EndedByUser, now)?;
                    Ok(StatusCode::NO_CONTENT)
                }
                (Some(session), Role::Administrator) => {
                    let reason = EndReason::EndedByAdministrator;
                    store::end_session(transaction, &session, reason, now)?;
                    Ok(StatusCode::NO_CONTENT)
                }
                (None, Role::Administrator) => {
                    Err(ApiError::not_found("There is no such session."))
                }
                (_, Role::Customer) => Err(ApiError::insufficient_scope(
                    "sessions",
                    "Only an administrator may do this.",
                )),
            })
        })?
    })
    .await
}

pub(super) async fn jwks(State(app): State<App>) -> impl IntoResponse {
    let jwks = app.access_tokens().jwks(app.now());
    ([(header::CACHE_CONTROL, "no-cache")], Json(jwks))
}
