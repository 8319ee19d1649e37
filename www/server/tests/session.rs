//! How a session begins, lives and ends.

mod common;

use axum::body::Body;
use axum::http::{StatusCode, header};
use common::{START_SECONDS, World, post, sign_in_request, token_part};
use sample_server::Role;

#[tokio::test]
async fn a_sign_in_answers_with_tokens() {
    let world = World::new();
    let answer = world.sign_in("ada").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let lifetimes = Role::Customer.default_lifetimes();
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], lifetimes.access_seconds);
    assert_eq!(body["session_expires_in"], lifetimes.session_seconds);
    assert_eq!(body["scope"], "profile");
    assert_eq!(body.as_object().unwrap().len(), 5);

    let header = token_part(&answer.access_token(), 0);
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(header["alg"], "ES256");
    let jwks = world.get("/.well-known/jwks.json").await.json();
    assert_eq!(jwks["keys"][0]["kid"], header["kid"]);
    assert!(jwks["keys"][0].get("d").is_none());

    let claims = answer.claims();
    assert_eq!(claims["iss"], "https://sample.sessionkeeper.test");
    assert_eq!(claims["aud"], "sample-api");
    assert_eq!(claims["sub"], "user-ada");
    assert_eq!(claims["iat"], START_SECONDS);
    assert_eq!(claims["auth_time"], START_SECONDS);
    assert_eq!(claims["exp"], START_SECONDS + lifetimes.access_seconds);
    assert_eq!(claims["role"], "customer");
    for member in ["sid", "jti", "name", "scope", "acr"] {
        assert!(claims[member].is_string(), "{member}");
    }

    let me = world.me(&answer.access_token()).await;
    assert_eq!(me.status, StatusCode::OK);
    assert_eq!(me.json()["name"], claims["name"]);
    assert_eq!(me.header("cache-control"), "no-store");
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let world = World::new();
    for (username, password) in [
        ("ada", "wrong"),
        ("nobody", "correct horse battery"),
        ("", ""),
    ] {
        let answer = world.send(sign_in_request(username, password)).await;
        answer.assert_error(401, "invalid_grant");
        assert_eq!(answer.header("set-cookie"), "");
    }
    let malformed = post("/auth/login")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{\"username\":\"ada\"}"))
        .unwrap();
    world
        .send(malformed)
        .await
        .assert_error(400, "invalid_request");
}

#[tokio::test]
async fn administrators_are_trusted_for_shorter_spans() {
    let world = World::new();
    let customer = world.sign_in("ada").await;
    let administrator = world.sign_in("grace").await;
    for member in ["expires_in", "session_expires_in"] {
        assert!(
            administrator.number(member) < customer.number(member),
            "{member}"
        );
    }
}

#[tokio::test]
async fn an_access_token_expires() {
    let world = World::with(|config| config.access_seconds = Some(10));
    let answer = world.sign_in("ada").await;
    world.advance_seconds(9);
    assert_eq!(
        world.me(&answer.access_token()).await.status,
        StatusCode::OK
    );
    world.advance_seconds(1);
    world
        .me(&answer.access_token())
        .await
        .assert_error(401, "invalid_token");
}

#[tokio::test]
async fn no_renewal_moves_the_hard_end() {
    let world = World::with(|config| {
        config.access_seconds = Some(60);
        config.session_seconds = Some(100);
    });
    let first = world.sign_in("ada").await;
    assert_eq!(first.number("session_expires_in"), 100);
    world.advance_seconds(70);
    let second = world.refresh(&first.cookie(), Some("a")).await;
    assert_eq!(second.number("session_expires_in"), 30);
    assert_eq!(second.number("expires_in"), 30);
    assert!(second.header("set-cookie").contains("Max-Age=30;"));
    assert_eq!(second.claims()["exp"], START_SECONDS + 100);
    assert_eq!(second.claims()["auth_time"], START_SECONDS);
    world.advance_seconds(29);
    let third = world.refresh(&second.cookie(), Some("b")).await;
    assert_eq!(third.number("session_expires_in"), 1);
    world.advance_seconds(1);
    world
        .refresh(&third.cookie(), Some("c"))
        .await
        .assert_error(401, "invalid_grant");
    world
        .me(&third.access_token())
        .await
        .assert_error(401, "invalid_token");
    let lines = world.audit_lines();
    assert!(lines.ends_with(&[
        "session-ended:expired".to_owned(),
        "renewal-refused:session-expired".to_owned(),
        "token-refused:expired".to_owned(),
    ]));
}

#[tokio::test]
async fn any_token_of_the_session_signs_it_out() {
    for which in 0..3 {
        let world = World::new();
        let mut tokens = vec![world.sign_in("ada").await];
        for key in ["a", "b"] {
            tokens.push(
                world
                    .refresh(&tokens.last().unwrap().cookie(), Some(key))
                    .await,
            );
        }
        let answer = world.sign_out(Some(&tokens[which].cookie())).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert!(
            answer
                .header("set-cookie")
                .starts_with("refresh=; Max-Age=0;")
        );
        let newest = tokens.last().unwrap();
        world
            .me(&newest.access_token())
            .await
            .assert_error(401, "invalid_token");
        world
            .refresh(&newest.cookie(), Some("c"))
            .await
            .assert_error(401, "invalid_grant");
        assert!(
            !world
                .audit_lines()
                .iter()
                .any(|line| line.starts_with("reuse"))
        );
    }
}

#[tokio::test]
async fn signing_out_again_succeeds() {
    let world = World::new();
    let answer = world.sign_in("ada").await;
    for token in [
        Some(answer.cookie()),
        Some(answer.cookie()),
        None,
        Some("junk".to_owned()),
    ] {
        let answer = world.sign_out(token.as_deref()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert!(answer.header("set-cookie").contains("Max-Age=0;"));
    }
    assert_eq!(
        world.audit_lines(),
        [
            "sign-in",
            "sign-out",
            "session-ended:signed-out",
            "sign-out:already-ended",
            "sign-out:no-cookie",
            "sign-out:unknown-token",
        ]
    );
}

#[tokio::test]
async fn a_new_sign_in_ends_the_session_that_the_browser_had() {
    let world = World::new();
    let old = world.sign_in("ada").await;
    let mut request = sign_in_request("grace", "nanoseconds of copper wire");
    let cookie = format!("refresh={}", old.cookie()).parse().unwrap();
    request.headers_mut().insert(header::COOKIE, cookie);
    let new = world.send(request).await;
    assert_eq!(new.status, StatusCode::OK);
    world
        .me(&old.access_token())
        .await
        .assert_error(401, "invalid_token");
    assert_eq!(world.me(&new.access_token()).await.status, StatusCode::OK);
}
