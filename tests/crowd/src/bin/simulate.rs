//! A day of a million clients: prints what the server has to bear, and draws it.
//!
//! ```sh
//! cargo xtask simulate                                          # the table and the picture of docs/outage.md
//! CLIENTS=10000 SEED=42 cargo run --profile crowd -p crowd --bin simulate [PICTURE]
//! ```

use std::error::Error;
use std::str::FromStr;

use crowd::{Day, Kind, draw};
use sessionkeeper::{Config, Session, Span};

fn number<N: FromStr<Err: Error + 'static>>(name: &str, default: N) -> Result<N, Box<dyn Error>> {
    Ok(match std::env::var(name) {
        Ok(text) => text.parse()?,
        Err(_) => default,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let (clients, seed) = (number("CLIENTS", 1_000_000)?, number("SEED", 1)?);
    let picture = std::env::args_os().nth(1);
    let jitter = number("JITTER", Config::default().renewal.jitter)?;
    let fixed = Kind::Fixed {
        lead: Span::from_secs(60),
        jitter: 0.0,
        retry: Span::from_secs(5),
    };
    let kinds = [
        ("sessionkeeper", Kind::Session { jitter }),
        ("a fixed lead of 60 s, a retry every 5 s", fixed),
    ];

    println!("{clients} clients, SEED={seed}; requests in a second\n");
    println!(
        "| clients | steady, on average | at most | the storm | again | after 8 renewals | after 16 | the server's return \
         | a lifetime later, at most | requests in all |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    let mut days = Vec::new();
    for (name, kind) in kinds {
        let day = Day::of(kind, clients, seed);
        let (mean, most) = day.steady();
        println!(
            "| {name} | {mean:.0} | {most} | {} | {} | {} | {} | {} | {} | {} |",
            day.storm(),
            day.storm_again(1),
            day.storm_again(8),
            day.storm_again(16),
            day.traffic.first_second(),
            day.traffic.echo(1),
            day.traffic.total(),
        );
        days.push(day);
    }
    let peak = peak_memory_kib().map_or("unknown here".to_owned(), |kib| {
        format!("{} MiB", kib / 1024)
    });
    println!(
        "\nmemory at most {peak}; a session takes {} bytes, and what it points to",
        size_of::<Session>()
    );
    if let (Some(path), [ours, fixed]) = (picture, days.as_slice()) {
        let drawn = draw(
            ("sessionkeeper", ours),
            ("a fixed lead of 60 s, a retry every 5 s", fixed),
        );
        std::fs::write(path, drawn)?;
    }
    Ok(())
}

/// The most memory that this process has had, where the system tells.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
