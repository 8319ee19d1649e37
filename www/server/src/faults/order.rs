//! The strict reading of what is to be armed.

use std::num::NonZeroU32;

use serde::Deserialize;

use super::fault::{Delay, Fault, Garbage, Kind, Moment, Plain, Scope, Status, Target};

/// A fault as it is written: a kind is the member of its name, and so is the scope.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Order {
    #[serde(default)]
    path: Target,
    requests: Option<NonZeroU32>,
    seconds: Option<NonZeroU32>,
    status: Option<Status>,
    delay: Option<Delay>,
    hang: Option<Moment>,
    drop: Option<Moment>,
    body: Option<Garbage>,
    same_token: Option<Plain>,
    redirect: Option<Moment>,
}

/// Why an order is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum OrderError {
    #[error(
        "exactly one of the members status, delay, hang, drop, body, sameToken and redirect says what goes wrong; there are {0}"
    )]
    Kinds(usize),
    #[error("exactly one of the members requests and seconds says for how long")]
    Scope,
    #[error("sameToken is a fault of /auth/refresh only: nothing else hands out a token again")]
    SameTokenElsewhere,
}

impl TryFrom<Order> for Fault {
    type Error = OrderError;

    fn try_from(order: Order) -> Result<Self, OrderError> {
        let scope = match (order.requests, order.seconds) {
            (Some(requests), None) => Scope::Requests(requests),
            (None, Some(seconds)) => Scope::Seconds(seconds),
            _ => return Err(OrderError::Scope),
        };
        let kinds = [
            order.status.map(Kind::Status),
            order.delay.map(Kind::Delay),
            order.hang.map(Kind::Hang),
            order.drop.map(Kind::Drop),
            order.body.map(Kind::Body),
            order.same_token.map(Kind::SameToken),
            order.redirect.map(Kind::Redirect),
        ];
        let mut kinds: Vec<Kind> = kinds.into_iter().flatten().collect();
        let kind = match (kinds.pop(), kinds.len()) {
            (Some(kind), 0) => kind,
            (None, _) => return Err(OrderError::Kinds(0)),
            (Some(_), others) => return Err(OrderError::Kinds(others + 1)),
        };
        if matches!(kind, Kind::SameToken(_)) && order.path != Target::Renewal {
            return Err(OrderError::SameTokenElsewhere);
        }
        Ok(Self {
            path: order.path,
            scope,
            kind,
        })
    }
}
