//! The operator's page: one document without a script.

use maud::{DOCTYPE, Markup, html};

use crate::alerts::{Standing, State};
use crate::report::{
    Clients, Counted, Lifetimes, Renewals, Report, ReuseAlarms, RoleLifetimes, SignIns, Spread,
    TokenRefusals, Used, in_percent, in_words, plural, skew_in_words,
};

const WINDOWS: [(&str, i64); 5] = [
    ("15m", 15 * 60),
    ("1h", 3600),
    ("24h", 86_400),
    ("7d", 7 * 86_400),
    ("30d", 30 * 86_400),
];

pub(super) fn page(report: &Report, window_seconds: i64) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title(report)) }
                link rel="stylesheet" href="/operator/style.css";
                link rel="icon" href="data:,";
            }
            body {
                header {
                    h1 { "Sessions, as the operator sees them" }
                    p {
                        "From " time { (report.since) } " until " time { (report.until) }
                        " on the server's clock. "
                        a href={ "/operator/report.json?window=" (window_seconds) "s" } { "As JSON" }
                    }
                    nav aria-label="Window" {
                        ul {
                            @for (name, seconds) in WINDOWS {
                                li {
                                    a href={ "/operator?window=" (name) }
                                        aria-current=[(seconds == window_seconds).then_some("page")] {
                                        (in_words(seconds))
                                    }
                                }
                            }
                        }
                    }
                }
                main {
                    @if let Some(standings) = &report.alerts { (alerts(standings)) }
                    @if let Some(answer) = &report.renewals { (renewals(answer)) }
                    @if let Some(answer) = &report.token_refusals { (token_refusals(answer)) }
                    @if let Some(answer) = &report.reuse_alarms { (reuse_alarms(answer)) }
                    @if let Some(answer) = &report.sign_ins { (sign_ins(answer)) }
                    @if let Some(answer) = &report.lifetimes { (lifetimes(answer)) }
                    @if let Some(answer) = &report.clients { (clients(answer)) }
                }
            }
        }
    }
}

/// A tab of the browser shows that something is wrong.
fn title(report: &Report) -> String {
    let standings = report.alerts.iter().flatten();
    let raised = standings.filter(|standing| standing.state == State::Raised);
    match raised.count() {
        0 => "Operator".to_owned(),
        count => format!("({count}) Operator"),
    }
}

fn section(id: &str, heading: &str, content: Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (heading) }
            (content)
        }
    }
}

/// A table that scrolls by itself where the screen is narrow, by keyboard too.
fn table(caption: &str, head: &[&str], rows: Markup) -> Markup {
    html! {
        div class="table" role="region" aria-label=(caption) tabindex="0" {
            table {
                caption { (caption) }
                thead { tr { @for name in head { th scope="col" { (name) } } } }
                tbody { (rows) }
            }
        }
    }
}

fn alerts(standings: &[Standing]) -> Markup {
    let rows = html! {
        @for standing in standings {
            tr class=[(standing.state == State::Raised).then_some("raised")] {
                th scope="row" { (standing.rule.about()) br; code { (standing.rule.as_str()) } }
                td {
                    strong { (standing.state.as_str()) }
                    @if let Some(since) = &standing.since { " since " time { (since) } }
                    @else if standing.is_too_few() { ", too few to judge" }
                }
                td class="number" { (standing.measure) }
                td class="number" { (standing.bound) }
                td class="number" { (in_words(standing.window_seconds)) }
            }
        }
    };
    section(
        "alerts",
        "Alerts",
        html! {
            @if standings.is_empty() { p { "No rate is watched." } }
            @else {
                (table("Rates that are watched", &["Rate", "State", "Now", "At most", "Within"], rows))
            }
        },
    )
}

fn renewals(renewals: &Renewals) -> Markup {
    let whole = renewals.succeeded + renewals.failed + renewals.moot;
    let rows = html! {
        @for outcome in &renewals.outcomes {
            tr {
                th scope="row" { (outcome.outcome) }
                td { (outcome.verdict.as_str()) }
                td class="number" { (outcome.count) }
                td { (bar(outcome.count, whole, outcome.verdict.as_str())) }
            }
        }
    };
    section(
        "renewals",
        "Renewals",
        html! {
            @match renewals.success_rate {
                None => p { "There was none that could succeed or fail." },
                Some(rate) => p class="figure" {
                    strong { (in_percent(rate)) } " succeeded: "
                    (renewals.succeeded) " of " (renewals.succeeded + renewals.failed)
                },
            }
            @if !renewals.outcomes.is_empty() {
                (table("Renewals by outcome", &["Outcome", "Counts as", "Count", "Share"], rows))
            }
        },
    )
}

fn token_refusals(refusals: &TokenRefusals) -> Markup {
    section(
        "token-refusals",
        "Access tokens refused",
        html! {
            p class="figure" { "By the API: " strong { (refusals.total) } }
            (counts("By the API", "Reason", &refusals.by_api))
            (counts("As pages tell it", "Reason", &refusals.by_pages))
            (counts("Requests refused for where they came from", "Reason", &refusals.requests_refused))
        },
    )
}

