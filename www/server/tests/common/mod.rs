//! A server in process, with a clock that tests move, and a browser's view of it.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod program;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt as _;
use sample_server::report::{Question, Report};
use sample_server::{
    AlertConfig, App, AuditEntry, Clock, Config, Observer, PasswordCost, SAMPLE_USERS, Timestamp,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// Thu, 01 Jan 2026 00:00:00 GMT, and a part of a second.
pub(crate) const START_MILLIS: i64 = 1_767_225_600_250;
pub(crate) const START_SECONDS: i64 = 1_767_225_600;

#[derive(Debug)]
pub(crate) struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) config: Config,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        Self::starting_at(START_MILLIS, adjust)
    }

    pub(crate) fn starting_at(millis: i64, adjust: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config_in(folder.path().to_owned());
        adjust(&mut config);
        let clock = Arc::new(ManualClock(AtomicI64::new(millis)));
        let app = App::open(config.clone(), clock.clone()).unwrap();
        Self {
            router: app.router(),
            app,
            clock,
            config,
            folder,
        }
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) fn clock_seconds(&self) -> i64 {
        self.clock.now().seconds()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(self.router.clone(), request).await
    }

    pub(crate) async fn sign_in(&self, username: &str) -> Answer {
        let answer = self.send(published_sign_in(username)).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer
    }

    pub(crate) async fn refresh(&self, token: &str, key: Option<&str>) -> Answer {
        self.send(refresh_request(Some(token), key)).await
    }

    pub(crate) async fn sign_out(&self, token: Option<&str>) -> Answer {
        self.send(
            with_cookie(post("/auth/logout"), token)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn me(&self, access_token: &str) -> Answer {
        self.send(bearer(Method::GET, "/api/me", access_token))
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) fn observer(&self) -> Observer {
        Observer::open(&self.config.database, Arc::clone(&self.clock) as _).unwrap()
    }

    /// All answers to the operator's questions, over the last so many seconds.
    pub(crate) fn report(&self, window_seconds: i64) -> Report {
        self.observer()
            .report(&Question::ALL, window_seconds)
            .unwrap()
    }

    pub(crate) fn audit(&self) -> Vec<AuditEntry> {
        App::read_audit(&self.config.database).unwrap()
    }

    /// `kind` or `kind:detail` of every audit entry.
    pub(crate) fn audit_lines(&self) -> Vec<String> {
        let line = |entry: &AuditEntry| match &entry.detail {
            Some(detail) => format!("{}:{detail}", entry.kind),
            None => entry.kind.clone(),
        };
        self.audit().iter().map(line).collect()
    }
}

pub(crate) fn config_in(folder: PathBuf) -> Config {
    Config {
        database: folder.join("new/sample.sqlite3"),
        access_seconds: None,
        session_seconds: None,
        idle_seconds: None,
        tls: false,
        pages: folder.join("www"),
        package: folder.join("pkg"),
        faults: false,
        demonstration: false,
        alerts: AlertConfig::default(),
        operator_token_file: None,
        password_cost: PasswordCost::Least,
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn access_token(&self) -> String {
        self.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn number(&self, member: &str) -> i64 {
        self.json()[member].as_i64().unwrap()
    }

    pub(crate) fn claims(&self) -> Value {
        token_part(&self.access_token(), 1)
    }

    /// The refresh token of the answer's cookie.
    pub(crate) fn cookie(&self) -> String {
        let set_cookie = self.header(header::SET_COOKIE.as_str());
        let (pair, _) = set_cookie.split_once(';').unwrap();
        pair.split_once('=').unwrap().1.to_owned()
    }

    /// The value of the cookie of that name.
    pub(crate) fn cookie_named(&self, name: &str) -> Option<String> {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap().split_once(';').unwrap().0)
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(found, value)| (found == name).then(|| value.to_owned()))
    }

    pub(crate) fn sid(&self) -> String {
        self.claims()["sid"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.json()["error"], code);
        assert!(self.json()["error_description"].is_string());
    }
}

/// The header (0) or the claims (1) of a JWT.
pub(crate) fn token_part(token: &str, part: usize) -> Value {
    let text = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

pub(crate) async fn send(router: Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// A `POST` with the CSRF header.
pub(crate) fn post(path: &str) -> axum::http::request::Builder {
    Request::post(path)
        .header(header::HOST, "localhost:8080")
        .header("X-CSRF", "1")
}

pub(crate) fn with_cookie(
    request: axum::http::request::Builder,
    token: Option<&str>,
) -> axum::http::request::Builder {
    match token {
        Some(token) => request.header(
            header::COOKIE,
            format!("theme=dark; refresh={token}; __Host-refresh={token}"),
        ),
        None => request,
    }
}

pub(crate) fn sign_in_request(username: &str, password: &str) -> Request<Body> {
    let body = json!({ "username": username, "password": password });
    post("/auth/login")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

pub(crate) fn refresh_request(token: Option<&str>, key: Option<&str>) -> Request<Body> {
    let mut request = with_cookie(post("/auth/refresh"), token);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    request.body(Body::empty()).unwrap()
}

pub(crate) fn bearer(method: Method, path: &str, access_token: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {access_token}"))
        .body(Body::empty())
        .unwrap()
}

/// A request of the application's own page, with the access token and the CSRF header.
pub(crate) fn own(
    method: Method,
    path: &str,
    access_token: &str,
    body: Option<Value>,
) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost:8080")
        .header("X-CSRF", "1")
        .header(header::AUTHORIZATION, format!("Bearer {access_token}"));
    match body {
        Some(body) => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    }
    .unwrap()
}

/// The request with these cookies, as names and values.
pub(crate) fn holding(mut request: Request<Body>, cookies: &[(&str, &str)]) -> Request<Body> {
    let pairs: Vec<String> = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let value = pairs.join("; ").parse().unwrap();
    request.headers_mut().insert(header::COOKIE, value);
    request
}

/// A sign-in with the published password.
pub(crate) fn published_sign_in(username: &str) -> Request<Body> {
    let user = SAMPLE_USERS
        .iter()
        .find(|user| user.username == username)
        .unwrap();
    sign_in_request(username, user.password)
}

/// The request as it comes from that address.
pub(crate) fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address = SocketAddr::new(address.parse().unwrap(), 1234);
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

/// A batch as the client posts it to `/audit`.
pub(crate) fn client_batch(body: impl Into<Body>) -> Request<Body> {
    Request::post("/audit")
        .header(header::HOST, "localhost:8080")
        .header(header::ORIGIN, "http://localhost:8080")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap()
}

/// One entry of such a batch.
pub(crate) fn client_entry(sequence: u64, kind: &str, detail: Value) -> Value {
    json!({ "sequence": sequence, "at": START_MILLIS, "type": kind, "detail": detail })
}
