//! Recordings, as anybody may send them in with a report.

use std::cell::RefCell;
use std::rc::Rc;

use bolero::check;
use serde_json::Value;
use sessionkeeper::recording::{Recorded, Replay};
use sessionkeeper::{Config, Input, Now};

use crate::corpus::{Mangled, lines};
use crate::support::replay;

/// A head, then what sessions were told.
const CORPUS: &str = include_str!("corpus/recording.jsonl");

const PIECES: [&str; 20] = [
    "0",
    "-1",
    "1e308",
    "-9223372036854775808",
    "9223372036854775807",
    "18446744073709551616",
    "1700000000000",
    "null",
    "\"NaN\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"input\":",
    "\"now\":[",
    "\"effects\":[]",
    "\"full\":true",
    "\u{0}",
];

/// More than any input sets off.
const MOST_EFFECTS: usize = 500;

#[test]
fn what_is_mangled() {
    check!()
        .with_type::<Vec<Mangled>>()
        .with_iterations(5_000)
        .for_each(|mangled| {
            let corpus = lines(CORPUS);
            let mut texts = mangled.iter().map(|line| line.of(&corpus, &PIECES));
            let head = texts.next().unwrap_or_default();
            let (mut one, other) = (
                Replay::begin(corpus[0]).expect("a head"),
                Replay::begin(&head),
            );
            let mut other = other.ok();
            for text in texts {
                // Whatever it is, it is either done or refused.
                let _ = one.step(&text);
                let _ = other.as_mut().map(|replay| replay.step(&text));
            }
        });
}

/// Drives a session with whatever of these lines can be read, and gives its recording.
fn recorded(texts: &[String]) -> Option<Vec<String>> {
    let values: Vec<Value> = texts
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect();
    let member = |value: &Value, name| value.get(name).cloned();
    let config = values.iter().find_map(|value| member(value, "config"))?;
    let config: Config = serde_json::from_value(config).ok()?;
    let lines = Rc::new(RefCell::new(Vec::new()));
    let kept = lines.clone();
    let keep = move |line: &str| kept.borrow_mut().push(line.to_owned());
    let mut at: Now = values
        .iter()
        .find_map(|value| serde_json::from_value(member(value, "now")?).ok())?;
    let mut session = Recorded::new(config, 7, at, 7, keep);
    for value in values {
        if let Some(Ok(now)) = member(&value, "now").map(serde_json::from_value) {
            at = now;
        }
        match member(&value, "input").map(serde_json::from_value::<Input>) {
            Some(Ok(input)) => session.handle_input(input, at),
            _ => session.handle_timeout(at),
        }
        let effects = std::iter::from_fn(|| session.poll_effect()).take(MOST_EFFECTS);
        assert!(effects.count() < MOST_EFFECTS, "it does not end");
    }
    drop(session);
    Some(lines.take())
}

#[test]
fn whatever_a_session_hears_can_be_run_again() {
    let whole: Vec<String> = lines(CORPUS).into_iter().map(str::to_owned).collect();
    for line in &whole[1..] {
        let value: Value = serde_json::from_str(line).expect(line);
        if let Some(input) = value.get("input") {
            serde_json::from_value::<Input>(input.clone()).expect(line);
        }
    }
    let recording = recorded(&whole).expect("a recording");
    assert_eq!(replay(&recording), Ok(whole.len()));
    check!()
        .with_type::<Vec<Mangled>>()
        .with_iterations(5_000)
        .for_each(|mangled| {
            let corpus = lines(CORPUS);
            let head = corpus[0].to_owned();
            let texts = mangled.iter().map(|line| line.of(&corpus, &PIECES));
            let texts: Vec<String> = texts.chain([head]).collect();
            if let Some(lines) = recorded(&texts) {
                replay(&lines).unwrap_or_else(|why| panic!("{why}"));
            }
        });
}
