//! Sessions from a new device or a new place.

mod common;

use axum::http::StatusCode;
use common::{Answer, World, from, holding, own, published_sign_in};
use serde_json::json;

const DAY_SECONDS: i64 = 86_400;
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Signs in from an address, with the browser's cookie where it has one.
async fn sign_in(world: &World, username: &str, address: &str, browser: Option<&str>) -> Answer {
    let mut request = from(address, published_sign_in(username));
    request
        .headers_mut()
        .insert("user-agent", FIREFOX.parse().unwrap());
    if let Some(browser) = browser {
        request = holding(request, &[("browser", browser)]);
    }
    let answer = world.send(request).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer
}

fn news(world: &World) -> Vec<String> {
    let lines = world.audit_lines().into_iter();
    lines.filter(|line| line.starts_with("new-")).collect()
}

#[tokio::test]
async fn a_browser_is_known_by_its_cookie_and_a_place_by_its_network() {
    let world = World::new();
    let first = sign_in(&world, "ada", "203.0.113.7", None).await;
    let browser = first.cookie_named("browser").unwrap();
    assert_eq!(browser.len(), 43);
    let set: Vec<_> = first.headers.get_all("set-cookie").iter().collect();
    assert_eq!(
        set[1].to_str().unwrap(),
        format!("browser={browser}; Max-Age=15552000; HttpOnly; SameSite=Strict; Path=/")
    );
    assert!(
        news(&world).is_empty(),
        "the first is compared with nothing"
    );

    let again = sign_in(&world, "ada", "203.0.113.200", Some(&browser)).await;
    assert_eq!(again.cookie_named("browser").unwrap(), browser);
    assert!(news(&world).is_empty());

    sign_in(&world, "ada", "198.51.100.7", Some(&browser)).await;
    assert_eq!(news(&world), ["new-place:198.51.100.0/24"]);
    let stranger = sign_in(&world, "ada", "203.0.113.7", None).await;
    let expected = ["new-place:198.51.100.0/24", "new-device:Firefox on Linux"];
    assert_eq!(news(&world), expected);
    let entry = world.audit().pop().unwrap();
    assert_eq!(
        (entry.sid, entry.sub.as_deref()),
        (Some(stranger.sid()), Some("user-ada"))
    );
    sign_in(&world, "ada", "2001:db8:7::1", Some("not one of ours")).await;
    assert_eq!(news(&world).len(), 4);

    // Another user is compared with their own sign-ins alone, on a browser that both use.
    sign_in(&world, "grace", "203.0.113.7", Some(&browser)).await;
    sign_in(&world, "grace", "203.0.113.7", Some(&browser)).await;
    assert_eq!(news(&world).len(), 4);

    let answer = world.report(60).sign_ins.unwrap();
    assert_eq!(
        (
            answer.succeeded,
            answer.on_new_device,
            answer.from_new_place
        ),
        (7, 2, 2)
    );
    let named = &answer.newest;
    assert_eq!(named.len(), 3);
    let of_stranger = named.iter().find(|named| named.sid == stranger.sid());
    let of_stranger = of_stranger.unwrap();
    assert!(of_stranger.is_new_device && !of_stranger.is_new_place);
    assert_eq!(of_stranger.device, "Firefox on Linux");
    assert_eq!(of_stranger.place.as_deref(), Some("203.0.113.0/24"));
}

#[tokio::test]
async fn what_was_not_seen_for_half_a_year_is_new() {
    let world = World::new();
    let first = sign_in(&world, "ada", "203.0.113.7", None).await;
    let old = first.cookie_named("browser").unwrap();
    world.advance_seconds(10 * DAY_SECONDS);
    let second = sign_in(&world, "ada", "198.51.100.7", None).await;
    let kept = second.cookie_named("browser").unwrap();
    assert_eq!(news(&world).len(), 2);
    world.advance_seconds(171 * DAY_SECONDS);
    world.app.sweep().unwrap();
    sign_in(&world, "ada", "198.51.100.7", Some(&kept)).await;
    assert_eq!(news(&world).len(), 2);
    sign_in(&world, "ada", "203.0.113.7", Some(&old)).await;
    assert_eq!(news(&world).len(), 4);
}

#[tokio::test]
async fn the_cookie_grants_nothing_and_is_not_stored() {
    let world = World::new();
    let first = sign_in(&world, "ada", "203.0.113.7", None).await;
    let browser = first.cookie_named("browser").unwrap();
    let renewal = common::refresh_request(None, None);
    let refused = world.send(holding(renewal, &[("browser", &browser)])).await;
    refused.assert_error(401, "invalid_grant");
    let step_up = own(
        axum::http::Method::POST,
        "/auth/step-up",
        &first.access_token(),
        Some(json!({})),
    );
    let refused = world
        .send(holding(
            step_up,
            &[("device", &browser), ("browser", &browser)],
        ))
        .await;
    refused.assert_error(400, "invalid_grant");
    let mut stored = Vec::new();
    for file in std::fs::read_dir(world.config.database.parent().unwrap()).unwrap() {
        stored.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    assert!(!holds(browser.as_bytes()));
    assert!(
        holds(b"203.0.113.0/24") && !holds(b"203.0.113.7"),
        "the network alone"
    );
}

#[tokio::test]
async fn a_change_of_password_is_a_sign_in_like_another() {
    let world = World::new();
    let first = sign_in(&world, "ada", "203.0.113.7", None).await;
    let change = json!({
        "current_password": "correct horse battery",
        "new_password": "staple after staple",
    });
    let request = || {
        let (path, token) = ("/auth/password", first.access_token());
        let request = own(axum::http::Method::POST, path, &token, Some(change.clone()));
        from("203.0.113.7", request)
    };
    let browser = first.cookie_named("browser").unwrap();
    let answer = world
        .send(holding(request(), &[("browser", &browser)]))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(news(&world).is_empty());
}
