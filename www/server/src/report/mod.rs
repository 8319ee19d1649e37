//! The operator's questions, answered from the audit trail and what goes with it.

mod clients;
mod counted;
mod lifetimes;
mod listing;
mod renewals;
mod reuse;
mod sign_ins;
mod spread;
mod token_refusals;
mod words;

use rusqlite::Connection;
use serde::Serialize;

use crate::alerts::{self, Standing};
use crate::clock::Timestamp;
use crate::store::{StoreError, rfc3339};

pub use clients::{Clients, ClockSkew};
pub use counted::Counted;
pub use lifetimes::{Lifetimes, RoleLifetimes, Used};
pub use listing::{ListedKey, ListedSession};
pub(crate) use listing::{live_sessions, signing_keys};
pub use renewals::{Outcome, Renewals, Verdict};
pub use reuse::{ReuseAlarm, ReuseAlarms};
pub use sign_ins::{NewcomerSession, SignIns};
pub use spread::Spread;
pub use token_refusals::TokenRefusals;
pub(crate) use words::{in_percent, in_words, plural, skew_in_words};

/// How many sessions are named at most; the counts are of all.
const MOST_NAMED: i64 = 50;

/// From when until when something is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    since_millis: i64,
    now: Timestamp,
}

impl Window {
    /// The last so many seconds.
    pub(crate) fn last(seconds: i64, now: Timestamp) -> Self {
        Self {
            since_millis: now.millis().saturating_sub(seconds.saturating_mul(1000)),
            now,
        }
    }

    pub(crate) const fn since_millis(self) -> i64 {
        self.since_millis
    }
}

/// One of the operator's questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Question {
    /// Which rates have left their bounds?
    Alerts,
    /// How many renewals succeed, and what becomes of the others?
    Renewals,
    /// Which access tokens are refused, by reason?
    TokenRefusals,
    /// Whose used refresh token was presented again?
    ReuseAlarms,
    /// Who signs in, who is refused, and which sessions are from a new device or place?
    SignIns,
    /// How long do access tokens and sessions really live?
    Lifetimes,
    /// What do pages tell?
    Clients,
}

impl Question {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::Alerts,
        Self::Renewals,
        Self::TokenRefusals,
        Self::ReuseAlarms,
        Self::SignIns,
        Self::Lifetimes,
        Self::Clients,
    ];
}

/// The answers to the questions that were asked.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// From then on, in RFC 3339.
    pub since: String,
    /// Until then.
    pub until: String,
    /// How the rates stand that are watched, each over its own window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Vec<Standing>>,
    /// How renewals went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewals: Option<Renewals>,
    /// The access tokens that the API refused, by reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_refusals: Option<TokenRefusals>,
    /// The sessions whose used refresh token was presented again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reuse_alarms: Option<ReuseAlarms>,
    /// Who signed in, and what was new about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_ins: Option<SignIns>,
    /// How long access tokens and sessions lived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetimes: Option<Lifetimes>,
    /// What pages told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<Clients>,
}

impl Report {
    /// Answers these questions over the last so many seconds.
    pub(crate) fn read(
        connection: &Connection,
        questions: &[Question],
        window_seconds: i64,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let window = Window::last(window_seconds, now);
        let mut report = Self {
            since: rfc3339(connection, window.since_millis.max(0) / 1000)?,
            until: rfc3339(connection, now.seconds())?,
            alerts: None,
            renewals: None,
            token_refusals: None,
            reuse_alarms: None,
            sign_ins: None,
            lifetimes: None,
            clients: None,
        };
        for question in questions {
            match question {
                Question::Alerts => report.alerts = Some(alerts::standings(connection, now)?),
                Question::Renewals => report.renewals = Some(Renewals::read(connection, window)?),
                Question::TokenRefusals => {
                    report.token_refusals = Some(TokenRefusals::read(connection, window)?);
                }
                Question::ReuseAlarms => {
                    report.reuse_alarms = Some(ReuseAlarms::read(connection, window)?);
                }
                Question::SignIns => report.sign_ins = Some(SignIns::read(connection, window)?),
                Question::Lifetimes => {
                    report.lifetimes = Some(Lifetimes::read(connection, window)?);
                }
                Question::Clients => report.clients = Some(Clients::read(connection, window)?),
            }
        }
        Ok(report)
    }
}
