//! Spans of time on the command line: `90`, `90s`, `15m`, `12h`, `30d`, and with a sign `-2h`.

const DAY_SECONDS: i64 = 86_400;
/// Keeps every instant within what a `Date` header can express.
const LONGEST_SECONDS: i64 = 40 * 365 * DAY_SECONDS;
/// Far longer than an access token lives, and short enough that an old key is soon worthless.
const LONGEST_OVERLAP_SECONDS: i64 = DAY_SECONDS;

/// Reads a positive span of whole seconds.
pub(crate) fn parse_lifetime(text: &str) -> Result<i64, String> {
    match parse_signed(text)? {
        seconds if seconds > 0 => Ok(seconds),
        _ => Err("a lifetime is at least one second".to_owned()),
    }
}

/// Reads how long two keys are good at a time.
pub(crate) fn parse_overlap(text: &str) -> Result<i64, String> {
    match parse_signed(text)? {
        seconds if (0..=LONGEST_OVERLAP_SECONDS).contains(&seconds) => Ok(seconds),
        _ => Err("an overlap is 0s at least and 24h at most".to_owned()),
    }
}

/// Reads a span that may be negative.
pub(crate) fn parse_signed(text: &str) -> Result<i64, String> {
    let wrong = || format!("\"{text}\" is not a span of time such as 90, 90s, 15m, 12h or 30d");
    let (number, unit_seconds) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        Some((at, 'd')) => (&text[..at], DAY_SECONDS),
        _ => (text, 1),
    };
    let seconds = number
        .parse::<i64>()
        .ok()
        .and_then(|count| count.checked_mul(unit_seconds))
        .ok_or_else(wrong)?;
    if seconds.abs() > LONGEST_SECONDS {
        return Err("more than forty years".to_owned());
    }
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units_and_signs() {
        assert_eq!(parse_signed("90"), Ok(90));
        assert_eq!(parse_signed("10s"), Ok(10));
        assert_eq!(parse_signed("15m"), Ok(900));
        assert_eq!(parse_signed("-2h"), Ok(-7200));
        assert_eq!(parse_signed("+5m"), Ok(300));
        assert_eq!(parse_signed("400d"), Ok(400 * DAY_SECONDS));
        for wrong in [
            "",
            "s",
            "1.5h",
            "5 m",
            "9223372036854775807d",
            "1w",
            "20000d",
        ] {
            assert!(parse_signed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_lifetime_is_positive() {
        assert_eq!(parse_lifetime("1"), Ok(1));
        assert!(parse_lifetime("0").is_err());
        assert!(parse_lifetime("-5m").is_err());
    }

    #[test]
    fn an_overlap_is_bounded() {
        assert_eq!(parse_overlap("0s"), Ok(0));
        assert_eq!(parse_overlap("24h"), Ok(DAY_SECONDS));
        for wrong in ["-1s", "25h", "40000d", "", "forever"] {
            assert!(parse_overlap(wrong).is_err(), "{wrong}");
        }
    }
}
