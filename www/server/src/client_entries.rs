//! What pages tell of their sessions: the batches that `audit.url` of the client sends. Anybody can
//! send some, so they are evidence of nothing but what somebody's browser said.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::deception::may_deceive;

pub(crate) const MOST_ENTRIES: usize = 100;
const LONGEST_TAB: usize = 64;
const LONGEST_NAME: usize = 64;
const MOST_DETAILS: usize = 20;
const LONGEST_TEXT_CHARACTERS: usize = 2048;
/// The largest whole number that JavaScript tells from its neighbours.
const LARGEST_WHOLE: u64 = (1 << 53) - 1;
/// The last instant that JavaScript has.
const LAST_MILLIS: f64 = 8.64e15;

/// One request's entries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    /// A tab of the client, by a name that it made up.
    pub(crate) tab: String,
    pub(crate) entries: Vec<Entry>,
}

/// One entry, as `AuditEntry` of the client.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    /// On the device's clock, in milliseconds since the epoch.
    pub(crate) at: f64,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) detail: Map<String, Value>,
}

/// Why a batch is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error(
        "tab is a name of 1 to {LONGEST_TAB} letters, digits and hyphens, and no cookie's value"
    )]
    Tab,
    #[error("entries are 1 to {MOST_ENTRIES}")]
    Count,
    #[error("entries[{0}].sequence is a whole number below 2^53")]
    Sequence(usize),
    #[error("entries[{0}].at is an instant in milliseconds since the epoch")]
    Instant(usize),
    #[error("entries[{0}].type is a name in lower case, such as renewal-failed")]
    Type(usize),
    #[error(
        "entries[{0}].detail has {MOST_DETAILS} members at most, each a text of \
         {LONGEST_TEXT_CHARACTERS} characters at most and none that controls others, a number, a \
         boolean or null"
    )]
    Detail(usize),
    #[error("entries[{0}].detail holds what looks like a token, which is not written down")]
    Token(usize),
}

impl Batch {
    /// Checks that nothing is in it but what the client sends; `secrets` are the values of the
    /// request's own cookies.
    pub(crate) fn check(&self, secrets: &[&str]) -> Result<(), Unfit> {
        if !is_name(&self.tab, LONGEST_TAB) || holds_any(&self.tab, secrets) {
            return Err(Unfit::Tab);
        }
        if !(1..=MOST_ENTRIES).contains(&self.entries.len()) {
            return Err(Unfit::Count);
        }
        self.entries
            .iter()
            .enumerate()
            .try_for_each(|(place, entry)| entry.check(place, secrets))
    }
}

impl Entry {
    fn check(&self, place: usize, secrets: &[&str]) -> Result<(), Unfit> {
        let is_kind = is_name(&self.kind, LONGEST_NAME)
            && !self.kind.bytes().any(|byte| byte.is_ascii_uppercase());
        if self.sequence > LARGEST_WHOLE {
            Err(Unfit::Sequence(place))
        } else if !(0.0..=LAST_MILLIS).contains(&self.at) {
            Err(Unfit::Instant(place))
        } else if !is_kind {
            Err(Unfit::Type(place))
        } else if self.detail.len() > MOST_DETAILS
            || !self
                .detail
                .iter()
                .all(|(name, value)| is_name(name, LONGEST_NAME) && is_flat(value))
        {
            Err(Unfit::Detail(place))
        } else if self
            .detail
            .iter()
            .any(|(name, value)| holds_any(name, secrets) || is_secret(value, secrets))
        {
            Err(Unfit::Token(place))
        } else {
            Ok(())
        }
    }

    /// Whole milliseconds; within the bounds of [`Batch::check`].
    #[allow(clippy::cast_possible_truncation)] // Checked to be far below 2^53.
    pub(crate) fn at_millis(&self) -> i64 {
        self.at as i64
    }
}

fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_flat(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => {
            text.chars().count() <= LONGEST_TEXT_CHARACTERS && !may_deceive(text)
        }
        Value::Array(_) | Value::Object(_) => false,
    }
}

fn is_secret(value: &Value, secrets: &[&str]) -> bool {
    value
        .as_str()
        .is_some_and(|text| holds_jwt(text) || holds_any(text, secrets))
}

fn holds_any(text: &str, secrets: &[&str]) -> bool {
    secrets
        .iter()
        .any(|secret| !secret.is_empty() && text.contains(secret))
}

/// Whether three parts in a row are in base64url and the first of them begins like a JSON object.
fn holds_jwt(text: &str) -> bool {
    let is_in_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.split(|c| !is_in_token(c)).any(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.windows(3).any(|parts| {
            matches!(parts, [header, claims, _] if header.starts_with("eyJ") && claims.len() > 1)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(json: &str) -> Batch {
        serde_json::from_str(json).unwrap()
    }

    fn with_detail(detail: &str) -> Result<(), Unfit> {
        let entry = format!(r#"{{"sequence":1,"at":1.5,"type":"ended","detail":{detail}}}"#);
        batch(&format!(r#"{{"tab":"a-1","entries":[{entry}]}}"#)).check(&["cookie-value"])
    }

    #[test]
    fn what_the_client_sends_is_fit() {
        for detail in [
            "{}",
            r#"{"by":"this-tab","tokenExpiresAt":1764000900000,"attempts":1,"took":41.5}"#,
            r#"{"url":"https://api.example.com/v1/me","skew":-3,"kind":null,"restored":true}"#,
            r#"{"effect":"eyJ is how a token begins. A sentence. Another."}"#,
        ] {
            assert_eq!(with_detail(detail), Ok(()), "{detail}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(2049));
        let many: Vec<String> = (0..21).map(|n| format!(r#""a{n}":1"#)).collect();
        let many = format!("{{{}}}", many.join(","));
        for detail in [
            r#"{"a":{}}"#,
            r#"{"a":[]}"#,
            r#"{"":1}"#,
            r#"{"a b":1}"#,
            r#"{"a":"\u0000"}"#,
            &long,
            &many,
        ] {
            assert_eq!(with_detail(detail), Err(Unfit::Detail(0)), "{detail}");
        }
        for secret in [
            r#"{"a":"eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"}"#,
            r#"{"a":"?t=eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.&x"}"#,
            r#"{"a":"see cookie-value there"}"#,
            r#"{"cookie-value":1}"#,
        ] {
            assert_eq!(with_detail(secret), Err(Unfit::Token(0)), "{secret}");
        }
        for (entry, unfit) in [
            (
                r#"{"sequence":9007199254740992,"at":1,"type":"a","detail":{}}"#,
                Unfit::Sequence(0),
            ),
            (
                r#"{"sequence":1,"at":-1,"type":"a","detail":{}}"#,
                Unfit::Instant(0),
            ),
            (
                r#"{"sequence":1,"at":1e300,"type":"a","detail":{}}"#,
                Unfit::Instant(0),
            ),
            (
                r#"{"sequence":1,"at":1,"type":"A","detail":{}}"#,
                Unfit::Type(0),
            ),
            (
                r#"{"sequence":1,"at":1,"type":"<b>","detail":{}}"#,
                Unfit::Type(0),
            ),
        ] {
            let json = format!(r#"{{"tab":"a","entries":[{entry}]}}"#);
            assert_eq!(batch(&json).check(&[]), Err(unfit), "{entry}");
        }
        for tab in ["", "a-cookie-value"] {
            let json = format!(r#"{{"tab":"{tab}","entries":[]}}"#);
            assert_eq!(
                batch(&json).check(&["cookie-value"]),
                Err(Unfit::Tab),
                "{tab}"
            );
        }
        assert_eq!(
            batch(r#"{"tab":"a","entries":[]}"#).check(&[]),
            Err(Unfit::Count)
        );
    }
}
