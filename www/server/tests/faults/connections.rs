//! What the wire shows, of the real program.

use std::io::{self, BufRead as _, BufReader};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::common::program::{PATIENCE, Server, cookie, read_to_end};

fn arm(server: &Server, fault: serde_json::Value) {
    let answer = server.ask("POST", "/faults", "", &fault.to_string());
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
}

fn refresh(server: &Server, token: &str, key: &str) -> String {
    let headers = format!("Cookie: refresh={token}\r\nIdempotency-Key: {key}\r\n");
    server.ask("POST", "/auth/refresh", &headers, "")
}

#[test]
fn a_dropped_answer_is_committed_or_not_and_sends_no_byte() {
    let server = Server::start(&["--faults"]);
    for (when, committed) in [("after", true), ("before", false)] {
        let first = cookie(&server.sign_in("ada"));
        let before = server.audit();
        arm(&server, json!({ "drop": { "when": when }, "requests": 1 }));
        assert_eq!(refresh(&server, &first, "key"), "");
        let mut expected = vec!["fault-injected"];
        expected.extend(committed.then_some("renewal"));
        assert_eq!(server.audit()[before.len()..], expected);

        let again = refresh(&server, &first, "key");
        assert!(again.starts_with("HTTP/1.1 200 "), "{again}");
        let next = refresh(&server, &cookie(&again), "next");
        assert!(next.starts_with("HTTP/1.1 200 "), "{next}");
        let repeated = if committed {
            "renewal-repeated"
        } else {
            "renewal"
        };
        expected.extend([repeated, "renewal"]);
        assert_eq!(server.audit()[before.len()..], expected);
    }
}

#[test]
fn what_hangs_is_closed_without_a_byte() {
    let server = Server::start(&["--faults"]);
    arm(
        &server,
        json!({ "path": "/api/me", "hang": {}, "seconds": 1 }),
    );
    assert_eq!(server.ask("GET", "/api/me", "", ""), "");

    arm(
        &server,
        json!({ "path": "/api/me", "hang": {}, "requests": 1 }),
    );
    let hanging = server.open("GET", "/api/me", "", "");
    let deadline = Instant::now() + PATIENCE;
    let holds = || {
        let listed = server.ask("GET", "/faults", "", "");
        listed.contains(r#""holding":1"#)
    };
    while !holds() {
        assert!(Instant::now() < deadline, "nothing hangs");
    }
    let cleared = server.ask("DELETE", "/faults", "", "");
    assert!(cleared.starts_with("HTTP/1.1 204 "), "{cleared}");
    assert_eq!(read_to_end(hanging), "");
}

#[test]
fn an_unending_answer_begins_and_does_not_end() {
    let server = Server::start(&["--faults"]);
    let first = cookie(&server.sign_in("ada"));
    arm(
        &server,
        json!({ "body": { "content": "unending" }, "requests": 1 }),
    );
    let headers = format!("Cookie: refresh={first}\r\nX-CSRF: 1\r\n");
    let answer = server.open("POST", "/auth/refresh", &headers, "");
    let mut answer = BufReader::new(answer);
    let mut text = String::new();
    while !text.contains("access_token") {
        assert_ne!(answer.read_line(&mut text).unwrap(), 0, "{text}");
    }
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    answer
        .get_ref()
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    let rest = answer.read_line(&mut text);
    let waits = |error: io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        )
    };
    assert!(rest.is_err_and(waits), "{text}");
}

#[test]
fn the_flag_is_announced_and_gives_each_request_its_own_connection() {
    let is_announced = |line: &String| line.contains("faults can be armed at /faults");
    let server = Server::start(&["--faults"]);
    assert!(server.announced.iter().any(is_announced));
    let answer = server.ask("GET", "/api/me", "", "");
    assert!(answer.contains("connection: close"), "{answer}");

    let plain = Server::start(&[]);
    assert!(!plain.announced.iter().any(is_announced));
}
