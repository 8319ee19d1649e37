//! `sample-server audit`.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::DEFAULT_DATABASE;
use crate::app::{App, StartError};
use crate::store::AuditEntry;

#[derive(Args)]
pub(super) struct Audit {
    /// The database file.
    #[arg(long, value_name = "PATH", default_value = DEFAULT_DATABASE)]
    database: PathBuf,
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(self) -> Result<(), StartError> {
        let entries = App::read_audit(&self.database)?;
        let mut out = std::io::stdout().lock();
        for entry in &entries {
            if self.json {
                writeln!(
                    out,
                    "{}",
                    serde_json::to_string(entry).map_err(std::io::Error::from)?
                )?;
            } else {
                writeln!(out, "{}", line(entry))?;
            }
        }
        Ok(())
    }
}

fn line(entry: &AuditEntry) -> String {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    format!(
        "{:>5}  {}  {:<22}  {:<22}  {:<10}  {}",
        entry.id,
        entry.at,
        entry.kind,
        or_dash(&entry.sid),
        or_dash(&entry.sub),
        entry.detail.as_deref().unwrap_or_default(),
    )
}
