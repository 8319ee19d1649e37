//! A report as people read it.

use std::fmt::Write as _;

use crate::alerts::{Standing, State};
use crate::report::{
    Clients, Counted, Lifetimes, Renewals, Report, ReuseAlarms, SignIns, Spread, TokenRefusals,
    Used, in_percent, in_words, plural, skew_in_words,
};

pub(super) fn text(report: &Report) -> String {
    let mut text = format!("from {} until {}\n", report.since, report.until);
    let sections = [
        report.alerts.as_deref().map(alerts),
        report.renewals.as_ref().map(renewals),
        report.token_refusals.as_ref().map(token_refusals),
        report.reuse_alarms.as_ref().map(reuse_alarms),
        report.sign_ins.as_ref().map(sign_ins),
        report.lifetimes.as_ref().map(lifetimes),
        report.clients.as_ref().map(clients),
    ];
    for section in sections.into_iter().flatten() {
        let Section { title, lines } = section;
        // Writing to a text does not fail.
        let _ = writeln!(text, "\n{title}");
        for line in lines {
            let _ = writeln!(text, "  {}", line.trim_end());
        }
    }
    text
}

struct Section {
    title: String,
    lines: Vec<String>,
}

fn alerts(standings: &[Standing]) -> Section {
    let raised = standings
        .iter()
        .filter(|standing| standing.state == State::Raised);
    let title = match (raised.count(), standings.len()) {
        (_, 0) => "alerts: no server has watched this database yet".to_owned(),
        (0, _) => "alerts: none".to_owned(),
        (count, _) => format!("alerts: {count} raised"),
    };
    let lines = standings.iter().map(|standing| {
        let since = match &standing.since {
            Some(since) => format!("since {since}"),
            None if standing.is_too_few() => "too few to judge".to_owned(),
            None => String::new(),
        };
        format!(
            "{:<7}{:<17}  {:>10}, at most {} in {}  {since}",
            standing.state.as_str(),
            standing.rule.as_str(),
            standing.measure.to_string(),
            standing.bound,
            in_words(standing.window_seconds),
        )
    });
    Section {
        lines: lines.collect(),
        title,
    }
}

fn renewals(renewals: &Renewals) -> Section {
    let title = match renewals.success_rate {
        None => "renewals: none that could succeed or fail".to_owned(),
        Some(rate) => format!(
            "renewals: {} succeeded, {} of {}",
            in_percent(rate),
            renewals.succeeded,
            renewals.succeeded + renewals.failed
        ),
    };
    let lines = renewals.outcomes.iter().map(|outcome| {
        let verdict = outcome.verdict.as_str();
        format!("{:>6}  {verdict:<9}  {}", outcome.count, outcome.outcome)
    });
    Section {
        title,
        lines: lines.collect(),
    }
}

fn token_refusals(refusals: &TokenRefusals) -> Section {
    let mut lines = counts(&refusals.by_api);
    lines.extend(named("as pages tell it", &refusals.by_pages));
    lines.extend(named("requests refused", &refusals.requests_refused));
    Section {
        title: format!("access tokens refused: {}", refusals.total),
        lines,
    }
}

fn reuse_alarms(alarms: &ReuseAlarms) -> Section {
    let mut lines = counts(&alarms.by_reason);
    lines.extend(alarms.newest.iter().map(|alarm| {
        format!(
            "{}  {}  {:<10}  {}, {}",
            alarm.at,
            or_dash(alarm.sid.as_ref()),
            or_dash(alarm.sub.as_ref()),
            or_dash(alarm.device.as_ref()),
            or_dash(alarm.place.as_ref()),
        )
    }));
    Section {
        title: format!("refresh tokens presented again: {}", alarms.total),
        lines,
    }
}

fn sign_ins(sign_ins: &SignIns) -> Section {
    let mut lines = vec![
        format!("{:>6}  on a new device", sign_ins.on_new_device),
        format!("{:>6}  from a new place", sign_ins.from_new_place),
    ];
    lines.extend(named(
        &format!("refused: {}", sign_ins.refused),
        &sign_ins.refusals,
    ));
    lines.extend(sign_ins.newest.iter().map(|session| {
        let mark = |is_new: bool| if is_new { " (new)" } else { "" };
        let ended = match &session.ended {
            Some(reason) => format!("  ended: {reason}"),
            None => String::new(),
        };
        format!(
            "{}  {}  {:<10}  {}{}, {}{}{ended}",
            session.at,
            session.sid,
            session.sub,
            session.device,
            mark(session.is_new_device),
            or_dash(session.place.as_ref()),
            mark(session.is_new_place),
        )
    }));
    Section {
        title: format!("sign-ins: {}", sign_ins.succeeded),
        lines,
    }
}

fn lifetimes(lifetimes: &Lifetimes) -> Section {
    let mut lines = vec![format!(
        "{:<32}  {:>10}  {:>6}  {:>8}  {:>8}  {:>8}  {:>8}",
        "", "configured", "count", "p50", "p90", "p99", "longest"
    )];
    let mut ends = Vec::new();
    for role in &lifetimes.roles {
        for (what, used) in [
            ("access tokens", &role.access_tokens),
            ("sessions", &role.sessions),
        ] {
            let Some(used) = used else { continue };
            let name = format!("{} of {}s", what, role.role);
            lines.push(spread_line(&name, Some(used), used.lived));
            ends.extend(named(&name, &used.ends));
        }
        if let Some(needed) = role.sessions_needed {
            lines.push(spread_line("  until their last renewal", None, needed));
        }
    }
    lines.extend(ends);
    let title = match lifetimes.roles.len() {
        0 => "lifetimes as used: nothing came to an end",
        _ => "lifetimes as used",
    };
    if lifetimes.roles.is_empty() {
        lines.clear();
    }
    Section {
        title: title.to_owned(),
        lines,
    }
}

fn spread_line(name: &str, used: Option<&Used>, spread: Spread) -> String {
    let configured: Vec<String> = used
        .into_iter()
        .flat_map(|used| &used.configured)
        .map(|seconds| in_words(*seconds))
        .collect();
    let count = used.map_or_else(String::new, |used| used.count.to_string());
    let [p50, p90, p99, max] = [spread.p50, spread.p90, spread.p99, spread.max].map(in_words);
    format!(
        "{name:<32}  {:>10}  {count:>6}  {p50:>8}  {p90:>8}  {p99:>8}  {max:>8}",
        configured.join(", "),
    )
}

fn clients(clients: &Clients) -> Section {
    let mut lines = counts(&clients.by_type);
    lines.extend(named("renewals that failed", &clients.renewals_failed));
    lines.extend(named("sessions that ended", &clients.ended));
    lines.extend(clients.clock_skew.as_ref().map(skew_in_words));
    Section {
        title: format!(
            "what pages told: {} of {}, {} lost",
            plural(clients.entries, "entry", "entries"),
            plural(clients.tabs, "tab", "tabs"),
            clients.missing
        ),
        lines,
    }
}

fn counts(counted: &[Counted]) -> Vec<String> {
    let line = |Counted { name, count }: &Counted| format!("{count:>6}  {name}");
    counted.iter().map(line).collect()
}

/// The counts under a heading of their own, where there are any.
fn named(heading: &str, counted: &[Counted]) -> Vec<String> {
    if counted.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![heading.to_owned()];
    lines.extend(counts(counted));
    lines
}

fn or_dash(text: Option<&String>) -> &str {
    text.map_or("-", String::as_str)
}
