//! The sensitive action, which a password alone does not allow.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::bearer::Bearer;
use crate::access_token::Claims;
use crate::app::App;
use crate::clock::Timestamp;
use crate::crypto;
use crate::deception::may_deceive;
use crate::proof::{ACR_STEPPED_UP, SCOPE_PAYMENTS};
use crate::store::{self, AuditKind};

/// How long ago the user may have proved the second factor.
const MAX_AGE_SECONDS: i64 = 300;
const MOST_CENTS: u32 = 1_000_000;
const LONGEST_PAYEE_CHARACTERS: usize = 70;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    payee: String,
    amount_cents: u32,
}

impl Order {
    fn is_sound(&self) -> bool {
        let length = self.payee.trim().chars().count();
        (1..=LONGEST_PAYEE_CHARACTERS).contains(&length)
            && !may_deceive(&self.payee)
            && (1..=MOST_CENTS).contains(&self.amount_cents)
    }
}

#[derive(Serialize)]
pub(super) struct Payment {
    payment_id: String,
    payee: String,
    amount_cents: u32,
    acr: String,
    auth_time: i64,
}

pub(super) async fn pay(
    State(app): State<App>,
    Bearer(caller): Bearer,
    body: Result<Json<Order>, JsonRejection>,
) -> Result<(StatusCode, Json<Payment>), ApiError> {
    if !is_stepped_up(&caller, app.now()) {
        return Err(ApiError::insufficient_user_authentication(
            ACR_STEPPED_UP,
            MAX_AGE_SECONDS,
        ));
    }
    let order = body.ok().map(|Json(order)| order).filter(Order::is_sound);
    let Some(Order {
        payee,
        amount_cents,
    }) = order
    else {
        let description = "The body is JSON with the members payee, of 70 characters at most and \
                           none that controls others, and amount_cents, from 1 to 1000000.";
        return Err(ApiError::invalid_request(description));
    };
    let payment = Payment {
        payment_id: crypto::random_id().map_err(|error| ApiError::internal(&error))?,
        payee,
        amount_cents,
        acr: caller.acr.clone(),
        auth_time: caller.auth_time,
    };
    app.blocking(move |parts| {
        Ok(parts.store.write(&*parts.clock, |transaction, now| {
            store::record(transaction, now, AuditKind::Payment, Some(&caller), "")
        })?)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(payment)))
}

fn is_stepped_up(caller: &Claims, now: Timestamp) -> bool {
    caller.acr == ACR_STEPPED_UP
        && caller.has_scope(SCOPE_PAYMENTS)
        && now.seconds() - caller.auth_time <= MAX_AGE_SECONDS
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// No one of them stands for the others.
    #[test]
    fn level_scope_and_age_are_wanted() {
        let claims = |acr: &str, scope: &str, auth_time: i64| -> Claims {
            let mut claims = json!({ "acr": acr, "scope": scope, "auth_time": auth_time });
            for member in ["iss", "aud", "sub", "sid", "jti", "name"] {
                claims[member] = Value::from("x");
            }
            claims["role"] = Value::from("customer");
            claims["iat"] = Value::from(1000);
            claims["exp"] = Value::from(2000);
            serde_json::from_value(claims).unwrap()
        };
        let now = Timestamp::from_millis(1_300_000);
        for (acr, scope, auth_time, enough) in [
            ("aal2", "payments", 1000, true),
            ("aal2", "profile payments", 1300, true),
            ("aal1", "payments", 1300, false),
            ("aal2", "profile", 1300, false),
            ("aal2", "payments-not", 1300, false),
            ("aal2", "payments", 999, false),
        ] {
            let caller = claims(acr, scope, auth_time);
            assert_eq!(
                is_stepped_up(&caller, now),
                enough,
                "{acr} {scope} {auth_time}"
            );
        }
    }
}
