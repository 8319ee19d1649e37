//! `sample-server audit`.

use clap::Args;

use super::database::Database;
use super::listing::print_all;
use crate::app::StartError;
use crate::span::parse_lifetime;
use crate::store::{AuditEntry, AuditFilter, ClientEntry};

#[derive(Args)]
pub(super) struct Audit {
    #[command(flatten)]
    database: Database,
    /// About this user alone, by the name that the user signs in with.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// About this session alone, by the claim sid of its tokens.
    #[arg(long, value_name = "SID", allow_hyphen_values = true)]
    session: Option<String>,
    /// Of this kind alone, such as reuse-detected.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Of the last so long, such as 90m or 7d; all where absent.
    #[arg(long, value_name = "SPAN", value_parser = parse_lifetime)]
    window: Option<i64>,
    /// What pages told at /audit, in place of what the server wrote down.
    #[arg(long)]
    clients: bool,
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(self) -> Result<(), StartError> {
        let observer = self.database.observe()?;
        let filter = AuditFilter {
            sub: self.user.map(|name| observer.sub_of(&name)).transpose()?,
            sid: self.session,
            kind: self.kind,
            since_millis: self.window.map(|seconds| observer.millis_ago(seconds)),
        };
        if self.clients {
            print_all(&observer.client_entries(&filter)?, self.json, client_line)
        } else {
            print_all(&observer.audit(&filter)?, self.json, line)
        }
    }
}

fn or_dash(text: Option<&String>) -> &str {
    text.map_or("-", String::as_str)
}

fn line(entry: &AuditEntry) -> String {
    let line = format!(
        "{:>5}  {}  {:<22}  {:<22}  {:<10}  {}",
        entry.id,
        entry.at,
        entry.kind,
        or_dash(entry.sid.as_ref()),
        or_dash(entry.sub.as_ref()),
        entry.detail.as_deref().unwrap_or_default(),
    );
    line.trim_end().to_owned()
}

fn client_line(entry: &ClientEntry) -> String {
    format!(
        "{}  {}  {:>5}  {:<18}  {:<22}  {:<10}  {}",
        entry.received_at,
        entry.tab,
        entry.sequence,
        entry.r#type,
        or_dash(entry.sid.as_ref()),
        or_dash(entry.sub.as_ref()),
        entry.detail,
    )
}
