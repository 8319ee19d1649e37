//! What an operator does: `sample-server end` and `sample-server rotate-key`.

use std::io::Write as _;

use clap::Args;

use super::database::Database;
use crate::app::StartError;
use crate::operator::Operator;
use crate::span::parse_overlap;
use crate::store::{Cohort, CohortError, EndedSession};

#[derive(Args)]
pub(super) struct End {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    database: Database,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// One session, by the claim sid of its tokens.
    #[arg(long, value_name = "SID", allow_hyphen_values = true)]
    session: Option<String>,
    /// All sessions of a user, by the name that the user signs in with.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// All sessions whose user signed in before an instant, such as 2026-01-01T00:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    signed_in_before: Option<String>,
    /// All sessions whose user signed in while this key signed, by its kid.
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    under_key: Option<String>,
}

impl Which {
    fn cohort(self, operator: &Operator) -> Result<Cohort, StartError> {
        let Self {
            session,
            user,
            signed_in_before,
            under_key,
        } = self;
        let instant = |text: String| match operator.instant(&text)? {
            Some(seconds) => Ok(Cohort::SignedInBefore(seconds)),
            None => Err(StartError::Usage(format!(
                "\"{text}\" is not an instant such as 2026-01-01T00:00:00Z"
            ))),
        };
        session
            .map(|sid| Ok(Cohort::Session(sid)))
            .or_else(|| user.map(|name| Ok(Cohort::User(name))))
            .or_else(|| under_key.map(|kid| Ok(Cohort::UnderKey(kid))))
            .or_else(|| signed_in_before.map(instant))
            .unwrap_or_else(|| Err(StartError::Usage("no sessions are named".to_owned())))
    }
}

impl End {
    pub(super) fn run(self) -> Result<(), StartError> {
        let operator = self.database.operate()?;
        let cohort = self.which.cohort(&operator)?;
        let ended = operator.end(&cohort).map_err(|error| match error {
            CohortError::Store(error) => StartError::Store(error),
            unknown => StartError::Cohort(unknown),
        })?;
        let mut out = std::io::stdout().lock();
        for EndedSession { sid, sub } in &ended {
            writeln!(out, "ended session {sid} of {sub}")?;
        }
        match ended.len() {
            0 => writeln!(out, "no session was left to end")?,
            1 => writeln!(out, "1 session ended")?,
            many => writeln!(out, "{many} sessions ended")?,
        }
        Ok(())
    }
}

#[derive(Args)]
pub(super) struct RotateKey {
    /// For how long the old key's tokens are good still, such as 0s or 15m; 24h at most.
    #[arg(long, value_name = "SPAN", value_parser = parse_overlap, default_value = "1h")]
    overlap: i64,
    #[command(flatten)]
    database: Database,
}

impl RotateKey {
    pub(super) fn run(self) -> Result<(), StartError> {
        let operator = self.database.operate()?;
        let rotation = operator.rotate_key(self.overlap)?;
        let until = operator.shown_instant(rotation.old_retires_at_seconds)?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "key {} signs from now on", rotation.new_kid)?;
        writeln!(
            out,
            "tokens of key {} are good until {until}",
            rotation.old_kid
        )?;
        Ok(())
    }
}
