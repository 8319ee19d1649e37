//! What presenting a refresh token leads to.

mod common;

use axum::http::StatusCode;
use common::{Answer, World, refresh_request, send};

/// The session is over, its access tokens included.
async fn assert_revoked(world: &World, granted: &[&Answer]) {
    for answer in granted {
        world
            .me(&answer.access_token())
            .await
            .assert_error(401, "invalid_token");
        world
            .refresh(&answer.cookie(), Some("later"))
            .await
            .assert_error(401, "invalid_grant");
    }
    let lines = world.audit_lines();
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("reuse-detected"))
            .count(),
        1
    );
    assert_eq!(
        lines
            .iter()
            .filter(|line| *line == "session-ended:reuse")
            .count(),
        1
    );
}

#[tokio::test]
async fn every_use_gives_another_token() {
    let world = World::new();
    let mut answers = vec![world.sign_in("ada").await];
    for key in [Some("a"), None, Some("b")] {
        let answer = world.refresh(&answers.last().unwrap().cookie(), key).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            world.me(&answer.access_token()).await.status,
            StatusCode::OK
        );
        assert!(
            answers
                .iter()
                .all(|earlier| earlier.cookie() != answer.cookie())
        );
        assert!(
            answers
                .iter()
                .all(|earlier| earlier.access_token() != answer.access_token())
        );
        assert_eq!(answer.claims()["sid"], answers[0].claims()["sid"]);
        answers.push(answer);
    }
}

#[tokio::test]
async fn a_repeated_attempt_is_answered_again() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let second = world.refresh(&first.cookie(), Some("key")).await;
    for _ in 0..3 {
        let again = world.refresh(&first.cookie(), Some("key")).await;
        assert_eq!(again.status, StatusCode::OK);
        assert_eq!(again.cookie(), second.cookie());
        assert_ne!(again.claims()["jti"], second.claims()["jti"]);
    }
    let third = world.refresh(&second.cookie(), Some("next")).await;
    assert_eq!(third.status, StatusCode::OK);
}

#[tokio::test]
async fn repeating_after_the_successor_was_presented_is_reuse() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let second = world.refresh(&first.cookie(), Some("key")).await;
    let third = world.refresh(&second.cookie(), Some("next")).await;
    world
        .refresh(&first.cookie(), Some("key"))
        .await
        .assert_error(401, "invalid_grant");
    assert_revoked(&world, &[&second, &third]).await;
}

#[tokio::test]
async fn a_used_token_with_another_key_is_reuse() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let second = world.refresh(&first.cookie(), Some("key")).await;
    world
        .refresh(&first.cookie(), Some("other"))
        .await
        .assert_error(401, "invalid_grant");
    assert_revoked(&world, &[&first, &second]).await;
}

#[tokio::test]
async fn a_used_token_without_a_key_is_reuse() {
    for first_key in [Some("key"), None] {
        let world = World::new();
        let first = world.sign_in("ada").await;
        let second = world.refresh(&first.cookie(), first_key).await;
        world
            .refresh(&first.cookie(), None)
            .await
            .assert_error(401, "invalid_grant");
        assert_revoked(&world, &[&second]).await;
    }
}

#[tokio::test]
async fn a_key_does_not_repeat_a_use_that_had_none() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let second = world.refresh(&first.cookie(), None).await;
    world
        .refresh(&first.cookie(), Some("key"))
        .await
        .assert_error(401, "invalid_grant");
    assert_revoked(&world, &[&second]).await;
}

#[tokio::test]
async fn an_empty_key_is_no_key() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let second = world.refresh(&first.cookie(), Some("")).await;
    world
        .refresh(&first.cookie(), Some(""))
        .await
        .assert_error(401, "invalid_grant");
    assert_revoked(&world, &[&second]).await;
}

#[tokio::test]
async fn reuse_ends_one_session_and_no_other() {
    let world = World::new();
    let bystander = world.sign_in("ada").await;
    let first = world.sign_in("ada").await;
    world.refresh(&first.cookie(), Some("key")).await;
    world
        .refresh(&first.cookie(), Some("other"))
        .await
        .assert_error(401, "invalid_grant");
    assert_eq!(
        world.me(&bystander.access_token()).await.status,
        StatusCode::OK
    );
    assert_eq!(
        world.refresh(&bystander.cookie(), None).await.status,
        StatusCode::OK
    );
}

async fn at_once(world: &World, token: &str, keys: [&str; 8]) -> Vec<Answer> {
    let attempts = keys.map(|key| {
        let request = refresh_request(Some(token), Some(key));
        tokio::spawn(send(world.router.clone(), request))
    });
    let mut answers = Vec::new();
    for attempt in attempts {
        answers.push(attempt.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_attempts_of_one_renewal_get_one_successor() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let answers = at_once(&world, &first.cookie(), ["key"; 8]).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    assert!(
        answers
            .iter()
            .all(|answer| answer.cookie() == answers[0].cookie())
    );
    let lines = world.audit_lines();
    assert_eq!(lines.iter().filter(|line| *line == "renewal").count(), 1);
    assert_eq!(
        lines
            .iter()
            .filter(|line| *line == "renewal-repeated")
            .count(),
        7
    );
    assert_eq!(
        world
            .refresh(&answers[0].cookie(), Some("next"))
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_renewals_with_different_keys_are_reuse() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let answers = at_once(&world, &first.cookie(), keys).await;
    let (granted, refused): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((granted.len(), refused.len()), (1, 7));
    assert_revoked(&world, &granted).await;
}

#[tokio::test]
async fn what_is_not_a_token_is_refused() {
    let world = World::new();
    world.sign_in("ada").await;
    for wrong in ["", "x", "AAAA", &"A".repeat(43), &"A".repeat(4000), "a=b"] {
        world
            .refresh(wrong, Some("key"))
            .await
            .assert_error(401, "invalid_grant");
    }
    world
        .send(refresh_request(None, None))
        .await
        .assert_error(401, "invalid_grant");
    assert!(
        world
            .audit_lines()
            .contains(&"renewal-refused:no-cookie".to_owned())
    );
}

#[tokio::test]
async fn a_refusal_leaves_the_cookie_alone() {
    let world = World::new();
    let refused = world.refresh("AAAA", None).await;
    assert_eq!(refused.header("set-cookie"), "");
    assert_eq!(refused.header("cache-control"), "no-store");
}

#[tokio::test]
async fn an_overlong_key_is_refused_and_costs_nothing() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let key = "k".repeat(256);
    world
        .refresh(&first.cookie(), Some(&key))
        .await
        .assert_error(400, "invalid_request");
    assert_eq!(
        world.refresh(&first.cookie(), Some(&key[1..])).await.status,
        StatusCode::OK
    );
}
