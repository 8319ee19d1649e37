//! `sample-server report`.

use std::io::Write as _;

use clap::{Args, ValueEnum};

use super::database::Database;
use super::report_text;
use crate::app::StartError;
use crate::report::Question;
use crate::span::parse_lifetime;

#[derive(Args)]
pub(super) struct ReportCommand {
    /// What is asked; everything where absent.
    question: Vec<Asked>,
    /// Over the last so long, such as 90m or 7d. Alerts have a window of their own.
    #[arg(long, value_name = "SPAN", value_parser = parse_lifetime, default_value = "24h")]
    window: i64,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

#[derive(Clone, Copy, ValueEnum)]
enum Asked {
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

impl From<Asked> for Question {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::Alerts => Self::Alerts,
            Asked::Renewals => Self::Renewals,
            Asked::TokenRefusals => Self::TokenRefusals,
            Asked::ReuseAlarms => Self::ReuseAlarms,
            Asked::SignIns => Self::SignIns,
            Asked::Lifetimes => Self::Lifetimes,
            Asked::Clients => Self::Clients,
        }
    }
}

impl ReportCommand {
    pub(super) fn run(self) -> Result<(), StartError> {
        let observer = self.database.observe()?;
        let asked: Vec<Question> = self.question.into_iter().map(Question::from).collect();
        let questions = if asked.is_empty() {
            &Question::ALL
        } else {
            asked.as_slice()
        };
        let report = observer.report(questions, self.window)?;
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, &report).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            write!(out, "{}", report_text::text(&report))?;
        }
        Ok(())
    }
}
