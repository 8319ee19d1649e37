//! How often somebody may guess a password.

mod common;

use axum::http::StatusCode;
use common::{World, from, published_sign_in, sign_in_request};

async fn guess(world: &World, username: &str, times: usize) {
    for _ in 0..times {
        let answer = world.send(sign_in_request(username, "wrong")).await;
        answer.assert_error(401, "invalid_grant");
    }
}

#[tokio::test]
async fn an_account_has_ten_in_a_quarter_of_an_hour() {
    let world = World::new();
    guess(&world, "ada", 1).await;
    world.advance_seconds(100);
    guess(&world, "ada", 9).await;
    for _ in 0..3 {
        let blocked = world.send(published_sign_in("ada")).await;
        blocked.assert_error(429, "temporarily_unavailable");
        assert_eq!(blocked.header("retry-after"), "800");
        assert_eq!(blocked.header("set-cookie"), "");
    }
    let lines = world.audit_lines();
    assert_eq!(lines.last().unwrap(), "sign-in-blocked:account");
    let blocked = lines
        .iter()
        .filter(|line| line.starts_with("sign-in-blocked"));
    assert_eq!(blocked.count(), 1, "the trail is not flooded");
    world.sign_in("grace").await;

    world.advance_seconds(799);
    let blocked = world.send(published_sign_in("ada")).await;
    assert_eq!(blocked.header("retry-after"), "1");
    world.advance_seconds(1);
    world.sign_in("ada").await;
}

#[tokio::test]
async fn a_success_forgives() {
    let world = World::new();
    for _ in 0..5 {
        guess(&world, "ada", 9).await;
        world.sign_in("ada").await;
    }
}

#[tokio::test]
async fn an_account_that_does_not_exist_has_as_many() {
    let world = World::new();
    for username in ["nobody", "", "ada ", "ADA"] {
        guess(&world, username, 10).await;
        let blocked = world.send(sign_in_request(username, "wrong")).await;
        blocked.assert_error(429, "temporarily_unavailable");
    }
    world.sign_in("ada").await;
}

#[tokio::test]
async fn a_restart_forgives_nothing() {
    let world = World::new();
    guess(&world, "ada", 10).await;
    let restarted = sample_server::App::open(world.config.clone(), world.clock.clone()).unwrap();
    let blocked = common::send(restarted.router(), published_sign_in("ada")).await;
    blocked.assert_error(429, "temporarily_unavailable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attempts_at_the_same_time_count_too() {
    let world = World::new();
    let attempts: Vec<_> = (0..30)
        .map(|_| {
            let request = sign_in_request("ada", "wrong");
            tokio::spawn(common::send(world.router.clone(), request))
        })
        .collect();
    let mut tried = 0;
    for attempt in attempts {
        tried += i32::from(attempt.await.unwrap().status == StatusCode::UNAUTHORIZED);
    }
    assert_eq!(tried, 10);
}

#[tokio::test]
async fn an_address_has_fifty_whatever_the_names_are() {
    let world = World::new();
    for number in 0..50 {
        let request = sign_in_request(&format!("user{number}"), "wrong");
        let answer = world.send(from("192.0.2.1", request)).await;
        answer.assert_error(401, "invalid_grant");
    }
    let blocked = world
        .send(from("192.0.2.1", published_sign_in("ada")))
        .await;
    blocked.assert_error(429, "temporarily_unavailable");
    let mapped = world
        .send(from("::ffff:192.0.2.1", published_sign_in("ada")))
        .await;
    mapped.assert_error(429, "temporarily_unavailable");
    let elsewhere = world
        .send(from("192.0.2.2", published_sign_in("ada")))
        .await;
    assert_eq!(elsewhere.status, StatusCode::OK);
    let lines = world.audit_lines();
    assert!(lines.contains(&"sign-in-blocked:address".to_owned()));
}

/// Nor can an address that is blocked block anybody's account.
#[tokio::test]
async fn a_network_of_ipv6_is_one_address_and_no_header_makes_another() {
    let world = World::new();
    for number in 0..60 {
        let mut request = sign_in_request(&format!("user{}", number.min(50)), "wrong");
        let claimed = format!("203.0.113.{number}").parse().unwrap();
        request.headers_mut().insert("x-forwarded-for", claimed);
        let request = from(&format!("2001:db8:0:1::{number:x}"), request);
        let status = world.send(request).await.status.as_u16();
        assert_eq!(status, if number < 50 { 401 } else { 429 });
    }
    let next = from("2001:db8:0:2::1", sign_in_request("user50", "wrong"));
    world.send(next).await.assert_error(401, "invalid_grant");
}

#[tokio::test]
async fn successes_do_not_block_an_address() {
    let world = World::new();
    for _ in 0..60 {
        let answer = world
            .send(from("192.0.2.1", published_sign_in("ada")))
            .await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_blocks_for_no_longer() {
    let world = World::new();
    guess(&world, "ada", 10).await;
    world.advance_seconds(-3600);
    world.sign_in("ada").await;
}
