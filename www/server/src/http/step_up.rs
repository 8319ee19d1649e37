//! Step-up: a second factor, just now, for the sensitive action.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::bearer::Profile;
use super::grant::{TokenResponse, device_token, with_cookie};
use crate::app::{App, Parts};
use crate::clock::Timestamp;
use crate::proof::{Proof, SecondFactor};
use crate::store::attempts::{Attempt, CODES_OF_USER};
use crate::store::{self, AuditKind, DeviceToken, Session, SessionStatus, StoreError};

/// How long the token is good for, unless an ordinary one lives shorter.
const LIFETIME_SECONDS: i64 = 120;
/// How long a device stands in for a code.
const REMEMBERED_SECONDS: i64 = 30 * 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// Absent where a device that is remembered is to stand in for it.
    code: Option<String>,
    /// Whether this device is to stand in for a code from now on.
    #[serde(default)]
    remember: bool,
    /// What the token is to be good for beside the sensitive action, as far as the session's own
    /// is: a client that goes on with it for everything wants the session's.
    #[serde(default)]
    scope: String,
}

#[derive(Serialize)]
pub(super) struct Answer {
    #[serde(flatten)]
    token: TokenResponse,
    /// In seconds since the epoch; absent where the device is not remembered.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_remembered_until: Option<i64>,
}

/// Why there is no step-up.
enum Refusal {
    WrongCode,
    UsedCode,
    NotRemembered,
    Blocked { retry_after_seconds: i64 },
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::WrongCode | Refusal::UsedCode => Self::wrong_code(),
            Refusal::NotRemembered => Self::code_wanted(),
            Refusal::Blocked {
                retry_after_seconds,
            } => Self::too_many_attempts(retry_after_seconds),
        }
    }
}

pub(super) async fn step_up(
    State(app): State<App>,
    Profile(caller): Profile,
    headers: HeaderMap,
    body: Result<Json<Order>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Ok(Json(order)) = body else {
        let description =
            "The body is JSON with the members code, remember and scope, all optional.";
        return Err(ApiError::invalid_request(description));
    };
    let presented = device_token(&app, &headers);
    let (answer, device_token) = app
        .blocking(move |parts| {
            parts.store.write(&*parts.clock, |transaction, now| {
                let session = store::find_session(transaction, &caller.sid)?
                    .filter(|session| session.status(now) == SessionStatus::Live);
                let Some(session) = session else {
                    return Ok(Err(ApiError::invalid_token()));
                };
                // Also what is refused is committed: it counts.
                Ok(
                    match prove(transaction, &session, &order, presented.as_ref(), now)? {
                        Ok(proved) => proved.answer(parts, &session, &order.scope, now),
                        Err(refusal) => Err(refusal.into()),
                    },
                )
            })?
        })
        .await?;
    let response = Json(answer).into_response();
    Ok(match device_token {
        Some(token) => {
            let set_cookie = app
                .device_cookie()
                .store(&token.to_text(), REMEMBERED_SECONDS);
            with_cookie(response, set_cookie)
        }
        None => response,
    })
}

/// From now on none of the user's devices stands in for a code.
pub(super) async fn forget_devices(
    State(app): State<App>,
    Profile(caller): Profile,
) -> Result<Response, ApiError> {
    app.blocking(move |parts| {
        Ok(parts.store.write(&*parts.clock, |transaction, now| {
            if !store::forget_devices_of(transaction, &caller.sub, now)? {
                return Ok(());
            }
            let kind = AuditKind::DevicesForgotten;
            store::record(transaction, now, kind, Some(&caller), "")
        })?)
    })
    .await?;
    let response = StatusCode::NO_CONTENT.into_response();
    Ok(with_cookie(response, app.device_cookie().clear()))
}

struct Proved {
    factor: SecondFactor,
    remembered_until: Option<i64>,
    /// The token of a device that is remembered from now on.
    device_token: Option<DeviceToken>,
}

impl Proved {
    fn answer(
        self,
        parts: &Parts,
        session: &Session,
        wanted: &str,
        now: Timestamp,
    ) -> Result<(Answer, Option<DeviceToken>), ApiError> {
        let role = session.user.role;
        let proof = Proof::of_step_up(self.factor, role, wanted, now);
        let lifetime_seconds = LIFETIME_SECONDS.min(parts.config.lifetimes(role).access_seconds);
        let answer = Answer {
            token: TokenResponse::new(parts, session, &proof, lifetime_seconds, now)?,
            device_remembered_until: self.remembered_until,
        };
        Ok((answer, self.device_token))
    }
}

fn prove(
    connection: &Connection,
    session: &Session,
    order: &Order,
    presented: Option<&DeviceToken>,
    now: Timestamp,
) -> Result<Result<Proved, Refusal>, StoreError> {
    let record = |kind, detail| store::record(connection, now, kind, Some(session), detail);
    // A session is bound to the device that it began on: the cookie of another says nothing.
    let device_id = session.device_id.as_deref();

    let Some(code) = &order.code else {
        let remembered_until = match (device_id, presented) {
            (Some(id), Some(token)) => store::remembered_until(connection, id, token, now)?,
            _ => None,
        };
        if remembered_until.is_none() {
            return Ok(Err(Refusal::NotRemembered));
        }
        record(AuditKind::StepUp, "remembered-device")?;
        return Ok(Ok(Proved {
            factor: SecondFactor::RememberedDevice,
            remembered_until,
            device_token: None,
        }));
    };

    if let Err(refusal) = try_code(connection, session, code, now)? {
        let detail = match refusal {
            Refusal::UsedCode => "used-code",
            _ => "wrong-code",
        };
        if !matches!(refusal, Refusal::Blocked { .. }) {
            record(AuditKind::StepUpFailed, detail)?;
        }
        return Ok(Err(refusal));
    }
    record(AuditKind::StepUp, "code")?;
    store::note_use(connection, session, now.seconds(), now)?;
    let mut proved = Proved {
        factor: SecondFactor::OneTimeCode,
        remembered_until: None,
        device_token: None,
    };
    if let Some(id) = device_id.filter(|_| order.remember) {
        let until = now.seconds() + REMEMBERED_SECONDS;
        proved.device_token = Some(store::remember(connection, id, until)?);
        proved.remembered_until = Some(until);
        record(AuditKind::DeviceRemembered, "")?;
    }
    Ok(Ok(proved))
}

/// Counts the attempt, and uses the code up.
fn try_code(
    connection: &Connection,
    session: &Session,
    code: &str,
    now: Timestamp,
) -> Result<Result<(), Refusal>, StoreError> {
    let user = &session.user;
    let subject = user.sub.as_bytes();
    if let Attempt::Blocked {
        retry_after_seconds,
        first,
    } = CODES_OF_USER.count(connection, subject, now)?
    {
        if first {
            let kind = AuditKind::StepUpBlocked;
            store::record(connection, now, kind, Some(session), "")?;
        }
        return Ok(Err(Refusal::Blocked {
            retry_after_seconds,
        }));
    }
    let codes = user.one_time_codes();
    let Some(step) = codes.and_then(|codes| codes.step_of(code, now)) else {
        return Ok(Err(Refusal::WrongCode));
    };
    if !store::use_code_step(connection, &user.sub, step)? {
        return Ok(Err(Refusal::UsedCode));
    }
    CODES_OF_USER.forgive(connection, subject)?;
    Ok(Ok(()))
}
