//! `Retry-After`: what it says, and that no server holds a session back for longer than is obeyed.

use bolero::check;
use sessionkeeper::retry_after::{LONGEST, RetryAfter};
use sessionkeeper::{Config, Span, http_date};

use crate::corpus::{Mangled, lines};
use crate::support::Driver;

const CORPUS: &str = include_str!("corpus/retry-after.txt");
/// Where the mangled lines begin, for dates that lie around the answer.
const NOW: [&str; 4] = [
    "Tue, 14 Nov 2023 22:13:20 GMT",
    "Tue, 14 Nov 2023 22:14:20 GMT",
    "Tue, 14 Nov 2023 23:20:00 GMT",
    "Wed, 15 Nov 2023 10:00:00 GMT",
];

fn assert_read(text: &str) -> Option<RetryAfter> {
    let read = RetryAfter::parse(text);
    let trimmed = text.trim_matches([' ', '\t', '\n', '\r', '\x0c']);
    let digits = !trimmed.is_empty() && trimmed.chars().all(|symbol| symbol.is_ascii_digit());
    let expected = match digits {
        true => {
            let secs = trimmed.parse::<u128>().unwrap_or(u128::MAX);
            let secs = i64::try_from(secs).unwrap_or(i64::MAX);
            Some(RetryAfter::Delay(Span::from_secs(secs)))
        }
        false => http_date::parse(trimmed).map(RetryAfter::Date),
    };
    assert_eq!(read, expected, "{text:?}");
    read
}

/// A session whose renewal was answered so tries again in time, and not sooner than it may.
fn assert_obeyed(retry_after: RetryAfter) {
    let mut driver = Driver::new();
    driver.input(sessionkeeper::Input::Visibility { visible: false });
    driver.restore();
    driver.succeed(Span::from_hours(2));
    driver.renew();
    let answered = driver.server_time();
    let outcome = driver.retry_after(503, retry_after);
    driver.settle(driver.last_attempt(), outcome);
    let waited = driver.pass_until_attempt();
    let longest = LONGEST + Config::default().retry.backoff.max;
    assert!(waited <= longest, "{retry_after:?}: {waited:?}");
    let least = match retry_after {
        RetryAfter::Delay(delay) => delay,
        RetryAfter::Date(date) => date - answered,
    };
    assert!(waited >= least.min(LONGEST), "{retry_after:?}: {waited:?}");
}

#[test]
fn what_is_kept() {
    for line in lines(CORPUS) {
        if let Some(retry_after) = assert_read(line) {
            assert_obeyed(retry_after);
        }
    }
}

#[test]
fn what_is_mangled() {
    let lines: Vec<_> = lines(CORPUS).into_iter().chain(NOW).collect();
    let pieces: Vec<_> = crate::date::PIECES
        .iter()
        .copied()
        .chain(["\t", "s", "-", "+", "."])
        .collect();
    check!()
        .with_type::<Mangled>()
        .with_iterations(10_000)
        .for_each(|mangled| {
            if let Some(retry_after) = assert_read(&mangled.of(&lines, &pieces)) {
                assert_obeyed(retry_after);
            }
        });
}

#[test]
fn every_delay() {
    check!()
        .with_type::<(u64, u8)>()
        .with_iterations(2_000)
        .for_each(|&(secs, scale)| {
            let text = (secs >> (scale % 64)).to_string();
            assert_obeyed(assert_read(&text).expect("a number of seconds"));
        });
}
