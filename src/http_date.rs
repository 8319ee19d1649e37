//! Dates in header fields (RFC 9110 section 5.6.7), in all three forms.

use crate::time::ServerTime;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Reads an HTTP date: `Sun, 06 Nov 1994 08:49:37 GMT`, and the two obsolete forms.
///
/// A year of two digits counts from 1970 to 2069.
pub fn parse(text: &str) -> Option<ServerTime> {
    let dashes = text.bytes().filter(|byte| *byte == b'-').count();
    if dashes != 0 && dashes != 2 {
        return None;
    }
    let mut words = text
        .as_bytes()
        .split(|byte| matches!(byte, b' ' | b',' | b'-'))
        .filter(|word| !word.is_empty());
    let _weekday = words.next()?;
    let second = words.next()?;
    let (day, month, year, time) = if let Some(month) = month(second) {
        // Sun Nov  6 08:49:37 1994
        let (day, time, year) = (words.next()?, words.next()?, words.next()?);
        (number(day)?, month, number(year)?, time)
    } else {
        // Sun, 06 Nov 1994 08:49:37 GMT, or Sunday, 06-Nov-94 08:49:37 GMT
        let (month, year, time) = (month(words.next()?)?, words.next()?, words.next()?);
        if words.next()? != b"GMT" {
            return None;
        }
        let full = match (year.len(), number(year)?) {
            (2, year @ 70..) => year.saturating_add(1900),
            (2, year) => year.saturating_add(2000),
            (_, year) => year,
        };
        (number(second)?, month, full, time)
    };
    let mut clock = time.split(|byte| *byte == b':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let days = days_since_epoch(year, month, day);
    let sensible = words.next().is_none()
        && clock.next().is_none()
        && day > 0
        && days < days_since_epoch(year, month.saturating_add(1), 1)
        && (1970..=9999).contains(&year)
        && hour < 24
        && minute < 60
        && second <= 60;
    sensible.then(|| {
        let hours = days.saturating_mul(24).saturating_add(hour);
        let minutes = hours.saturating_mul(60).saturating_add(minute);
        let seconds = minutes.saturating_mul(60).saturating_add(second);
        ServerTime::from_millis(seconds.saturating_mul(1000))
    })
}

fn month(word: &[u8]) -> Option<i64> {
    MONTHS
        .iter()
        .position(|name| name.as_bytes() == word)
        .map(|place| place as i64)
}

/// A number of four digits at most.
fn number(word: &[u8]) -> Option<i64> {
    let digits = !word.is_empty() && word.len() <= 4 && word.iter().all(u8::is_ascii_digit);
    digits.then(|| decimal(word))
}

/// What digits stand for; at most the largest number there is.
pub(crate) fn decimal(digits: &[u8]) -> i64 {
    digits.iter().fold(0_i64, |value, digit| {
        let digit = i64::from(digit.wrapping_sub(b'0'));
        value.saturating_mul(10).saturating_add(digit)
    })
}

/// Days of the Gregorian calendar from 1 January 1970; the month counts from 0, and 12 is the
/// January after it.
///
/// Years are counted from March, so that the leap day is the last of its year.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the year and the day have four digits at most"
)]
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    const DAYS_TO_EPOCH: i64 = 719_468;
    let year = if month < 2 { year - 1 } else { year };
    let months = (month + 10) % 12;
    let leaps = year / 4 - year / 100 + year / 400;
    365 * year + leaps + (153 * months + 2) / 5 + day - 1 - DAYS_TO_EPOCH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        parse(text).map(|time| time.as_millis() / 1000)
    }

    #[test]
    fn the_three_forms_of_the_standard_mean_the_same() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(seconds(text), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn the_calendar_is_right_at_its_edges() {
        for (text, expected) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 PST",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Thu, 31 Nov 1994 08:49:37 GMT",
            "Sun, 29 Feb 1970 08:49:37 GMT",
            "Mon, 29 Feb 2100 08:49:37 GMT",
            "Sun, 32 Jan 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 99999 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT GMT",
            "Sun, 06 Nov 1994 -8:49:37 GMT",
            "784111777",
            "1994-11-06T08:49:37Z",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
