//! A user's own sessions: which there are, and the end of one or of many.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use rusqlite::Connection;
use serde::Serialize;

use super::ApiError;
use super::bearer::Profile;
use super::grant::{refresh_token, with_cookie};
use crate::app::App;
use crate::clock::Timestamp;
use crate::store::{self, Device, EndReason, Session, StoreError};

/// Instants are seconds since the epoch, as in tokens.
#[derive(Serialize)]
struct ListedSession {
    sid: String,
    /// Whether it is the one that asks.
    current: bool,
    started_at: i64,
    last_used_at: i64,
    last_active_at: i64,
    ends_at: i64,
    device: Option<ListedDevice>,
}

#[derive(Serialize)]
struct ListedDevice {
    id: String,
    description: String,
    first_used_at: i64,
    last_used_at: i64,
    remembered_until: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct List {
    sessions: Vec<ListedSession>,
}

#[derive(Serialize)]
struct Ended {
    ended: usize,
}

pub(super) async fn list(
    State(app): State<App>,
    Profile(caller): Profile,
) -> Result<Json<List>, ApiError> {
    let now = app.now();
    let sessions = app
        .blocking(move |parts| {
            Ok(parts.store.read(|connection| {
                store::live_sessions_of(connection, &caller.sub, now)?
                    .into_iter()
                    .map(|session| listed(connection, session, &caller.sid, now))
                    .collect::<Result<Vec<_>, _>>()
            })?)
        })
        .await?;
    Ok(Json(List { sessions }))
}

fn listed(
    connection: &Connection,
    session: Session,
    current: &str,
    now: Timestamp,
) -> Result<ListedSession, StoreError> {
    let device = match &session.device_id {
        Some(device_id) => store::find_device(connection, device_id)?,
        None => None,
    };
    let device = device.map(|device: Device| ListedDevice {
        id: device.id,
        description: device.description,
        first_used_at: device.first_used_at_seconds,
        last_used_at: device.last_used_at_seconds,
        remembered_until: device
            .remembered_until_seconds
            .filter(|until| now.seconds() < *until),
    });
    Ok(ListedSession {
        current: session.sid == current,
        sid: session.sid,
        started_at: session.started_at_seconds,
        last_used_at: session.last_used_at_seconds,
        last_active_at: session.last_active_at_seconds,
        ends_at: session.ends_at_seconds,
        device,
    })
}

/// Ends one session. A stranger's session is answered like one that does not exist.
pub(super) async fn end_one(
    State(app): State<App>,
    Profile(caller): Profile,
    headers: HeaderMap,
    Path(sid): Path<String>,
) -> Result<Response, ApiError> {
    let presented = refresh_token(&app, &headers);
    let is_of_cookie = app
        .blocking(move |parts| {
            parts.store.attempt(&*parts.clock, |transaction, now| {
                let session = store::find_session(transaction, &sid)?
                    .filter(|session| session.user.sub == caller.sub)
                    .ok_or(ApiError::not_found("There is no such session."))?;
                store::end_session(transaction, &session, EndReason::EndedByUser, now)?;
                let of_cookie = match presented {
                    Some(token) => store::session_of_token(transaction, &token)?,
                    None => None,
                };
                Ok::<_, ApiError>(of_cookie.is_some_and(|cookie| cookie.sid == session.sid))
            })
        })
        .await?;
    let response = StatusCode::NO_CONTENT.into_response();
    Ok(clear_cookie_if(is_of_cookie, &app, response))
}

/// Ends all sessions of the user, or all but the one that asks.
pub(super) async fn end_all(
    State(app): State<App>,
    Profile(caller): Profile,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let keeps_current = match query.as_deref() {
        None | Some("") => false,
        Some("keep=current") => true,
        Some(_) => {
            let description = "The query is empty, or keep=current.";
            return Err(ApiError::invalid_request(description));
        }
    };
    let ended = app
        .blocking(move |parts| {
            Ok(parts.store.write(&*parts.clock, |transaction, now| {
                let mut sessions = store::live_sessions_of(transaction, &caller.sub, now)?;
                sessions.retain(|session| !keeps_current || session.sid != caller.sid);
                store::end_all(transaction, sessions, EndReason::EndedByUser, now)
            })?)
        })
        .await?
        .len();
    let response = Json(Ended { ended }).into_response();
    Ok(clear_cookie_if(!keeps_current, &app, response))
}

fn clear_cookie_if(ended: bool, app: &App, response: Response) -> Response {
    if ended {
        with_cookie(response, app.refresh_cookie().clear())
    } else {
        response
    }
}
