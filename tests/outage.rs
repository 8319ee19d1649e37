//! What clients do to a server that was down for ten minutes: real sessions, driven as a shell would.
//!
//! ```sh
//! cargo test --release --test outage -- --ignored --nocapture              # the table of docs/outage.md
//! SEED=42 CLIENTS=5000 cargo test --test outage -- --ignored --nocapture   # another world, or fewer clients
//! ```

use crowd::{Kind, Traffic, World};
use sessionkeeper::{Config, Span};

/// As many as code that is not optimised gets through in seconds.
const FEW: u64 = 30_000;
const MANY: u64 = 1_000_000;
const SEED: u64 = 1;
const JITTERS: [f64; 5] = [0.0, 0.1, 0.2, 0.5, 1.0];
/// The mean of the waits between attempts, once the backoff has reached its longest bound.
const MEAN_WAIT_SECS: f64 = 15.0;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn outage(kind: Kind, clients: u64, seed: u64) -> Traffic {
    let world = World::outage(kind.between_renewals());
    Traffic::of(kind, &world, clients, seed)
}

fn sessions(jitter: f64, clients: u64, seed: u64) -> Traffic {
    outage(Kind::Session { jitter }, clients, seed)
}

/// Clients that renew at the same times, and retry as many do.
fn fixed(clients: u64, seed: u64) -> Traffic {
    outage(Kind::retrying(Span::from_secs(5)), clients, seed)
}

fn assert_bounded(sessions: &Traffic, fixed: &Traffic) {
    let first = sessions.first_second() as f64;
    let bound = 1.1 * sessions.clients() as f64 / MEAN_WAIT_SECS;
    assert!(first <= bound, "{first} of {bound}");
    // Those come on top whose waits are still short.
    let bound = 1.15 * sessions.waiting() as f64 / MEAN_WAIT_SECS;
    assert!(first <= bound, "{first} of {bound}");
    assert!(first < fixed.first_second() as f64 / 2.0, "{first}");
    // What comes back a lifetime later is less, and less again.
    let echoes = [sessions.echo(1) as f64, sessions.echo(2) as f64];
    assert!(echoes[0] < 0.75 * first, "{echoes:?} after {first}");
    assert!(echoes[1] < 0.95 * echoes[0], "{echoes:?}");
}

#[test]
fn a_server_that_returns_is_not_overrun() {
    let jitter = Config::default().renewal.jitter;
    let sessions = sessions(jitter, FEW, SEED);
    assert_bounded(&sessions, &fixed(FEW, SEED));
}

#[test]
#[ignore = "prints a table, and takes a minute"]
fn table() {
    let (clients, seed) = (number("CLIENTS", MANY), number("SEED", SEED));
    let rows = JITTERS.map(|jitter| (jitter, sessions(jitter, clients, seed)));
    let fixed = fixed(clients, seed);

    println!("\n{clients} clients, SEED={seed}; requests in a second\n");
    println!(
        "| clients | before | they wait | while down | first second | of all | of those who wait \
         | a lifetime later, at most | two, at most |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (jitter, traffic) in &rows {
        row(&format!("`jitter` {jitter}"), traffic);
    }
    row("a retry every 5 s", &fixed);

    for pair in rows.windows(2) {
        assert!(pair[1].1.echo(1) < pair[0].1.echo(1), "more jitter helps");
    }
    for (_, sessions) in rows
        .iter()
        .filter(|(jitter, _)| *jitter == Config::default().renewal.jitter)
    {
        assert_bounded(sessions, &fixed);
    }
}

fn row(name: &str, traffic: &Traffic) {
    let first = traffic.first_second();
    let of = |clients: u64| 100.0 * first as f64 / clients as f64;
    let echo = |renewals| {
        let most = traffic.echo(renewals);
        format!("{most} (× {:.1})", most as f64 / traffic.even())
    };
    println!(
        "| {name} | {:.0} | {} | {:.0} | {first} | {:.1} % | {:.1} % | {} | {} |",
        traffic.even(),
        traffic.waiting(),
        traffic.while_down(),
        of(traffic.clients()),
        of(traffic.waiting()),
        echo(1),
        echo(2),
    );
}
