//! What a rule measures.

use std::fmt;

use rusqlite::Connection;
use serde::Serialize;

use super::rule::Rule;
use crate::report::{Renewals, Window};
use crate::store::StoreError;

/// How much of something there was within the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// How many of those that the rule looks for.
    pub part: i64,
    /// Of how many; `null` where the rule counts and does not compare.
    pub whole: Option<i64>,
}

impl fmt::Display for Measure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.whole {
            Some(whole) => write!(formatter, "{} of {whole}", self.part),
            None => write!(formatter, "{}", self.part),
        }
    }
}

impl Measure {
    pub(super) fn take(
        connection: &Connection,
        rule: Rule,
        window: Window,
    ) -> Result<Self, StoreError> {
        let query = match rule {
            Rule::RenewalFailures => {
                let renewals = Renewals::read(connection, window)?;
                return Ok(Self {
                    part: renewals.failed,
                    whole: Some(renewals.succeeded + renewals.failed),
                });
            }
            Rule::ReuseAlarms => {
                "SELECT count(*), NULL FROM audit WHERE kind = 'reuse-detected' AND at >= ?1"
            }
            // Browsers whose session was ended ask once more with its token: that is no failure.
            Rule::TokenRefusals => {
                "SELECT count(*), NULL FROM audit
                 WHERE kind = 'token-refused' AND detail <> 'session-ended' AND at >= ?1"
            }
            Rule::SignInRefusals => {
                "SELECT count(*) FILTER (WHERE kind <> 'sign-in'), count(*) FROM audit
                 WHERE kind IN ('sign-in', 'sign-in-failed', 'sign-in-blocked') AND at >= ?1"
            }
            Rule::StepUpRefusals => {
                "SELECT count(*) FILTER (WHERE kind <> 'step-up'), count(*) FROM audit
                 WHERE kind IN ('step-up', 'step-up-failed', 'step-up-blocked') AND at >= ?1"
            }
            Rule::NewPlaces => {
                "SELECT count(*) FILTER (WHERE is_new_place), count(*) FROM sign_ins
                 WHERE at >= ?1"
            }
            Rule::ForcedEnds => {
                "SELECT forced, forced + (SELECT count(*) FROM sessions WHERE end_reason IS NULL)
                 FROM (SELECT count(*) AS forced FROM audit
                       WHERE kind = 'session-ended' AND at >= ?1
                         AND detail NOT IN ('signed-out', 'expired', 'replaced', 'idle-timeout'))"
            }
            // Of strangers' entries there could be any number.
            Rule::FailingTabs => {
                "SELECT count(DISTINCT tab) FILTER (WHERE type = 'renewal-failed'),
                        count(DISTINCT tab)
                 FROM client_entries
                 WHERE type IN ('renewed', 'renewal-failed') AND sid IS NOT NULL
                   AND received_at >= ?1"
            }
        };
        Ok(connection.query_row(query, [window.since_millis()], |row| {
            Ok(Self {
                part: row.get(0)?,
                whole: row.get(1)?,
            })
        })?)
    }
}
