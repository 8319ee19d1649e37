//! What is on disk: the audit trail, the keys, and files that are not ours.

mod common;

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use common::{World, config_in, send, sign_in_request};
use rusqlite::Connection;
use sample_server::{App, Cohort, Operator, SystemClock};

#[tokio::test]
async fn the_audit_trail_tells_what_happened() {
    let world = World::new();
    world.send(sign_in_request("ada", "wrong")).await;
    world.send(sign_in_request("hunter2", "wrong")).await;
    let first = world.sign_in("ada").await;
    let second = world.refresh(&first.cookie(), Some("key")).await;
    world.refresh(&first.cookie(), Some("key")).await;
    world.refresh(&first.cookie(), Some("other")).await;
    world.refresh(&second.cookie(), Some("key")).await;
    world.sign_out(Some(&second.cookie())).await;
    assert_eq!(
        world.audit_lines(),
        [
            "sign-in-failed:wrong-password",
            "sign-in-failed:unknown-user",
            "sign-in",
            "renewal",
            "renewal-repeated",
            "reuse-detected:other-idempotency-key",
            "session-ended:reuse",
            "renewal-refused:reuse",
            "renewal-refused:session-ended",
            "sign-out:already-ended",
        ]
    );
    let audit = world.audit();
    assert_eq!(audit[0].at, "2026-01-01T00:00:00.250Z");
    assert_eq!(audit[0].sub.as_deref(), Some("user-ada"));
    assert_eq!(audit[1].sub, None);
    let sid = first.claims()["sid"].as_str().map(str::to_owned);
    assert!(audit.iter().skip(2).all(|entry| entry.sid == sid));
}

/// The signing keys are in it.
#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_machine_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    world.sign_in("ada").await;
    let files = std::fs::read_dir(world.config.database.parent().unwrap()).unwrap();
    let modes: Vec<_> = files
        .map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o077)
        .collect();
    assert!(!modes.is_empty());
    assert!(modes.iter().all(|mode| *mode == 0), "{modes:?}");
}

#[tokio::test]
async fn no_token_and_no_password_reaches_the_disk() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let second = world
        .refresh(&first.cookie(), Some("a-key-of-a-renewal"))
        .await;
    world
        .send(sign_in_request(
            "hunter2-as-a-name",
            "hunter2-as-a-password",
        ))
        .await;
    let mut stored = Vec::new();
    for file in std::fs::read_dir(world.config.database.parent().unwrap()).unwrap() {
        stored.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"sign-in"), "the search itself works");
    for secret in [
        first.cookie(),
        second.cookie(),
        first.access_token(),
        "a-key-of-a-renewal".to_owned(),
        "hunter2".to_owned(),
        "correct horse battery".to_owned(),
    ] {
        assert!(!holds(secret.as_bytes()), "{secret}");
    }
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    assert!(!holds(&raw.decode(first.cookie()).unwrap()));
    assert!(!holds(&raw.decode(second.cookie()).unwrap()));
}

#[tokio::test]
async fn a_restart_signs_nobody_out() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let second = world.refresh(&first.cookie(), Some("key")).await;
    let restarted = App::open(world.config.clone(), world.clock.clone())
        .unwrap()
        .router();
    let me = common::bearer(Method::GET, "/api/me", &second.access_token());
    assert_eq!(send(restarted.clone(), me).await.status, StatusCode::OK);
    let again = common::refresh_request(Some(&first.cookie()), Some("key"));
    assert_eq!(send(restarted, again).await.cookie(), second.cookie());
}

#[test]
fn a_file_that_is_not_ours_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config_in(folder.path().to_owned());
    config.database = folder.path().join("old.sqlite3");
    let path = config.database.display().to_string();
    let refused = |prepare: &dyn Fn()| {
        let _ = std::fs::remove_file(&config.database);
        prepare();
        let opened = App::open(config.clone(), Arc::new(SystemClock::default()));
        let error = opened.err().expect("refused").to_string();
        assert!(
            error.contains(&path) && error.contains("Delete it"),
            "{error}"
        );
        error
    };
    refused(&|| {
        std::fs::write(
            &path,
            "not a database, but long enough to be read as one".repeat(20),
        )
        .unwrap()
    });
    let older = refused(&|| {
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("CREATE TABLE users (name TEXT); PRAGMA user_version = 0")
            .unwrap();
    });
    assert!(older.contains("version 0"), "{older}");
    let newer = refused(&|| {
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("CREATE TABLE users (name TEXT); PRAGMA user_version = 99")
            .unwrap();
    });
    assert!(newer.contains("version 99"), "{newer}");
}

#[test]
fn reading_the_audit_trail_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.sqlite3");
    let error = App::read_audit(&missing).unwrap_err().to_string();
    assert!(
        error.contains("cannot be opened") && !error.contains("Delete"),
        "{error}"
    );
    assert!(!missing.exists());
}

/// The tables of version 1, as servers of that version left them.
const VERSION_1: &str = include_str!("database_version_1.sql");

#[tokio::test]
async fn a_file_of_an_earlier_version_is_taken_over() {
    // A session as that version would have written it, from a new file.
    let world = World::new();
    let signed_in = world.sign_in("ada").await;
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.sqlite3");
    let connection = Connection::open(&old).unwrap();
    connection.execute_batch(VERSION_1).unwrap();
    let new = world.config.database.to_str().unwrap();
    connection
        .execute("ATTACH DATABASE ?1 AS new", [new])
        .unwrap();
    connection
        .execute_batch(
            "INSERT INTO keys SELECT name, value FROM new.keys;
             INSERT INTO keys SELECT 'es256', pkcs8 FROM new.signing_keys;
             INSERT INTO users SELECT sub, username, name, role, password_hash FROM new.users;
             INSERT INTO sessions SELECT sid, sub, started_at_seconds, ends_at_seconds, end_reason
                 FROM new.sessions;
             INSERT INTO refresh_tokens SELECT * FROM new.refresh_tokens;
             INSERT INTO audit SELECT * FROM new.audit;
             DETACH DATABASE new;
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(connection);

    let config = sample_server::Config {
        database: old.clone(),
        ..config_in(folder.path().to_owned())
    };
    for _ in 0..2 {
        let app = App::open(config.clone(), world.clock.clone()).unwrap();
        let me = common::bearer(Method::GET, "/api/me", &signed_in.access_token());
        assert_eq!(send(app.router(), me).await.status, StatusCode::OK);
    }
    let app = App::open(config, world.clock.clone()).unwrap();
    let renewal = common::refresh_request(Some(&signed_in.cookie()), Some("key"));
    assert_eq!(send(app.router(), renewal).await.status, StatusCode::OK);
    let kinds = App::read_audit(&old).unwrap();
    let kinds: Vec<_> = kinds.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, ["sign-in", "renewal"]);
    let kid = common::token_part(&signed_in.access_token(), 0)["kid"].clone();
    let operator = Operator::open(&old, world.clock.clone()).unwrap();
    let cohort = Cohort::UnderKey(kid.as_str().unwrap().to_owned());
    assert_eq!(operator.end(&cohort).unwrap().len(), 1);
}
