//! Faults that answer late or never.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::common::{Answer, World, refresh_request, send};
use crate::{arm, armed, assert_unharmed, clear, count, faulty, once};

fn start_refresh(world: &World, token: &str) -> JoinHandle<Answer> {
    let request = refresh_request(Some(token), Some("key"));
    tokio::spawn(send(world.router.clone(), request))
}

#[tokio::test(start_paused = true)]
async fn a_delay_comes_before_the_work_or_after_it() {
    for (when, renewals) in [("before", 0), ("after", 1)] {
        let world = faulty();
        let first = world.sign_in("ada").await;
        let fault = once("delay", json!({ "ms": 2000, "when": when }));
        arm(&world, fault).await;
        let started = Instant::now();
        let late = start_refresh(&world, &first.cookie());
        sleep(Duration::from_millis(1900)).await;
        assert!(!late.is_finished());
        assert_eq!(count(&world, "renewal"), renewals, "{when}");
        let answer = late.await.unwrap();
        assert_eq!(started.elapsed().as_millis() / 100, 20);
        assert_eq!(count(&world, "renewal"), 1);
        assert_unharmed(&world, &answer).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_hangs_is_let_go_when_the_faults_are_cleared() {
    for (when, renewals) in [("before", 0), ("after", 1)] {
        let world = faulty();
        let first = world.sign_in("ada").await;
        arm(&world, once("hang", json!({ "when": when }))).await;
        let hanging = start_refresh(&world, &first.cookie());
        sleep(Duration::from_secs(100_000)).await;
        assert!(!hanging.is_finished());
        let listed = armed(&world).await;
        assert_eq!(listed[0]["remainingRequests"], 0);
        assert_eq!(listed[0]["holding"], 1);
        assert_eq!(count(&world, "renewal"), renewals);
        // It was for one request: the next one is answered.
        let again = world.refresh(&first.cookie(), Some("key")).await;
        assert_eq!(again.status, StatusCode::OK);

        clear(&world).await;
        let let_go = timeout(Duration::from_secs(1), hanging).await;
        assert_eq!(let_go.unwrap().unwrap().header("set-cookie"), "");
        assert_unharmed(&world, &again).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_hangs_is_let_go_when_the_time_is_over() {
    let world = faulty();
    arm(&world, json!({ "hang": {}, "seconds": 30 })).await;
    sleep(Duration::from_secs(10)).await;
    let started = Instant::now();
    let hanging = [(); 2].map(|()| start_refresh(&world, "AAAA"));
    sleep(Duration::from_secs(19)).await;
    assert_eq!(armed(&world).await[0]["holding"], 2);
    for request in hanging {
        request.await.unwrap();
    }
    assert_eq!(started.elapsed().as_secs(), 20);
    assert_eq!(armed(&world).await, json!([]));
    assert_eq!(world.refresh("AAAA", None).await.status.as_u16(), 401);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_holds_nothing() {
    let world = faulty();
    arm(&world, once("hang", json!({}))).await;
    let hanging = start_refresh(&world, "AAAA");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(armed(&world).await[0]["holding"], 1);
    hanging.abort();
    assert!(hanging.await.unwrap_err().is_cancelled());
    assert_eq!(armed(&world).await, json!([]));
}
