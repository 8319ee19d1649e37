//! Access tokens that were refused: validation failures, by reason.

use rusqlite::Connection;
use serde::Serialize;

use super::counted::{Counted, by_detail, counted, total};
use super::{Window, clients};
use crate::store::StoreError;

/// Access tokens that were refused.
#[derive(Clone, Debug, Serialize)]
pub struct TokenRefusals {
    /// How many the API refused.
    pub total: i64,
    /// How many the API refused, by reason.
    pub by_api: Vec<Counted>,
    /// How many pages say that they refused, by reason.
    pub by_pages: Vec<Counted>,
    /// Requests that were refused for where they came from, before any token was looked at.
    pub requests_refused: Vec<Counted>,
}

impl TokenRefusals {
    pub(crate) fn read(connection: &Connection, window: Window) -> Result<Self, StoreError> {
        let by_api = by_detail(connection, "token-refused", window.since_millis)?;
        let requests_refused = counted(
            connection,
            "SELECT substr(detail, 1, instr(detail || ' ', ' ') - 1), count(*) FROM audit
             WHERE kind = 'request-refused' AND at >= ?1 GROUP BY 1 ORDER BY 2 DESC, 1",
            [window.since_millis],
        )?;
        Ok(Self {
            total: total(&by_api),
            by_api,
            by_pages: clients::by_member(connection, window, "token-rejected", "reason")?,
            requests_refused,
        })
    }
}
