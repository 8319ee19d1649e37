//! The operator's page: who may see it, and what is on it.

mod common;

use std::path::Path;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{Answer, World, bearer, client_batch, client_entry, config_in, from};
use sample_server::{App, SystemClock};
use serde_json::json;

struct Operated {
    world: World,
    token: String,
}

fn operated() -> Operated {
    let mut file = None;
    let world = World::with(|config| {
        let path = config.pages.with_file_name("operator-token");
        config.operator_token_file = Some(path.clone());
        file = Some(path);
    });
    let token = std::fs::read_to_string(file.unwrap()).unwrap();
    Operated {
        world,
        token: token.trim().to_owned(),
    }
}

fn request(path: &str, credentials: &str) -> Request<Body> {
    Request::get(path)
        .header(header::AUTHORIZATION, credentials)
        .body(Body::empty())
        .unwrap()
}

fn basic(user_and_password: &str) -> String {
    format!("Basic {}", STANDARD.encode(user_and_password))
}

impl Operated {
    async fn get(&self, path: &str) -> Answer {
        let credentials = basic(&format!("operator:{}", self.token));
        self.world.send(request(path, &credentials)).await
    }
}

#[tokio::test]
async fn without_the_flag_there_is_no_such_page() {
    let world = World::new();
    for path in ["/operator", "/operator/report.json", "/operator/style.css"] {
        world.get(path).await.assert_error(404, "invalid_request");
        let answer = world.send(request(path, &basic("operator:"))).await;
        answer.assert_error(404, "invalid_request");
    }
}

#[tokio::test]
async fn it_is_shown_for_the_token_alone() {
    let operated = operated();
    let world = &operated.world;
    assert_eq!(operated.token.len(), 43);
    let session = world.sign_in("grace").await;
    let administrator = bearer(
        axum::http::Method::GET,
        "/operator",
        &session.access_token(),
    );
    let asked = world.get("/operator").await;
    asked.assert_error(401, "access_denied");
    assert_eq!(
        asked.header("www-authenticate"),
        r#"Basic realm="operator", charset="UTF-8""#
    );
    assert!(
        !world
            .audit_lines()
            .contains(&"operator-refused:wrong-token".to_owned())
    );
    world
        .send(administrator)
        .await
        .assert_error(401, "access_denied");
    let token = &operated.token;
    for wrong in [
        basic("operator:"),
        basic(token),
        basic(&format!("operator:{token}x")),
        basic(&format!("operator:{}", &token[1..])),
        format!("Basic {token}"),
        format!("Bearer {token}"),
        "Basic".to_owned(),
        "Basic \u{e9}".to_owned(),
        String::new(),
    ] {
        for path in ["/operator", "/operator/report.json", "/operator/style.css"] {
            let answer = world.send(request(path, &wrong)).await;
            answer.assert_error(401, "access_denied");
            assert!(!answer.text.contains(token.as_str()));
        }
    }
    assert!(
        world
            .audit_lines()
            .contains(&"operator-refused:wrong-token".to_owned())
    );
    for right in [
        basic(&format!("operator:{token}")),
        basic(&format!(":{token}")),
        basic(&format!("operator:{token}")).replace("Basic", "basic"),
    ] {
        let answer = world.send(request("/operator", &right)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(
            answer
                .header("content-security-policy")
                .contains("script-src 'self'")
        );
        assert!(!answer.text.contains(token.as_str()));
    }
}

#[tokio::test]
async fn guesses_are_bounded() {
    let operated = operated();
    let world = &operated.world;
    for _ in 0..20 {
        let guess = from(
            "203.0.113.7",
            request("/operator", &basic("operator:guess")),
        );
        world.send(guess).await.assert_error(401, "access_denied");
    }
    let guess = from(
        "203.0.113.7",
        request("/operator", &basic("operator:guess")),
    );
    let blocked = world.send(guess).await;
    blocked.assert_error(429, "temporarily_unavailable");
    assert_eq!(blocked.header("retry-after"), "900");
    assert_eq!(operated.get("/operator").await.status, StatusCode::OK);
}

#[tokio::test]
async fn it_answers_the_questions_without_script_or_style_of_its_own() {
    let operated = operated();
    let world = &operated.world;
    let session = world.sign_in("ada").await;
    world.refresh(&session.cookie(), Some("a")).await;
    world.refresh(&session.cookie(), Some("b")).await;
    world.app.watch_rates().unwrap();
    let hostile = "<script>alert(1)</script>&\"'";
    let entry = client_entry(1, "token-rejected", json!({ "reason": hostile }));
    let told = world
        .send(client_batch(
            json!({ "tab": "a", "entries": [entry] }).to_string(),
        ))
        .await;
    assert_eq!(told.status, StatusCode::NO_CONTENT);

    let page = operated.get("/operator").await.text;
    for wanted in [
        "<title>(1) Operator</title>",
        "reuse-alarms",
        "50.0 %",
        "renewal-refused: reuse",
        "other-idempotency-key",
        &session.sid(),
        "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;'",
        "access tokens of customers",
    ] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    for unwanted in [
        "<script",
        "style=",
        "<style",
        " on",
        "javascript:",
        "http://",
        "https://",
    ] {
        let found = page
            .find(unwanted)
            .map(|at| &page[at..(at + 40).min(page.len())]);
        let is_prose =
            found.is_some_and(|found| found.starts_with(" on a ") || found.starts_with(" on the "));
        assert!(found.is_none() || is_prose, "{found:?}");
    }
    let style = operated.get("/operator/style.css").await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    let report = operated
        .get("/operator/report.json?window=90m")
        .await
        .json();
    assert_eq!(report["since"], "2025-12-31T22:30:00Z");
    assert_eq!(report["renewals"]["succeeded"], 1);
    assert_eq!(report["alerts"][1]["rule"], "reuse-alarms");
    assert_eq!(report["alerts"][1]["state"], "raised");

    for wrong in [
        "window=",
        "window=0s",
        "window=never",
        "x=1",
        "window=1d&x=1",
    ] {
        let answer = operated.get(&format!("/operator?{wrong}")).await;
        answer.assert_error(400, "invalid_request");
    }
}

#[test]
fn a_file_that_is_no_token_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let open = || {
        let mut config = config_in(folder.path().to_owned());
        config.operator_token_file = Some(path.clone());
        App::open(config, std::sync::Arc::new(SystemClock::default()))
            .err()
            .map(|error| error.to_string())
    };
    let write = |text: &str| {
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, text).unwrap();
        only_ours(&path, 0o600);
    };
    assert_eq!(open(), None, "it is made");
    let made = std::fs::read_to_string(&path).unwrap();
    assert_eq!(open(), None, "it is read");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), made);
    for wrong in [
        "",
        "short",
        "two words of sufficient length",
        "\u{e9}".repeat(30).as_str(),
    ] {
        write(wrong);
        let said = open().unwrap();
        assert!(said.contains("holds no operator's token"), "{said}");
    }
    write(&"x".repeat(22));
    assert_eq!(open(), None);
    if only_ours(&path, 0o644) {
        let said = open().unwrap();
        assert!(said.contains("chmod 600"), "{said}");
    }
}

/// Sets the file's permissions, where there are any.
fn only_ours(path: &Path, mode: u32) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let _ = (path, mode);
    cfg!(unix)
}
