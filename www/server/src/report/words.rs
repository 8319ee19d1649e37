//! Spans and shares in words.

use super::clients::ClockSkew;

/// Such as "15 min", "2 h 5 min" or "3 d".
pub(crate) fn in_words(seconds: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let Some(at) = UNITS.iter().position(|(unit, _)| seconds >= *unit) else {
        return "0 s".to_owned();
    };
    // Two units say enough.
    let mut rest = seconds;
    let mut words = Vec::new();
    for (unit, name) in UNITS.iter().skip(at).take(2) {
        let count = rest / unit;
        rest %= unit;
        if count > 0 {
            words.push(format!("{count} {name}"));
        }
    }
    words.join(" ")
}

/// Such as "1 session" or "12 sessions".
pub(crate) fn plural(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Such as "12 tabs tell of clocks that are wrong: the server's is 5 min ahead, at the median".
pub(crate) fn skew_in_words(skew: &ClockSkew) -> String {
    let tabs = plural(skew.tabs, "tab tells", "tabs tell");
    let side = if skew.server_ahead_seconds < 0 {
        "behind"
    } else {
        "ahead"
    };
    let span = in_words(skew.server_ahead_seconds.saturating_abs());
    format!("{tabs} of clocks that are wrong: the server's is {span} {side}, at the median")
}

/// Such as "97.6 %". Only all is 100 %.
pub(crate) fn in_percent(share: f64) -> String {
    let tenths = (share * 1000.0).floor() / 10.0;
    format!("{tenths:.1} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (900, "15 min"),
            (905, "15 min 5 s"),
            (7500, "2 h 5 min"),
            (86_400, "1 d"),
            (90_061, "1 d 1 h"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }

    #[test]
    fn one_is_not_many() {
        let sessions = |count| plural(count, "session", "sessions");
        assert_eq!(
            [0, 1, 2].map(sessions),
            ["0 sessions", "1 session", "2 sessions"]
        );
    }

    #[test]
    fn only_all_is_a_hundred_percent() {
        assert_eq!(in_percent(1.0), "100.0 %");
        assert_eq!(in_percent(0.99999), "99.9 %");
        assert_eq!(in_percent(0.0), "0.0 %");
    }
}
