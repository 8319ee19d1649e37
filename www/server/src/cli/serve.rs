//! `sample-server serve`, which is also what it does without a command.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::DEFAULT_DATABASE;
use crate::alerts::{AlertConfig, Bound, Rule};
use crate::app::{App, StartError};
use crate::clock::SystemClock;
use crate::config::{Config, PasswordCost};
use crate::serve::serve;
use crate::span::{parse_lifetime, parse_signed};

#[derive(Args)]
pub(super) struct Serve {
    /// The port on the loopback addresses; 0 picks a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The database file, created when absent.
    #[arg(long, value_name = "PATH", default_value = DEFAULT_DATABASE)]
    database: PathBuf,
    /// An access token's lifetime for every role, such as 10s or 15m.
    #[arg(long, value_name = "SPAN", value_parser = parse_lifetime)]
    access_lifetime: Option<i64>,
    /// A session's lifetime for every role, such as 10m or 12h.
    #[arg(long, value_name = "SPAN", value_parser = parse_lifetime)]
    session_lifetime: Option<i64>,
    /// For how long a user may do nothing, such as 30m; off where absent.
    #[arg(long, value_name = "SPAN", value_parser = parse_lifetime)]
    idle: Option<i64>,
    /// Sets the server's clock wrong by this much, such as -2h or +5m.
    #[arg(
        long, value_name = "SPAN", value_parser = parse_signed,
        allow_hyphen_values = true, default_value = "0s"
    )]
    clock_offset: i64,
    /// Serve over TLS, with a self-signed certificate for localhost, 127.0.0.1 and ::1.
    #[arg(long)]
    tls: bool,
    /// Take orders at /faults to misbehave, from anybody on this machine: to refuse, to be late,
    /// to garble answers and to lose them. For trying out clients; see docs/server.md. Does what
    /// --demonstration does as well.
    #[arg(long)]
    faults: bool,
    /// Show users their one-time codes at /demonstration/code, and play a thief of their refresh
    /// token at /demonstration/theft.
    #[arg(long)]
    demonstration: bool,
    /// Serve the operator's page at /operator, to whom shows the token in this file; it is made
    /// where it is missing, readable by you alone.
    #[arg(long, value_name = "PATH")]
    operator_token_file: Option<PathBuf>,
    /// What a rate may be at most before an alert is raised, such as renewal-failures=5%, or
    /// reuse-alarms=0, or new-places=off; may be given several times.
    #[arg(long, value_name = "RULE=BOUND", value_parser = parse_alert)]
    alert: Vec<(Rule, Option<Bound>)>,
    /// Over how long those rates are taken, up to the present.
    #[arg(long, value_name = "SPAN", value_parser = parse_lifetime, default_value = "15m")]
    alert_window: i64,
    /// Of how many no share is judged yet.
    #[arg(
        long, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(1..),
        default_value = "20"
    )]
    alert_least: i64,
    /// The folder of the sample page.
    #[arg(long, value_name = "DIR", default_value = "www")]
    pages: PathBuf,
    /// The folder of the npm package, served under /pkg/.
    #[arg(long, value_name = "DIR", default_value = "pkg")]
    package: PathBuf,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), StartError> {
        for (flag, folder) in [("--pages", &self.pages), ("--package", &self.package)] {
            if !folder.is_dir() {
                eprintln!(
                    "warning: {flag} {}: there is no such folder",
                    folder.display()
                );
            }
        }
        let clock = SystemClock {
            offset_seconds: self.clock_offset,
        };
        let mut alerts = AlertConfig {
            window_seconds: self.alert_window,
            least_sample: self.alert_least,
            ..AlertConfig::default()
        };
        for (rule, bound) in self.alert {
            match bound {
                Some(bound) => alerts.bounds.insert(rule, bound),
                None => alerts.bounds.remove(&rule),
            };
        }
        let config = Config {
            database: self.database,
            access_seconds: self.access_lifetime,
            session_seconds: self.session_lifetime,
            idle_seconds: self.idle,
            tls: self.tls,
            pages: self.pages,
            package: self.package,
            faults: self.faults,
            demonstration: self.demonstration || self.faults,
            alerts,
            operator_token_file: self.operator_token_file,
            password_cost: PasswordCost::Recommended,
        };
        let app = App::open(config, Arc::new(clock))?;
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(serve(app, self.port))
    }
}

/// A rule with its bound; `None` is off.
fn parse_alert(text: &str) -> Result<(Rule, Option<Bound>), String> {
    let (name, bound) = text
        .split_once('=')
        .ok_or("a rule and its bound, such as renewal-failures=5%")?;
    let rule = Rule::from_name(name).ok_or_else(|| {
        let names = Rule::ALL.map(Rule::as_str).join(", ");
        format!("there is no rule \"{name}\", but {names}")
    })?;
    match bound {
        "off" => Ok((rule, None)),
        _ => Ok((rule, Some(rule.bound(bound)?))),
    }
}
