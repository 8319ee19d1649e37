//! `sample-server sessions` and `sample-server keys`: what an operator's command can name.

use std::io::Write as _;

use clap::Args;
use serde::Serialize;

use super::database::Database;
use crate::app::StartError;
use crate::report::{ListedKey, ListedSession, plural};

#[derive(Args)]
pub(super) struct Sessions {
    /// Of this user alone, by the name that the user signs in with.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Sessions {
    pub(super) fn run(self) -> Result<(), StartError> {
        let observer = self.database.observe()?;
        let sub = self.user.map(|name| observer.sub_of(&name)).transpose()?;
        let sessions = observer.sessions(sub.as_deref())?;
        if !self.json && sessions.is_empty() {
            writeln!(std::io::stdout(), "no session stands")?;
        }
        print_all(&sessions, self.json, session_line)
    }
}

fn session_line(session: &ListedSession) -> String {
    let news = match (session.is_new_device, session.is_new_place) {
        (true, true) => "new device, new place",
        (true, false) => "new device",
        (false, true) => "new place",
        (false, false) => "",
    };
    let line = format!(
        "{}  {:<10}  signed in {}  last used {}  {}, {}  {news}",
        session.sid,
        session.sub,
        session.started_at,
        session.last_used_at,
        session.device.as_deref().unwrap_or("an unknown browser"),
        session.place.as_deref().unwrap_or("an unknown place"),
    );
    line.trim_end().to_owned()
}

#[derive(Args)]
pub(super) struct Keys {
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Keys {
    pub(super) fn run(self) -> Result<(), StartError> {
        let keys = self.database.observe()?.keys()?;
        print_all(&keys, self.json, key_line)
    }
}

fn key_line(key: &ListedKey) -> String {
    let fate = match &key.retires_at {
        None => "signs".to_owned(),
        Some(instant) => format!("is good until {instant}"),
    };
    let sessions = plural(key.live_sessions, "session", "sessions");
    format!("{}  made {}  {fate}  {sessions}", key.kid, key.created_at)
}

/// Prints one line for each.
pub(super) fn print_all<T: Serialize>(
    things: &[T],
    as_json: bool,
    line: impl Fn(&T) -> String,
) -> Result<(), StartError> {
    let mut out = std::io::stdout().lock();
    for thing in things {
        let text = if as_json {
            serde_json::to_string(thing).map_err(std::io::Error::from)?
        } else {
            line(thing)
        };
        writeln!(out, "{text}")?;
    }
    Ok(())
}
