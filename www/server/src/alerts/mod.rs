//! Rates that are watched: an alert is raised once when one leaves its bound, and cleared once
//! when it is well back within it.

mod bound;
mod measure;
mod rule;

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;

use crate::clock::Timestamp;
use crate::report::Window;
use crate::store::{self, AuditKind, Session, StoreError, rfc3339};

pub use bound::Bound;
pub use measure::Measure;
pub use rule::Rule;

/// What is watched, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertConfig {
    /// The bound of each rule that is watched.
    pub bounds: BTreeMap<Rule, Bound>,
    /// Over how many seconds, up to the present.
    pub window_seconds: i64,
    /// Of fewer, no share is judged.
    pub least_sample: i64,
}

impl Default for AlertConfig {
    fn default() -> Self {
        Self {
            bounds: Rule::ALL.map(|rule| (rule, rule.default_bound())).into(),
            window_seconds: 15 * 60,
            least_sample: 20,
        }
    }
}

/// Whether an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The rate is out of its bound, or not yet well within it again.
    Raised,
    /// The rate is within its bound, or there is too little to tell.
    Clear,
}

impl State {
    /// The state as reports name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Clear => "clear",
        }
    }
}

/// How a rule stands.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// The rule.
    pub rule: Rule,
    /// Whether its alert stands.
    pub state: State,
    /// Since when it has been raised, in RFC 3339.
    pub since: Option<String>,
    /// What is measured now.
    #[serde(flatten)]
    pub measure: Measure,
    /// What it may be at most.
    pub bound: Bound,
    /// Over how many seconds.
    pub window_seconds: i64,
    /// Of fewer, no share is judged.
    pub least_sample: i64,
}

impl Standing {
    /// Whether a share is not judged, of too small a sample.
    pub fn is_too_few(&self) -> bool {
        self.measure
            .whole
            .is_some_and(|whole| whole < self.least_sample)
    }
}

/// An alert that was raised or cleared just now, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlertChange {
    /// The rule.
    pub alert: Rule,
    /// What it is from now on.
    pub state: State,
    /// When, in RFC 3339.
    pub at: String,
    /// What was measured.
    #[serde(flatten)]
    pub measure: Measure,
    /// What it may be at most.
    pub bound: Bound,
    /// Over how many seconds.
    pub window_seconds: i64,
}

/// Raises and clears what is due, writes it into the trail, and says what has changed.
pub(crate) fn evaluate(
    connection: &Connection,
    config: &AlertConfig,
    now: Timestamp,
) -> Result<Vec<AlertChange>, StoreError> {
    let window = Window::last(config.window_seconds, now);
    let mut changes = Vec::new();
    for rule in Rule::ALL {
        let stored = stored(connection, rule)?;
        let Some(bound) = config.bounds.get(&rule).copied() else {
            if stored.is_some() {
                connection.execute("DELETE FROM alerts WHERE rule = ?1", [rule.as_str()])?;
            }
            continue;
        };
        let was_raised = stored.as_ref().and_then(|stored| stored.raised_at_millis);
        let measure = Measure::take(connection, rule, window)?;
        let state = match was_raised {
            None if bound.is_left(measure, config.least_sample) => State::Raised,
            Some(_) if bound.is_regained(measure, config.least_sample) => State::Clear,
            None => State::Clear,
            Some(_) => State::Raised,
        };
        let raised_at_millis = match state {
            State::Raised => was_raised.or(Some(now.millis())),
            State::Clear => None,
        };
        let next = Stored {
            bound: bound.to_string(),
            window_seconds: config.window_seconds,
            least_sample: config.least_sample,
            raised_at_millis,
        };
        if stored.as_ref() != Some(&next) {
            store(connection, rule, &next)?;
        }
        if was_raised.is_some() != raised_at_millis.is_some() {
            let kind = match state {
                State::Raised => AuditKind::AlertRaised,
                State::Clear => AuditKind::AlertCleared,
            };
            let detail = format!("{} {measure}, at most {bound}", rule.as_str());
            store::record(connection, now, kind, None::<&Session>, &detail)?;
            changes.push(AlertChange {
                alert: rule,
                state,
                at: rfc3339(connection, now.seconds())?,
                measure,
                bound,
                window_seconds: config.window_seconds,
            });
        }
    }
    Ok(changes)
}

/// How the rules stand that the last server on this database watched.
pub(crate) fn standings(
    connection: &Connection,
    now: Timestamp,
) -> Result<Vec<Standing>, StoreError> {
    let mut standings = Vec::new();
    for rule in Rule::ALL {
        let Some(stored) = stored(connection, rule)? else {
            continue;
        };
        let window = Window::last(stored.window_seconds, now);
        let (state, since) = match stored.raised_at_millis {
            Some(millis) => (State::Raised, Some(rfc3339(connection, millis / 1000)?)),
            None => (State::Clear, None),
        };
        standings.push(Standing {
            rule,
            state,
            since,
            measure: Measure::take(connection, rule, window)?,
            bound: rule
                .bound(&stored.bound)
                .map_err(|_| StoreError::Unknown("bound of an alert"))?,
            window_seconds: stored.window_seconds,
            least_sample: stored.least_sample,
        });
    }
    Ok(standings)
}

#[derive(PartialEq, Eq)]
struct Stored {
    bound: String,
    window_seconds: i64,
    least_sample: i64,
    raised_at_millis: Option<i64>,
}

fn stored(connection: &Connection, rule: Rule) -> Result<Option<Stored>, StoreError> {
    let found = connection
        .query_row(
            "SELECT bound, window_seconds, least_sample, raised_at FROM alerts WHERE rule = ?1",
            [rule.as_str()],
            |row| {
                Ok(Stored {
                    bound: row.get(0)?,
                    window_seconds: row.get(1)?,
                    least_sample: row.get(2)?,
                    raised_at_millis: row.get(3)?,
                })
            },
        )
        .optional()?;
    Ok(found)
}

fn store(connection: &Connection, rule: Rule, stored: &Stored) -> Result<(), StoreError> {
    connection.execute(
        "INSERT OR REPLACE INTO alerts (rule, bound, window_seconds, least_sample, raised_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            rule.as_str(),
            stored.bound,
            stored.window_seconds,
            stored.least_sample,
            stored.raised_at_millis,
        ],
    )?;
    Ok(())
}
