//! How long a server wants to be left alone (RFC 9110 section 10.2.3).

use crate::http_date;
use crate::time::{ServerTime, Span};

/// The longest wait that is obeyed: a server that asks for more is asked again after it, and that is
/// said in the console.
pub const LONGEST: Span = Span::from_hours(1);

/// When a server wants to be asked again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum RetryAfter {
    /// So long after its answer.
    Delay(Span),
    /// From this instant of its clock on.
    Date(ServerTime),
}

impl RetryAfter {
    /// Reads the header field's value: whole seconds, or an HTTP date.
    pub fn parse(text: &str) -> Option<RetryAfter> {
        let text = text.trim_ascii();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit are more than the longest wait.
            let secs = http_date::decimal(text.as_bytes());
            return Some(RetryAfter::Delay(Span::from_secs(secs)));
        }
        http_date::parse(text).map(RetryAfter::Date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let delay = |secs| Some(RetryAfter::Delay(Span::from_secs(secs)));
        assert_eq!(RetryAfter::parse("120"), delay(120));
        assert_eq!(RetryAfter::parse(" 0 "), delay(0));
        assert_eq!(RetryAfter::parse("99999999999999999999"), delay(i64::MAX));
        assert_eq!(
            RetryAfter::parse("Thu, 01 Jan 1970 00:01:00 GMT"),
            Some(RetryAfter::Date(ServerTime::from_millis(60_000)))
        );
    }

    #[test]
    fn nonsense_is_ignored() {
        for text in ["", "-5", "1.5", "soon", "5s", "+5"] {
            assert_eq!(RetryAfter::parse(text), None, "{text}");
        }
    }
}
