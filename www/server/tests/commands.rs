//! The commands of the real program, and the server that follows them.

mod common;

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use common::program::{PATIENCE, Server, cookie, member};
use common::token_part;

fn output(server: &Server, arguments: &[&str]) -> String {
    let output = server.command(arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}

fn complaint(server: &Server, arguments: &[&str]) -> String {
    let output = server.command(arguments);
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Reads a stream until a line says that.
fn hear(stream: &mut impl BufRead, wanted: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(wanted) {
        let count = stream.read_line(&mut heard).unwrap();
        assert!(count > 0, "closed after {heard}");
    }
    heard
}

#[test]
fn a_running_server_follows_the_commands() {
    let server = Server::start(&[]);
    let answer = server.sign_in("ada");
    let header = format!("Cookie: refresh={}\r\n", cookie(&answer));
    let mut stream = BufReader::new(server.open("GET", "/auth/events", &header, ""));
    hear(&mut stream, "retry: 3000");
    let said = output(&server, &["end", "--user", "ada"]);
    let [first, second] = said.lines().collect::<Vec<_>>()[..] else {
        panic!("{said}");
    };
    assert!(first.starts_with("ended session ") && first.ends_with(" of user-ada"));
    assert_eq!(second, "1 session ended");
    let sid = first.split(' ').nth(2).unwrap();
    let heard = hear(&mut stream, "data: ");
    assert!(
        heard.contains(&format!("event: revoked\nid: {sid}\n")),
        "{heard}"
    );
    let token = member(&answer, "access_token");
    let header = format!("Authorization: Bearer {token}\r\n");
    let refused = server.ask("GET", "/api/me", &header, "");
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
    let nothing = output(&server, &["end", "--session", sid]);
    assert_eq!(nothing, "no session was left to end\n");

    let said = output(&server, &["rotate-key", "--overlap", "15m"]);
    let words: Vec<&str> = said.split_whitespace().collect();
    let new_kid = words[1];
    assert!(said.contains(" signs from now on\n") && said.contains(" are good until 20"));
    let deadline = Instant::now() + PATIENCE;
    while !server
        .ask("GET", "/.well-known/jwks.json", "", "")
        .contains(new_kid)
    {
        assert!(Instant::now() < deadline, "the server does not follow");
        std::thread::sleep(Duration::from_millis(20));
    }
    let answer = server.sign_in("ada");
    assert_eq!(
        token_part(&member(&answer, "access_token"), 0)["kid"],
        new_kid
    );
    let said = output(
        &server,
        &["end", "--signed-in-before", "2999-01-01T00:00:00Z"],
    );
    assert!(said.ends_with("\n1 session ended\n"), "{said}");
}

#[test]
fn commands_that_make_no_sense_are_refused() {
    let server = Server::start(&[]);
    server.sign_in("ada");
    for arguments in [
        &["end"] as &[&str],
        &["end", "--user", "ada", "--session", "x"],
        &["end", "--user", "nobody"],
        &["end", "--session", ""],
        &["end", "--under-key", "x"],
        &["end", "--signed-in-before", "now"],
        &["end", "--signed-in-before", "2999-01-01"],
        &["rotate-key", "--overlap", "25h"],
        &["rotate-key", "--overlap=-1s"],
        &["rotate-key", "--overlap", "forever"],
    ] {
        let said = complaint(&server, arguments);
        assert!(said.starts_with("error: "), "{said}");
    }
    assert!(!server.audit().iter().any(|kind| kind == "session-ended"));
}

/// Ids are random, in base64url.
#[test]
fn ids_may_begin_with_a_hyphen() {
    let server = Server::start(&[]);
    server.sign_in("ada");
    for (flag, thing) in [("--session", "session"), ("--under-key", "key")] {
        let said = complaint(&server, &["end", flag, "-0nGI4-ODslL"]);
        let wanted = format!("error: there is no {thing} -0nGI4-ODslL");
        assert!(said.starts_with(&wanted), "{said}");
    }
    let trail = ["audit", "--session", "-0nGI4-ODslL"];
    assert_eq!(output(&server, &trail), "");
}

#[test]
fn an_alert_is_printed_as_a_line_of_json() {
    let server = Server::start(&["--alert", "new-places=off"]);
    let first = cookie(&server.sign_in("ada"));
    let header = format!("Cookie: refresh={first}\r\n");
    server.ask("POST", "/auth/refresh", &header, "");
    let again = server.ask("POST", "/auth/refresh", &header, "");
    assert!(again.starts_with("HTTP/1.1 401 "), "{again}");
    let line: serde_json::Value = serde_json::from_str(&server.next_line()).unwrap();
    assert_eq!(line["alert"], "reuse-alarms");
    assert_eq!(line["state"], "raised");
    assert_eq!((&line["part"], &line["bound"]), (&1.into(), &"0".into()));
    assert_eq!(server.audit().last().unwrap(), "alert-raised");
    let report = output(&server, &["report", "alerts"]);
    assert!(report.contains("\nalerts: 1 raised\n"), "{report}");
    assert!(!report.contains("new-places"), "{report}");
    let clients = output(&server, &["audit", "--clients"]);
    assert_eq!(clients, "", "no page told anything");
}

#[test]
fn flags_that_make_no_sense_are_refused() {
    for flags in [
        &["--alert", "renewal-failures"] as &[&str],
        &["--alert", "renewal-failures=5"],
        &["--alert", "reuse-alarms=5%"],
        &["--alert", "renewal-failures=101%"],
        &["--alert", "nonsense=5%"],
        &["--alert-window", "0s"],
        &["--alert-least", "0"],
        &["report", "nonsense"],
        &["report", "--window=-1h"],
        &["audit", "--window", "never"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_sample-server"))
            .args(flags)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.starts_with("error: "),
            "{flags:?}: {said}"
        );
    }
    let server = Server::start(&[]);
    for arguments in [
        &["sessions", "--user", "nobody"] as &[&str],
        &["audit", "--user", "nobody"],
    ] {
        assert!(complaint(&server, arguments).contains("there is no user nobody"));
    }
    assert_eq!(output(&server, &["sessions"]), "no session stands\n");
}

#[test]
fn localhost_is_both_addresses() {
    let server = Server::start(&["--demonstration"]);
    let secrets = server.announced.iter();
    assert_eq!(secrets.filter(|line| line.contains("secret ")).count(), 2);
    // A machine may have no such address.
    if TcpListener::bind("[::1]:0").is_ok() {
        TcpStream::connect(("::1", server.port)).unwrap();
    }
}
