//! How renewals went.

use rusqlite::Connection;
use serde::Serialize;

use super::Window;
use crate::store::StoreError;

/// What an outcome says of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The browser has its next token.
    Succeeded,
    /// Somebody who should have been renewed was not.
    Failed,
    /// There was nothing to renew: nobody was signed in, or the session had ended as it should.
    Moot,
}

impl Verdict {
    /// The verdict as reports name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Moot => "moot",
        }
    }
}

/// How some renewals went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// In the words of the trail.
    pub outcome: String,
    /// Whether that counts for or against the rate.
    pub verdict: Verdict,
    /// How many.
    pub count: i64,
}

/// How renewals went.
#[derive(Clone, Debug, Serialize)]
pub struct Renewals {
    /// Of those that succeeded or failed, the share that succeeded, from 0 to 1; `null` of none.
    pub success_rate: Option<f64>,
    /// How many succeeded.
    pub succeeded: i64,
    /// How many failed.
    pub failed: i64,
    /// How many had nothing to renew.
    pub moot: i64,
    /// All of them, by how they went.
    pub outcomes: Vec<Outcome>,
}

impl Renewals {
    pub(crate) fn read(connection: &Connection, window: Window) -> Result<Self, StoreError> {
        let mut statement = connection.prepare(
            "SELECT kind, detail, count(*) FROM audit
             WHERE at >= ?1 AND (kind IN ('renewal', 'renewal-repeated', 'renewal-refused',
                                          'renewal-failed')
                OR (kind = 'fault-injected' AND detail LIKE '%-before /auth/refresh'
                    AND detail NOT LIKE 'delay-%'))
             GROUP BY kind, detail ORDER BY 3 DESC, kind, detail",
        )?;
        let mut rows = statement.query([window.since_millis])?;
        let mut outcomes = Vec::new();
        while let Some(row) = rows.next()? {
            let (kind, detail): (String, Option<String>) = (row.get(0)?, row.get(1)?);
            let (outcome, verdict) = read_outcome(&kind, detail.as_deref().unwrap_or_default());
            outcomes.push(Outcome {
                outcome,
                verdict,
                count: row.get(2)?,
            });
        }
        let sum = |verdict| {
            let of_it = outcomes.iter().filter(|outcome| outcome.verdict == verdict);
            of_it.map(|outcome| outcome.count).sum::<i64>()
        };
        let (succeeded, failed) = (sum(Verdict::Succeeded), sum(Verdict::Failed));
        Ok(Self {
            success_rate: share(succeeded, succeeded + failed),
            succeeded,
            failed,
            moot: sum(Verdict::Moot),
            outcomes,
        })
    }
}

/// Also a fault that was armed is a failure of the server; one that comes after its work is not
/// counted, for the renewal itself is.
fn read_outcome(kind: &str, detail: &str) -> (String, Verdict) {
    let verdict = match (kind, detail) {
        ("renewal" | "renewal-repeated", _) => Verdict::Succeeded,
        ("renewal-refused", "no-cookie" | "session-ended" | "session-expired" | "session-idle") => {
            Verdict::Moot
        }
        _ => Verdict::Failed,
    };
    let fault = detail.strip_suffix("-before /auth/refresh");
    let outcome = match (kind, fault) {
        ("fault-injected", Some(fault)) => format!("fault: {fault}"),
        _ if detail.is_empty() => kind.to_owned(),
        _ => format!("{kind}: {detail}"),
    };
    (outcome, verdict)
}

/// A part of a whole; of nothing there is no part.
#[allow(clippy::cast_precision_loss)] // Counts of rows are far below 2^53.
pub(super) fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
