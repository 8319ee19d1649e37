//! What the wire shows, of the real program.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sample_server::{App, SAMPLE_USERS};
use serde_json::json;
use tempfile::TempDir;

/// A wait that only a server that hangs for good exceeds.
const PATIENCE: Duration = Duration::from_secs(30);

struct Server {
    child: Child,
    port: u16,
    announced: Vec<String>,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Server {
    fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sample-server"))
            .args(["--port", "0", "--database"])
            .arg(database_in(&folder))
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut announced = Vec::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, port)) = line.split_once("listening on http://localhost:") {
                break port.parse().unwrap();
            }
            announced.push(line);
        };
        Self {
            child,
            port,
            announced,
            folder,
        }
    }

    /// Sends a request that asks for the connection to be kept.
    fn open(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-CSRF: 1\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        )
        .unwrap();
        stream
    }

    /// All that comes until the server closes the connection.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        read_to_end(self.open(method, path, headers, body))
    }

    fn arm(&self, fault: serde_json::Value) {
        let answer = self.ask("POST", "/faults", "", &fault.to_string());
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }

    /// Signs in; the refresh token.
    fn sign_in(&self) -> String {
        let [user, ..] = &SAMPLE_USERS;
        let body = json!({ "username": user.username, "password": user.password });
        cookie(&self.ask("POST", "/auth/login", "", &body.to_string()))
    }

    fn refresh(&self, token: &str, key: &str) -> String {
        let headers = format!("Cookie: refresh={token}\r\nIdempotency-Key: {key}\r\n");
        self.ask("POST", "/auth/refresh", &headers, "")
    }

    fn audit(&self) -> Vec<String> {
        let entries = App::read_audit(&database_in(&self.folder)).unwrap();
        entries.into_iter().map(|entry| entry.kind).collect()
    }
}

fn database_in(folder: &TempDir) -> PathBuf {
    folder.path().join("sample.sqlite3")
}

fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[track_caller]
fn cookie(answer: &str) -> String {
    let (_, rest) = answer.split_once("set-cookie: refresh=").expect(answer);
    rest.split_once(';').unwrap().0.to_owned()
}

#[test]
fn a_dropped_answer_is_committed_or_not_and_sends_no_byte() {
    let server = Server::start(&["--faults"]);
    for (when, committed) in [("after", true), ("before", false)] {
        let first = server.sign_in();
        let before = server.audit();
        server.arm(json!({ "drop": { "when": when }, "requests": 1 }));
        assert_eq!(server.refresh(&first, "key"), "");
        let mut expected = vec!["fault-injected"];
        expected.extend(committed.then_some("renewal"));
        assert_eq!(server.audit()[before.len()..], expected);

        let again = server.refresh(&first, "key");
        assert!(again.starts_with("HTTP/1.1 200 "), "{again}");
        let next = server.refresh(&cookie(&again), "next");
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
    server.arm(json!({ "path": "/api/me", "hang": {}, "seconds": 1 }));
    assert_eq!(server.ask("GET", "/api/me", "", ""), "");

    server.arm(json!({ "path": "/api/me", "hang": {}, "requests": 1 }));
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
fn the_flag_is_announced_and_gives_each_request_its_own_connection() {
    let is_announced = |line: &String| line.contains("faults can be armed at /faults");
    let server = Server::start(&["--faults"]);
    assert!(server.announced.iter().any(is_announced));
    let answer = server.ask("GET", "/api/me", "", "");
    assert!(answer.contains("connection: close"), "{answer}");

    let plain = Server::start(&[]);
    assert!(!plain.announced.iter().any(is_announced));
}
