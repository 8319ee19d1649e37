//! What browsers are told, and what they are refused.

mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use common::{World, post, with_cookie};
use serde_json::json;

#[tokio::test]
async fn the_cookie_on_plain_http() {
    let world = World::with(|config| config.session_seconds = Some(600));
    let answer = world.sign_in("ada").await;
    let expected = format!(
        "refresh={}; Max-Age=600; HttpOnly; SameSite=Strict; Path=/",
        answer.cookie()
    );
    assert_eq!(answer.header("set-cookie"), expected);
    assert_eq!(answer.cookie().len(), 43);
}

#[tokio::test]
async fn the_cookie_over_tls() {
    let world = World::with(|config| {
        config.tls = true;
        config.session_seconds = Some(600);
    });
    let answer = world.sign_in("ada").await;
    let expected = format!(
        "__Host-refresh={}; Max-Age=600; HttpOnly; Secure; SameSite=Strict; Path=/",
        answer.cookie()
    );
    assert_eq!(answer.header("set-cookie"), expected);

    let plain = post("/auth/refresh")
        .header(header::COOKIE, format!("refresh={}", answer.cookie()))
        .body(Body::empty())
        .unwrap();
    world.send(plain).await.assert_error(401, "invalid_grant");
    assert_eq!(
        world.refresh(&answer.cookie(), None).await.status,
        StatusCode::OK
    );
    let cleared = world.sign_out(None).await;
    assert_eq!(
        cleared.header("set-cookie"),
        "__Host-refresh=; Max-Age=0; HttpOnly; Secure; SameSite=Strict; Path=/"
    );
}

#[tokio::test]
async fn without_the_csrf_header_nothing_happens() {
    let world = World::new();
    let answer = world.sign_in("ada").await;
    for path in ["/auth/login", "/auth/refresh", "/auth/logout"] {
        for csrf in [None, Some(""), Some(" ")] {
            let mut request = with_cookie(Request::post(path), Some(&answer.cookie()));
            if let Some(value) = csrf {
                request = request.header("X-CSRF", value);
            }
            let refused = world.send(request.body(Body::empty()).unwrap()).await;
            refused.assert_error(403, "access_denied");
            assert_eq!(refused.header("set-cookie"), "");
        }
    }
    assert_eq!(
        world.me(&answer.access_token()).await.status,
        StatusCode::OK
    );
    assert_eq!(
        world.refresh(&answer.cookie(), None).await.status,
        StatusCode::OK
    );
    let lines = world.audit_lines();
    assert!(lines.contains(&"request-refused:no-csrf-header /auth/refresh".to_owned()));
    assert!(!lines.iter().any(|line| line.starts_with("sign-out")));
}

/// An operator's terminal shows the trail.
#[tokio::test]
async fn nobody_chooses_what_the_trail_says_of_a_refused_request() {
    let world = World::with(|config| config.faults = true);
    let fault =
        json!({ "path": "/auth/sessions", "requests": 1, "status": { "code": 503 } }).to_string();
    let arm = post("/faults").header(header::CONTENT_TYPE, "application/json");
    world.send(arm.body(Body::from(fault)).unwrap()).await;
    for sid in [
        "\u{9b}2J",
        "\u{202e}evil",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
    ] {
        let path = format!("/auth/sessions/{sid}");
        for request in [
            Request::delete(path.as_str()).body(Body::empty()),
            Request::delete(path.as_str())
                .header("X-CSRF", "1")
                .body(Body::empty()),
        ] {
            world.send(request.unwrap()).await;
        }
    }
    let path = "/auth/sessions/{sid}";
    let mut expected = vec![format!("fault-injected:status-503-before {path}")];
    expected.extend(vec![format!("request-refused:no-csrf-header {path}"); 2]);
    let lines = world.audit_lines();
    let (told, rest): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.contains(path));
    assert_eq!(told, expected);
    assert!(rest.iter().all(|line| line == "token-refused"), "{rest:?}");
}

#[tokio::test]
async fn a_foreign_origin_is_refused() {
    let world = World::new();
    let mut token = world.sign_in("ada").await.cookie();
    let cases = [
        ("localhost:8080", "http://localhost:8080", true),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", true),
        ("localhost:8080", "https://localhost:8080", false),
        ("localhost:8080", "http://localhost:8081", false),
        ("localhost:8080", "http://localhost:8080.evil.test", false),
        ("localhost:8080", "null", false),
        ("evil.test:8080", "http://evil.test:8080", false),
    ];
    for (host, origin, own) in cases {
        let request = Request::post("/auth/refresh")
            .header(header::HOST, host)
            .header(header::ORIGIN, origin)
            .header("X-CSRF", "1");
        let request = with_cookie(request, Some(&token))
            .body(Body::empty())
            .unwrap();
        let answer = world.send(request).await;
        if own {
            assert_eq!(answer.status, StatusCode::OK, "{host} {origin}");
            token = answer.cookie();
        } else {
            answer.assert_error(403, "access_denied");
        }
    }
}

#[tokio::test]
async fn every_answer_carries_the_servers_date() {
    let world = World::new();
    world.advance_seconds(-7200);
    let signed_in = world.sign_in("ada").await;
    let expected = "Wed, 31 Dec 2025 22:00:00 GMT";
    assert_eq!(signed_in.header("date"), expected);
    assert_eq!(signed_in.claims()["iat"], common::START_SECONDS - 7200);
    std::fs::create_dir_all(&world.config.pages).unwrap();
    std::fs::write(world.config.pages.join("index.html"), "<!doctype html>").unwrap();
    for path in [
        "/",
        "/missing",
        "/pkg/missing",
        "/api/me",
        "/auth/login",
        "/.well-known/jwks.json",
    ] {
        assert_eq!(world.get(path).await.header("date"), expected, "{path}");
    }
    let head = world
        .send(Request::head("/").body(Body::empty()).unwrap())
        .await;
    assert_eq!(
        (head.status, head.header("date")),
        (StatusCode::OK, expected)
    );
}

#[tokio::test]
async fn files_are_served_with_their_headers() {
    let world = World::new();
    let (pages, package) = (&world.config.pages, &world.config.package);
    std::fs::create_dir_all(pages.join("server")).unwrap();
    std::fs::create_dir_all(package).unwrap();
    std::fs::write(pages.join("index.html"), "<!doctype html>").unwrap();
    std::fs::write(pages.join("page.js"), "export {}").unwrap();
    std::fs::write(pages.join("server/Cargo.toml"), "not for you").unwrap();
    std::fs::write(package.join("module_bg.wasm"), "\0asm").unwrap();
    std::fs::write(world.folder.path().join("secret"), "not for you").unwrap();

    for (path, content_type) in [
        ("/", "text/html"),
        ("/page.js", "text/javascript"),
        ("/pkg/module_bg.wasm", "application/wasm"),
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
             form-action 'none'; object-src 'none'"
        );
    }
    for path in [
        "/server",
        "/server/",
        "/server/Cargo.toml",
        "/%73erver/Cargo.toml",
        "//server/Cargo.toml",
        "/./server/Cargo.toml",
        "/x/../server/Cargo.toml",
        "/pkg/../www/server/Cargo.toml",
        "/../secret",
        "/..%2fsecret",
        "/%2e%2e/secret",
        "/pkg/../secret",
        "/pkg/..%2f..%2fsecret",
        "/pkg/%2e%2e/secret",
        "/new/sample.sqlite3",
        "/%00",
    ] {
        let answer = world.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert!(!answer.text.contains("not for you"), "{path}");
    }
}