fn reuse_alarms(alarms: &ReuseAlarms) -> Markup {
    let rows = html! {
        @for alarm in &alarms.newest {
            tr {
                td { time { (alarm.at) } }
                td { code { (or_dash(alarm.sid.as_ref())) } }
                td { (or_dash(alarm.sub.as_ref())) }
                td { (or_dash(alarm.reason.as_ref())) }
                td { (or_dash(alarm.device.as_ref())) }
                td { (or_dash(alarm.place.as_ref())) }
            }
        }
    };
    let head = [
        "When",
        "Session",
        "User",
        "Given away by",
        "Began on",
        "Began in",
    ];
    section(
        "reuse",
        "Refresh tokens presented again",
        html! {
            p class="figure" { "Sessions that were ended for it: " strong { (alarms.total) } }
            @if !alarms.newest.is_empty() { (table("The newest alarms", &head, rows)) }
        },
    )
}

fn sign_ins(sign_ins: &SignIns) -> Markup {
    let mark = |is_new: bool| html! { @if is_new { " " mark { "new" } } };
    let rows = html! {
        @for session in &sign_ins.newest {
            tr {
                td { time { (session.at) } }
                td { code { (session.sid) } }
                td { (session.sub) }
                td { (session.device) (mark(session.is_new_device)) }
                td { (or_dash(session.place.as_ref())) (mark(session.is_new_place)) }
                td { (or_dash(session.ended.as_ref())) }
            }
        }
    };
    let head = ["When", "Session", "User", "Device", "Network", "Ended"];
    section(
        "sign-ins",
        "Sign-ins",
        html! {
            p class="figure" {
                strong { (sign_ins.succeeded) } " succeeded, "
                (sign_ins.on_new_device) " of them on a new device, "
                (sign_ins.from_new_place) " from a new place. Refused: " (sign_ins.refused)
            }
            @if !sign_ins.newest.is_empty() {
                (table("The newest sessions from a new device or place", &head, rows))
            }
            (counts("Sign-ins refused", "Reason", &sign_ins.refusals))
        },
    )
}

fn lifetimes(lifetimes: &Lifetimes) -> Markup {
    let rows = html! { @for role in &lifetimes.roles { (lifetime_rows(role)) } };
    let head = [
        "What",
        "Configured",
        "Count",
        "Half within",
        "90 % within",
        "99 % within",
        "Longest",
    ];
    section(
        "lifetimes",
        "Lifetimes as used",
        html! {
            @if lifetimes.roles.is_empty() { p { "Nothing came to an end." } }
            @else { (table("How long they lived", &head, rows)) }
            @for role in &lifetimes.roles {
                @if let Some(used) = &role.access_tokens {
                    (counts(&format!("Access tokens of {}s, by their end", role.role), "End", &used.ends))
                }
                @if let Some(used) = &role.sessions {
                    (counts(&format!("Sessions of {}s, by their end", role.role), "End", &used.ends))
                }
            }
        },
    )
}

fn lifetime_rows(role: &RoleLifetimes) -> Markup {
    let row = |name: String, used: Option<&Used>, spread: Spread| {
        let configured = used.into_iter().flat_map(|used| &used.configured);
        let configured: Vec<String> = configured.map(|seconds| in_words(*seconds)).collect();
        html! {
            tr {
                th scope="row" { (name) }
                td class="number" { (configured.join(", ")) }
                td class="number" { @if let Some(used) = used { (used.count) } }
                @for seconds in [spread.p50, spread.p90, spread.p99, spread.max] {
                    td class="number" { (in_words(seconds)) }
                }
            }
        }
    };
    html! {
        @if let Some(used) = &role.access_tokens {
            (row(format!("access tokens of {}s", role.role), Some(used), used.lived))
        }
        @if let Some(used) = &role.sessions {
            (row(format!("sessions of {}s", role.role), Some(used), used.lived))
        }
        @if let Some(needed) = role.sessions_needed {
            (row("… until their last renewal".to_owned(), None, needed))
        }
    }
}

fn clients(clients: &Clients) -> Markup {
    section(
        "clients",
        "What pages told",
        html! {
            p class="figure" {
                strong { (plural(clients.entries, "entry", "entries")) }
                " of " (plural(clients.tabs, "tab", "tabs")) "; " (clients.missing) " never came"
            }
            @if let Some(skew) = &clients.clock_skew { p { (skew_in_words(skew)) "." } }
            (counts("Renewals that failed", "Cause", &clients.renewals_failed))
            (counts("Sessions that ended", "Reason", &clients.ended))
            (counts("Entries by type", "Type", &clients.by_type))
        },
    )
}

/// A table of counts, where there are any.
fn counts(caption: &str, of: &str, counted: &[Counted]) -> Markup {
    let whole = counted.iter().map(|counted| counted.count).sum();
    let rows = html! {
        @for Counted { name, count } in counted {
            tr {
                th scope="row" { @if name.is_empty() { "none given" } @else { (name) } }
                td class="number" { (count) }
                td { (bar(*count, whole, "plain")) }
            }
        }
    };
    html! {
        @if !counted.is_empty() { (table(caption, &[of, "Count", "Share"], rows)) }
    }
}

/// The share as a picture and in figures. Attributes and not styles, which the policy refuses.
fn bar(part: i64, whole: i64, class: &str) -> Markup {
    let percent = part * 100 / whole.max(1);
    html! {
        svg class={ "bar " (class) } viewBox="0 0 100 8" preserveAspectRatio="none"
            aria-hidden="true" {
            rect class="whole" width="100" height="8" {}
            rect width=(percent.max(1)) height="8" {}
        }
        span class="number" { (percent) " %" }
    }
}

fn or_dash(text: Option<&String>) -> &str {
    text.map_or("–", String::as_str)
}
