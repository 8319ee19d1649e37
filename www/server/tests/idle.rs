//! The server's own idle timeout, and what renewals tell of the user's activity.

mod common;

use axum::http::{HeaderValue, StatusCode};
use common::{Answer, World, refresh_request};

const IDLE_SECONDS: i64 = 60;

fn world() -> World {
    World::with(|config| {
        config.idle_seconds = Some(IDLE_SECONDS);
        config.access_seconds = Some(40);
    })
}

async fn renew(world: &World, from: &Answer, idle: &[&[u8]]) -> Answer {
    let mut request = refresh_request(Some(&from.cookie()), Some("key"));
    for value in idle {
        let value = HeaderValue::from_bytes(value).unwrap();
        request.headers_mut().append("Idle-Seconds", value);
    }
    world.send(request).await
}

fn assert_idle_end(world: &World, refused: &Answer) {
    refused.assert_error(401, "invalid_grant");
    let lines = world.audit_lines();
    assert!(
        lines.ends_with(&[
            "session-ended:idle-timeout".to_owned(),
            "renewal-refused:session-idle".to_owned(),
        ]),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_background_renewal_is_no_activity() {
    let world = world();
    let first = world.sign_in("ada").await;
    world.advance_seconds(30);
    let second = renew(&world, &first, &[b"30"]).await;
    world.advance_seconds(30);
    let third = renew(&world, &second, &[b"60"]).await;
    assert_eq!(third.status, StatusCode::OK, "the timeout is not exceeded");
    world.advance_seconds(1);
    let refused = renew(&world, &third, &[b"61"]).await;
    assert_idle_end(&world, &refused);
    world
        .me(&third.access_token())
        .await
        .assert_error(401, "invalid_token");
}

#[tokio::test]
async fn activity_keeps_a_session() {
    let world = world();
    let mut answer = world.sign_in("ada").await;
    for _ in 0..10 {
        world.advance_seconds(35);
        answer = renew(&world, &answer, &[b"20"]).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_client_without_the_header_is_active() {
    let world = world();
    let mut answer = world.sign_in("ada").await;
    for _ in 0..5 {
        world.advance_seconds(50);
        answer = renew(&world, &answer, &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn nobody_vouches_for_a_user_after_a_long_silence() {
    for idle in [&[b"0" as &[u8]] as &[&[u8]], &[]] {
        let world = world();
        let first = world.sign_in("ada").await;
        world.advance_seconds(IDLE_SECONDS + 1);
        let refused = renew(&world, &first, idle).await;
        assert_idle_end(&world, &refused);
    }
}

#[tokio::test]
async fn a_token_that_outlives_the_timeout_is_no_silence() {
    let world = World::with(|config| {
        config.idle_seconds = Some(10);
        config.access_seconds = Some(100);
    });
    let first = world.sign_in("ada").await;
    world.advance_seconds(90);
    let second = renew(&world, &first, &[b"3"]).await;
    assert_eq!(second.status, StatusCode::OK);
    world.advance_seconds(8);
    let refused = renew(&world, &second, &[b"11"]).await;
    assert_idle_end(&world, &refused);
}

/// What makes no sense neither ends the session nor keeps it alive.
#[tokio::test]
async fn hostile_values_teach_nothing() {
    let hostile: [&[&[u8]]; 14] = [
        &[b"-1"],
        &[b"-9223372036854775808"],
        &[b"+5"],
        &[b"1.5"],
        &[b"1e300"],
        &[b"0, 0"],
        &[b"0", b"0"],
        &[b"0", b"999"],
        &[b"never"],
        &[b""],
        &[b"NaN"],
        &[b"0x10"],
        &[b"\xff\xfe"],
        &[b"[0]"],
    ];
    for values in hostile {
        let world = world();
        let first = world.sign_in("ada").await;
        world.advance_seconds(30);
        let second = renew(&world, &first, values).await;
        assert_eq!(second.status, StatusCode::OK, "{values:?}");
        world.advance_seconds(31);
        let refused = renew(&world, &second, values).await;
        assert_idle_end(&world, &refused);
    }
}

#[tokio::test]
async fn a_huge_span_does_not_undo_what_is_known() {
    for huge in [
        "9223372036854775807",
        "18446744073709551616",
        &"9".repeat(4000),
    ] {
        let world = world();
        let first = world.sign_in("ada").await;
        world.advance_seconds(30);
        let second = renew(&world, &first, &[huge.as_bytes()]).await;
        assert_eq!(second.status, StatusCode::OK);
        world.advance_seconds(31);
        let refused = renew(&world, &second, &[huge.as_bytes()]).await;
        assert_idle_end(&world, &refused);
    }
}

/// Nor does a refused request, such as one of a thief, keep the session alive.
#[tokio::test]
async fn only_a_renewal_is_heard() {
    let world = world();
    let first = world.sign_in("ada").await;
    world.advance_seconds(30);
    world.refresh("AAAA", None).await;
    world.me(&first.access_token()).await;
    world.advance_seconds(31);
    let refused = renew(&world, &first, &[b"0"]).await;
    assert_idle_end(&world, &refused);
}

#[tokio::test]
async fn off_unless_asked_for() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    world.advance_seconds(11 * 3600);
    let second = renew(&world, &first, &[b"39600"]).await;
    assert_eq!(second.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_that_fell_silent_is_swept_up() {
    let world = world();
    let first = world.sign_in("ada").await;
    world.advance_seconds(IDLE_SECONDS);
    world.app.sweep().unwrap();
    assert!(!world.audit_lines().iter().any(|line| line.contains("idle")));
    world.advance_seconds(1);
    world.app.sweep().unwrap();
    world.app.sweep().unwrap();
    let ends = world.audit_lines();
    let ends = ends.iter().filter(|line| line.starts_with("session-ended"));
    assert_eq!(ends.collect::<Vec<_>>(), ["session-ended:idle-timeout"]);
    world
        .refresh(&first.cookie(), None)
        .await
        .assert_error(401, "invalid_grant");
}
