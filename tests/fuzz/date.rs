//! `Date`, beside the crate `httpdate`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bolero::check;
use sessionkeeper::http_date;

use crate::corpus::{Mangled, lines};

pub(crate) const CORPUS: &str = include_str!("corpus/date.txt");
pub(crate) const PIECES: &[&str] = &[
    " ", "  ", ",", "-", ":", "GMT", "UTC", "+0000", "Sun", "Sunday", "Feb", "feb", "29", "30",
    "31", "60", "24", "00", "1970", "1969", "9999", "10000", "70", "69", "Nov  6",
];
/// 31 December 9999, 23:59:59.
const LAST: i64 = 253_402_300_799;

fn parse(text: &str) -> Option<i64> {
    let millis = http_date::parse(text)?.as_millis();
    assert_eq!(millis % 1000, 0, "whole seconds");
    Some(millis / 1000)
}

fn instant(secs: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(secs as u64)
}

/// It takes any character between the year and the time of the second form, and any white space
/// around the whole.
fn theirs(text: &str) -> Option<i64> {
    let words = text.split(' ').filter(|word| !word.is_empty());
    if words.count() < 4 || text.contains(|symbol: char| symbol != ' ' && symbol.is_whitespace()) {
        return None;
    }
    let instant = httpdate::parse_http_date(text).ok()?;
    Some(instant.duration_since(UNIX_EPOCH).unwrap().as_secs() as i64)
}

fn assert_sound(text: &str) {
    let ours = parse(text);
    if let Some(theirs) = theirs(text) {
        assert_eq!(ours, Some(theirs), "{text:?} is a date for others");
    }
    let Some(secs) = ours else { return };
    // The last second may be a leap second.
    assert!((0..=LAST + 1).contains(&secs), "{text:?}: {secs}");
    if secs <= LAST {
        let written = httpdate::fmt_http_date(instant(secs));
        assert_eq!(parse(&written), Some(secs), "{text:?} is {written}");
    }
    // Whatever the day of the week is called, there is one time, and it is that of Greenwich: only
    // the third form, which ends with the year, leaves that unsaid.
    let words = text.split([' ', ',', '-']).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.skip(1).collect();
    let times: Vec<&&str> = words.iter().filter(|word| word.contains(':')).collect();
    assert!(
        matches!(times[..], [time] if time.split(':').count() == 3),
        "{text:?}"
    );
    let last = words.last().copied().unwrap_or_default();
    let is_year = last.len() <= 4 && last.bytes().all(|byte| byte.is_ascii_digit());
    assert!(last == "GMT" || is_year, "{text:?}");
}

/// A date in each of the three forms (RFC 9110 section 5.6.7).
fn written(secs: i64) -> [String; 3] {
    let standard = httpdate::fmt_http_date(instant(secs));
    let [weekday, day, month, year, time, _] = *standard.split(' ').collect::<Vec<_>>() else {
        panic!("{standard}");
    };
    let short = weekday.trim_end_matches(',');
    let long = match short {
        "Tue" => "Tuesday",
        "Wed" => "Wednesday",
        "Thu" => "Thursday",
        "Sat" => "Saturday",
        short => &format!("{short}day"),
    };
    let century = &year[2..];
    [
        format!("{long}, {day}-{month}-{century} {time} GMT"),
        format!(
            "{short} {month} {:>2} {time} {year}",
            day.trim_start_matches('0')
        ),
        standard,
    ]
}

#[test]
fn what_is_kept() {
    for line in lines(CORPUS) {
        assert_sound(line);
    }
}

#[test]
fn what_is_mangled() {
    let lines = lines(CORPUS);
    check!()
        .with_type::<Mangled>()
        .with_iterations(20_000)
        .for_each(|mangled| {
            assert_sound(&mangled.of(&lines, PIECES));
        });
}

#[test]
fn what_is_written_is_read() {
    check!()
        .with_generator(0..=LAST)
        .with_iterations(5_000)
        .for_each(|secs| {
            let [two_digits, ansi, standard] = written(*secs);
            assert_eq!(parse(&standard), Some(*secs), "{standard}");
            assert_eq!(parse(&ansi), Some(*secs), "{ansi}");
            // The century of two digits is guessed: from 1970 to 2069.
            let guessed = parse(&two_digits);
            assert!(guessed.is_some(), "{two_digits}");
            if *secs < 3_155_760_000 {
                assert_eq!(guessed, Some(*secs), "{two_digits}");
            }
        });
}

/// Days that no calendar has are no dates.
#[test]
fn only_days_that_there_are() {
    let date = (1970..=9999_i64, 0..12_usize, 1..=31_u8, 0..86_400_u32);
    check!()
        .with_generator(date)
        .with_iterations(5_000)
        .for_each(|&(year, month, day, second)| {
            let names = [
                "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
            ];
            let month = names[month];
            let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
            let date = format!("{day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT");
            // The other crate insists on the right day of the week.
            let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
            let theirs = weekdays
                .iter()
                .find_map(|weekday| theirs(&format!("{weekday}, {date}")));
            assert_eq!(parse(&format!("Mon, {date}")), theirs, "{date}");
        });
}
