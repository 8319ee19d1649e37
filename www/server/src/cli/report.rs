//! `sample-server report`.

use std::io::Write as _;

use clap::Args;

use super::database::Database;
use super::report_text;
use crate::app::StartError;
use crate::report::Question;
use crate::span::parse_lifetime;

#[derive(Args)]
pub(super) struct ReportCommand {
    /// What is asked; everything where absent.
    question: Vec<Question>,
    /// Over the last so long, such as 90m or 7d. Alerts have a window of their own.
    #[arg(long, value_name = "SPAN", value_parser = parse_lifetime, default_value = "24h")]
    window: i64,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl ReportCommand {
    pub(super) fn run(self) -> Result<(), StartError> {
        let observer = self.database.observe()?;
        let questions = match self.question.as_slice() {
            [] => &Question::ALL,
            asked => asked,
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
