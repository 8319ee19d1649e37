//! The command: what it says of a file, and the status that it ends with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sessionkeeper::recording::Recorded;
use sessionkeeper::{Config, Input, Monotonic, Now, Record, Ticket, Timestamp};

fn now(millis: i64) -> Now {
    Now {
        wall: Timestamp::from_millis(1_700_000_000_000 + millis),
        monotonic: Monotonic::from_millis(millis),
    }
}

/// A session that is asked for, and signed out of.
fn lines() -> Vec<String> {
    let (sender, lines) = std::sync::mpsc::channel();
    let keep = move |line: &str| sender.send(line.to_owned()).expect("a listener");
    let mut session = Recorded::new(Config::default(), 7, now(0), 7, keep);
    let restore = Input::Restore {
        ticket: Ticket(1),
        fresh: false,
        record: Record::default(),
    };
    let sign_out = Input::SignOut {
        ticket: Ticket(2),
        logout: false,
    };
    for (at, input) in [(5, restore), (1250, sign_out)] {
        session.handle_input(input, now(at));
        while session.poll_effect().is_some() {}
    }
    session.handle_timeout(Now {
        wall: now(9_000_000).wall,
        ..now(2000)
    });
    while session.poll_effect().is_some() {}
    drop(session);
    lines.iter().collect()
}

/// A file of this test's own.
fn file(name: &str, content: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("a file");
    path
}

fn replay(arguments: &[&str], path: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replay"));
    let Output {
        status,
        stdout,
        stderr,
    } = command.args(arguments).arg(path).output().expect("it runs");
    let text = [stdout, stderr].concat();
    let text = String::from_utf8(text).expect("UTF-8");
    (status.code().expect("a status"), text)
}

#[test]
fn what_happened_is_told() {
    let path = file("whole.jsonl", &lines().join("\n"));
    let (status, text) = replay(&[], &path);
    assert_eq!(status, 0, "{text}");
    for expected in [
        "Tue, 14 Nov 2023 22:13:20 GMT",
        "1      0.005 s restore {fresh: false",
        "→ draw-key",
        "= starting",
        "2      1.250 s sign-out {logout: false, ticket: 2}",
        "= signed-out",
        "the wall clock is 8998.000 s ahead of the start",
        "3      2.000 s time passed",
        "the same as recorded (3 steps, ",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    let (status, text) = replay(&["--quiet"], &path);
    assert_eq!((status, text.lines().count()), (0, 1), "{text}");
    let (status, text) = replay(&["--until", "1"], &path);
    assert!(
        status == 0 && text.contains("up to here (1 steps"),
        "{text}"
    );
}

#[test]
fn of_several_it_is_told_which_is_which() {
    let whole = lines().join("\n");
    let [one, other] = ["one.jsonl", "other.jsonl"].map(|name| file(name, &whole));
    let one = one.to_str().expect("a name");
    let (status, text) = replay(&[one], &other);
    assert_eq!(status, 0, "{text}");
    for name in ["one.jsonl", "other.jsonl"] {
        let heading = format!("{name}:\nrecorded with");
        assert!(text.contains(&heading), "{text}");
    }
    let (_, text) = replay(&["--quiet", one], &other);
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn an_export_of_the_inspector_is_taken() {
    let export = serde_json::json!({
        "format": "sessionkeeper-inspection", "version": 1, "history": [], "recording": lines(),
    });
    let path = file(
        "export.json",
        &serde_json::to_string_pretty(&export).expect("JSON"),
    );
    let (status, text) = replay(&["--quiet"], &path);
    assert!(status == 0 && text.contains("3 steps"), "{text}");
}

#[test]
fn the_step_that_differs_is_told_with_both_sides() {
    let text = lines()
        .join("\n")
        .replace("\"ticket\":2,\"settlement\"", "\"ticket\":3,\"settlement\"");
    let text = text.replace("\"settle\":{\"ticket\":2", "\"settle\":{\"ticket\":3");
    let (status, text) = replay(&["-q"], &file("other.jsonl", &text));
    assert_eq!(status, 1, "{text}");
    for expected in [
        "in step 2",
        "recorded  {\"settle\"",
        "replayed  {\"settle\"",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[test]
fn a_recording_is_run_as_far_as_it_goes() {
    let whole = lines().join("\n");
    // Anywhere after the head and before the end.
    for end in [whole.len() - 1, whole.len() - 40, lines()[0].len() + 20] {
        let (status, text) = replay(&["-q"], &file("cut.jsonl", &whole[..end]));
        assert!(status == 0 && text.contains("cut off"), "{text}");
    }
    let without_end = lines()[..2].join("\n");
    let (status, text) = replay(&["-q"], &file("open.jsonl", &without_end));
    assert!(status == 0 && text.contains("last input"), "{text}");
    let full = format!("{}\n{{\"full\":true}}\n", lines()[..3].join("\n"));
    let (status, text) = replay(&["-q"], &file("full.jsonl", &full));
    assert!(status == 0 && text.contains("no room"), "{text}");
}

#[test]
fn anything_else_is_refused_with_a_reason() {
    let whole = lines().join("\n");
    let broken = whole.replacen("\"input\"", "\"inputs\"", 1);
    let version = whole.replacen("\"version\":1", "\"version\":9", 1);
    for (content, expected) in [
        ("", "it is empty"),
        ("# a readme", "not a recording"),
        ("{\"format\":\"sessionkeeper-inspection\"}", "audit"),
        (&broken, "line 2"),
        (&version, "version 9"),
        ("\0\u{1}\u{fffd}", "not a recording"),
    ] {
        let (status, text) = replay(&["-q"], &file("bad.jsonl", content));
        assert!(status == 2 && text.contains(expected), "{expected}: {text}");
    }
    let (status, text) = replay(&[], Path::new("there-is-none.jsonl"));
    assert!(status == 2 && text.contains("cannot be read"), "{text}");
    let empty = Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty");
    fs::create_dir_all(&empty).expect("a folder");
    let (status, text) = replay(&[], &empty);
    assert!(status == 2 && text.contains("no recordings"), "{text}");
}
