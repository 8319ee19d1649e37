//! The real program, on a free port and with a database of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use sample_server::{App, SAMPLE_USERS};
use serde_json::json;
use tempfile::TempDir;

/// A wait that only a server that hangs for good exceeds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    pub(crate) announced: Vec<String>,
    /// What it prints after that.
    printed: Receiver<String>,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Server {
    pub(crate) fn start(flags: &[&str]) -> Self {
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
        let (print, printed) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if print.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            port,
            announced,
            printed,
            folder,
        }
    }

    /// The next line that it prints.
    pub(crate) fn next_line(&self) -> String {
        self.printed.recv_timeout(PATIENCE).unwrap()
    }

    /// Runs a command on the server's database.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_sample-server"))
            .args(arguments)
            .arg("--database")
            .arg(database_in(&self.folder))
            .output()
            .unwrap()
    }

    /// Sends a request that asks for the connection to be kept.
    pub(crate) fn open(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
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
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let headers = format!("Connection: close\r\n{headers}");
        read_to_end(self.open(method, path, &headers, body))
    }

    /// Signs in; the answer.
    pub(crate) fn sign_in(&self, username: &str) -> String {
        let user = SAMPLE_USERS.iter().find(|user| user.username == username);
        let body = json!({ "username": username, "password": user.unwrap().password });
        let answer = self.ask("POST", "/auth/login", "", &body.to_string());
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        answer
    }

    pub(crate) fn audit(&self) -> Vec<String> {
        let entries = App::read_audit(&database_in(&self.folder)).unwrap();
        entries.into_iter().map(|entry| entry.kind).collect()
    }
}

fn database_in(folder: &TempDir) -> PathBuf {
    folder.path().join("sample.sqlite3")
}

pub(crate) fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// The refresh token that an answer sets.
#[track_caller]
pub(crate) fn cookie(answer: &str) -> String {
    let (_, rest) = answer.split_once("set-cookie: refresh=").expect(answer);
    rest.split_once(';').unwrap().0.to_owned()
}

/// A member of an answer's JSON.
#[track_caller]
pub(crate) fn member(answer: &str, name: &str) -> String {
    let (_, body) = answer.split_once("\r\n\r\n").expect(answer);
    let body: serde_json::Value = serde_json::from_str(body).expect(answer);
    body[name].as_str().expect(answer).to_owned()
}
