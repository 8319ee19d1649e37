//! What is over is ended, and what is of no more use is deleted.

mod common;

use common::{World, sign_in_request};
use rusqlite::Connection;

const DAY_SECONDS: i64 = 86_400;

fn rows(world: &World, table: &str) -> i64 {
    let connection = Connection::open(&world.config.database).unwrap();
    connection
        .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get(0)
        })
        .unwrap()
}

#[tokio::test]
async fn a_session_is_ended_at_its_hard_end_though_nobody_asks() {
    let world = World::with(|config| config.session_seconds = Some(600));
    world.sign_in("ada").await;
    world.advance_seconds(599);
    world.app.sweep().unwrap();
    assert_eq!(world.audit_lines(), ["sign-in"]);
    world.advance_seconds(1);
    world.app.sweep().unwrap();
    world.app.sweep().unwrap();
    assert_eq!(world.audit_lines(), ["sign-in", "session-ended:expired"]);
}

#[tokio::test]
async fn ended_sessions_are_kept_for_a_week_and_live_ones_stay() {
    let world = World::with(|config| config.session_seconds = Some(30 * DAY_SECONDS));
    let ended = world.sign_in("ada").await;
    world.refresh(&ended.cookie(), Some("key")).await;
    let live = world.sign_in("ada").await;
    world.sign_out(Some(&ended.cookie())).await;
    world.advance_seconds(7 * DAY_SECONDS);
    world.app.sweep().unwrap();
    assert_eq!(
        (rows(&world, "sessions"), rows(&world, "refresh_tokens")),
        (2, 3)
    );
    world.advance_seconds(1);
    world.app.sweep().unwrap();
    assert_eq!(
        (rows(&world, "sessions"), rows(&world, "refresh_tokens")),
        (1, 1)
    );
    world
        .refresh(&ended.cookie(), Some("key"))
        .await
        .assert_error(401, "invalid_grant");
    let next = world.refresh(&live.cookie(), Some("key")).await;
    assert!(next.status.is_success());
}

#[tokio::test]
async fn attempts_and_devices_are_forgotten_in_time() {
    let world = World::new();
    world.sign_in("ada").await;
    world.send(sign_in_request("ada", "wrong")).await;
    world.advance_seconds(899);
    world.app.sweep().unwrap();
    assert_eq!(rows(&world, "attempts"), 1);
    world.advance_seconds(1);
    world.app.sweep().unwrap();
    assert_eq!(rows(&world, "attempts"), 0);
    world.advance_seconds(DAY_SECONDS);
    world.app.sweep().unwrap();
    assert_eq!(rows(&world, "devices"), 1, "as long as the session");
    world.advance_seconds(8 * DAY_SECONDS);
    world.app.sweep().unwrap();
    assert_eq!((rows(&world, "sessions"), rows(&world, "devices")), (0, 0));
    let trail = world.audit_lines();
    assert!(trail.contains(&"sign-in".to_owned()), "the trail stays");
}
