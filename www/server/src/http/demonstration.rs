//! The caller's one-time codes, so that trying things out wants no authenticator application.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::ApiError;
use super::bearer::Profile;
use crate::app::App;
use crate::clock::Timestamp;
use crate::one_time_code::STEP_SECONDS;
use crate::store;

#[derive(Serialize)]
pub(super) struct Codes {
    /// In Base32.
    secret: String,
    digits: u8,
    period: i64,
    /// A code that is accepted now; `null` where all that would be were used.
    code: Option<String>,
    /// Whole seconds until there is another one.
    next_in: i64,
}

pub(super) async fn codes(
    State(app): State<App>,
    Profile(caller): Profile,
) -> Result<Json<Codes>, ApiError> {
    if !app.config().demonstration {
        let description = "Start the server with --demonstration to be shown codes.";
        return Err(ApiError::not_found(description));
    }
    let now = app.now();
    let codes = app
        .blocking(move |parts| {
            Ok(parts.store.read(|connection| {
                let Some(stored) = store::find_user_of_sub(connection, &caller.sub)? else {
                    return Ok(None);
                };
                let last_step = store::last_code_step(connection, &caller.sub)?;
                Ok(stored.user.one_time_codes().map(|codes| (codes, last_step)))
            })?)
        })
        .await?;
    let (codes, last_step) = codes.ok_or(ApiError::not_found("The user has no codes."))?;
    let present = now.seconds() / STEP_SECONDS;
    // The server accepts the code of the next step as well.
    let unused = (present..=present + 1).find(|step| *step > last_step);
    let at = |step: i64| Timestamp::from_millis(step * STEP_SECONDS * 1000);
    Ok(Json(Codes {
        secret: codes.secret_base32(),
        digits: 6,
        period: STEP_SECONDS,
        code: unused.map(|step| codes.code_at(at(step))),
        next_in: STEP_SECONDS - now.seconds() % STEP_SECONDS,
    }))
}
