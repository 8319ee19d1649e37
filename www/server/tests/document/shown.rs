//! What the document shows, and whether an answer is such. `…` stands for what was left out of a token.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde_json::{Map, Value};

use crate::common::Answer;

/// A message of HTTP, as a block of code shows it.
pub(crate) struct Message {
    /// `POST /auth/login`, or `200`.
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// The messages of the document's part with this heading, in order.
pub(crate) fn messages(document: &str, heading: &str) -> Vec<Message> {
    let part = part(document, heading);
    let blocks = part.split("```http\n").skip(1);
    blocks
        .map(|block| Message::read(block.split("```").next().unwrap()))
        .collect()
}

/// The text from a heading to the next one that is not below it.
pub(crate) fn part<'a>(document: &'a str, heading: &str) -> &'a str {
    let start = format!("\n{heading}\n");
    let (_, rest) = document
        .split_once(&start)
        .unwrap_or_else(|| panic!("the document has no {heading}"));
    let level = heading.chars().take_while(|&letter| letter == '#').count();
    let end = (1..=level)
        .filter_map(|level| rest.find(&format!("\n{} ", "#".repeat(level))))
        .min();
    &rest[..end.unwrap_or(rest.len())]
}

impl Message {
    fn read(block: &str) -> Self {
        let (head, body) = block.split_once("\n\n").unwrap_or((block, ""));
        let mut lines = head.lines();
        let first = lines.next().unwrap();
        let line = match first.strip_prefix("HTTP/1.1 ") {
            Some(status) => &status[..3],
            None => first.strip_suffix(" HTTP/1.1").unwrap(),
        };
        let field = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        };
        Self {
            line: line.to_owned(),
            headers: lines.map(field).collect(),
            body: body.trim_end().to_owned(),
        }
    }

    /// The request, with these values in place of those that are shortened, by their beginning.
    pub(crate) fn request(&self, values: &[(&str, &str)]) -> Request<Body> {
        let whole = |text: &str| {
            values.iter().fold(text.to_owned(), |text, (shown, value)| {
                text.replace(shown, value)
            })
        };
        let (method, path) = self.line.split_once(' ').unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("localhost:8080"));
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().unwrap();
            let value = whole(value);
            assert!(!value.contains('…'), "{value}");
            headers.insert(name, value.parse().unwrap());
        }
        let body = whole(&self.body);
        assert!(!body.contains('…'), "{body}");
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = path.parse().unwrap();
        *request.headers_mut() = headers;
        request
    }

    /// Holds an answer to what is shown: its status, each field that is named with all its lines,
    /// the cookies that it sets whether they are named or not, and all of its body.
    #[track_caller]
    pub(crate) fn assert_shows(&self, answer: &Answer) {
        assert_eq!(self.line, answer.status.as_str(), "{answer:?}");
        let names = self.headers.iter().map(|(name, _)| name.as_str());
        for name in names.chain(["Set-Cookie"]) {
            let lines = self.headers.iter().filter(|(other, _)| other == name);
            let shown: Vec<_> = lines.map(|(_, value)| value.as_str()).collect();
            let actual = answer.headers.get_all(name).iter();
            let actual: Vec<_> = actual.map(|value| value.to_str().unwrap()).collect();
            assert_eq!(shown.len(), actual.len(), "{name}: {answer:?}");
            for (shown, actual) in shown.iter().zip(actual) {
                assert!(is_shown(shown, actual), "{name}: {shown} is {actual}");
            }
        }
        match self.body.is_empty() {
            true => assert_eq!(answer.text, ""),
            false => assert_same(&json(&self.body), &answer.json(), "body"),
        }
    }
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[track_caller]
pub(crate) fn assert_same(shown: &Value, actual: &Value, place: &str) {
    let names = |members: &Map<String, Value>| members.keys().cloned().collect::<Vec<_>>();
    match (shown, actual) {
        (Value::Object(shown), Value::Object(actual)) => {
            assert_eq!(names(shown), names(actual), "the members of {place}");
            for (name, value) in shown {
                assert_same(value, &actual[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(shown), Value::Array(actual)) => {
            assert_eq!(shown.len(), actual.len(), "{place}");
            for (shown, actual) in shown.iter().zip(actual) {
                assert_same(shown, actual, &format!("{place}[]"));
            }
        }
        (Value::String(shown), Value::String(actual)) => {
            assert!(is_shown(shown, actual), "{place}: {shown} is {actual}");
        }
        _ => assert_eq!(shown, actual, "{place}"),
    }
}

/// Whether a text is what is shown of it, but for tokens that are shortened.
fn is_shown(shown: &str, actual: &str) -> bool {
    let is_of_token = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    let Some((before, after)) = shown.split_once('…') else {
        return shown == actual;
    };
    let literal = before.trim_end_matches(is_of_token);
    let Some(rest) = actual.strip_prefix(literal) else {
        return false;
    };
    let rest_of_actual = rest.trim_start_matches(is_of_token);
    rest.len() > rest_of_actual.len() + 8 && is_shown(after, rest_of_actual)
}

#[test]
fn a_text_is_compared_with_what_is_shown_of_it() {
    let shown = "__Host-refresh=pT_5…; Max-Age=43200; Path=/";
    let with = |token: &str, age: &str| format!("__Host-refresh={token}; Max-Age={age}; Path=/");
    assert!(is_shown(shown, &with("AAAAAAAAAAAAAAA", "43200")));
    assert!(!is_shown(shown, &with("AAAAAAAAAAAAAAA", "43201")));
    assert!(!is_shown(shown, &with("", "43200")));
    assert!(!is_shown(
        shown,
        "refresh=AAAAAAAAAAAAAAA; Max-Age=43200; Path=/"
    ));
    assert!(!is_shown("abc", "abd"));
}
