//! The end of a session, told to its browser at once.

mod common;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use common::{Answer, World, own};
use http_body_util::BodyExt as _;
use sample_server::{Cohort, Operator};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::sleep;
use tower::ServiceExt as _;

/// A browser that listens all the time.
struct Stream(UnboundedReceiver<String>);

impl Stream {
    fn new(mut body: Body) -> Self {
        let (hears, heard) = unbounded_channel();
        tokio::spawn(async move {
            while let Some(frame) = body.frame().await {
                let data = frame.unwrap().into_data().unwrap();
                hears.send(String::from_utf8(data.to_vec()).unwrap()).ok();
            }
        });
        Self(heard)
    }

    /// The next piece of text; `None` when the server has closed the stream.
    async fn next(&mut self) -> Option<String> {
        self.0.recv().await
    }

    async fn assert_revoked(&mut self, sid: &str) {
        let expected = format!("event: revoked\nid: {sid}\ndata: {sid}\n\n");
        assert_eq!(self.next().await.as_deref(), Some(expected.as_str()));
        assert_eq!(self.next().await, None, "it closes");
    }
}

/// Resolves when everything that runs waits for something: time passes only then.
async fn all_wait() {
    sleep(Duration::from_millis(1)).await;
}

fn request(cookie: Option<&str>) -> Request<Body> {
    let request = Request::get("/auth/events").header(header::ACCEPT, "text/event-stream");
    common::with_cookie(request, cookie)
        .body(Body::empty())
        .unwrap()
}

async fn listen(world: &World, cookie: &str) -> Stream {
    let answer = world.router.clone().oneshot(request(Some(cookie)));
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(answer.headers().get("set-cookie").is_none());
    let mut stream = Stream::new(answer.into_body());
    assert_eq!(stream.next().await.as_deref(), Some("retry: 3000\n\n"));
    all_wait().await;
    stream
}

/// Ends the session of `victim`; `administrator` may.
async fn end(world: &World, how: &str, victim: &Answer, administrator: &Answer) {
    let token = victim.access_token();
    let delete = |path: &str, token: &str| own(Method::DELETE, path, token, None);
    let request = match how {
        "sign-out" => {
            world.sign_out(Some(&victim.cookie())).await;
            return;
        }
        "reuse" => {
            world.refresh(&victim.cookie(), Some("a")).await;
            world.refresh(&victim.cookie(), Some("b")).await;
            return;
        }
        "replaced" => {
            let cookie = victim.cookie();
            let request = common::published_sign_in("ada");
            common::holding(request, &[("refresh", &cookie)])
        }
        "password" => {
            let body = json!({
                "current_password": "correct horse battery",
                "new_password": "staple after staple",
            });
            own(Method::POST, "/auth/password", &token, Some(body))
        }
        "one" => delete(&format!("/auth/sessions/{}", victim.sid()), &token),
        "all" => delete("/auth/sessions", &token),
        "administrator" => {
            let path = format!("/api/sessions/{}", victim.sid());
            delete(&path, &administrator.access_token())
        }
        _ => unreachable!("{how}"),
    };
    assert!(world.send(request).await.status.is_success(), "{how}");
}

const WAYS: [&str; 7] = [
    "sign-out",
    "reuse",
    "replaced",
    "password",
    "one",
    "all",
    "administrator",
];

#[tokio::test(start_paused = true)]
async fn every_way_to_end_a_session_is_told() {
    for how in WAYS {
        let world = World::new();
        let administrator = world.sign_in("grace").await;
        let bystander = world.sign_in("grace").await;
        let mut other = listen(&world, &bystander.cookie()).await;
        let victim = world.sign_in("ada").await;
        let mut streams = [
            listen(&world, &victim.cookie()).await,
            listen(&world, &victim.cookie()).await,
        ];
        end(&world, how, &victim, &administrator).await;
        for stream in &mut streams {
            stream.assert_revoked(&victim.sid()).await;
        }
        // The first that the other session hears is its own end.
        world.sign_out(Some(&bystander.cookie())).await;
        other.assert_revoked(&bystander.sid()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_operator_ends_is_told() {
    let world = World::new();
    let session = world.sign_in("ada").await;
    let mut stream = listen(&world, &session.cookie()).await;
    let operator = Operator::open(&world.config.database, world.clock.clone()).unwrap();
    operator.end(&Cohort::User("ada".to_owned())).unwrap();
    world.app.follow_others().unwrap();
    stream.assert_revoked(&session.sid()).await;
}

/// A browser that was away asks again, with or without what it heard last.
#[tokio::test(start_paused = true)]
async fn an_end_that_was_missed_is_told_at_once_and_once() {
    for how in WAYS {
        let world = World::new();
        let administrator = world.sign_in("grace").await;
        let victim = world.sign_in("ada").await;
        end(&world, how, &victim, &administrator).await;
        let mut stream = listen(&world, &victim.cookie()).await;
        stream.assert_revoked(&victim.sid()).await;

        let mut again = request(Some(&victim.cookie()));
        let id = victim.sid().parse().unwrap();
        again.headers_mut().insert("last-event-id", id);
        let answer = world.send(again).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "it asks no more");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_outlives_the_token_that_opened_it() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let mut early = listen(&world, &first.cookie()).await;
    let second = world.refresh(&first.cookie(), Some("key")).await;
    let third = world.refresh(&second.cookie(), Some("next")).await;
    // The cookie of a request may be replaced while it is on its way. That is no reuse.
    let mut late = listen(&world, &first.cookie()).await;
    assert_eq!(world.me(&third.access_token()).await.status, StatusCode::OK);
    world.sign_out(Some(&third.cookie())).await;
    early.assert_revoked(&first.sid()).await;
    late.assert_revoked(&first.sid()).await;
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_session_there_is_nothing_to_hear() {
    let world = World::new();
    let session = world.sign_in("ada").await;
    let guess = "A".repeat(43);
    for cookie in [None, Some(""), Some("x"), Some(guess.as_str()), Some("a=b")] {
        let answer = world.send(request(cookie)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.text, "");
    }
    let token = session.access_token();
    let bearer = common::bearer(Method::GET, "/auth/events", &token);
    let answer = world.send(bearer).await;
    assert_eq!(
        answer.status,
        StatusCode::NO_CONTENT,
        "the cookie says whose it is"
    );
}

#[tokio::test(start_paused = true)]
async fn hostile_event_ids_change_nothing() {
    let world = World::new();
    let session = world.sign_in("ada").await;
    for id in [&b""[..], b"x", b"\xff\xfe", &[b'A'; 6000]] {
        let mut request = request(Some(&session.cookie()));
        let id = axum::http::HeaderValue::from_bytes(id).unwrap();
        request.headers_mut().insert("last-event-id", id);
        let answer = world.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

/// Its client knew that end from the start, and gives it another name.
#[tokio::test(start_paused = true)]
async fn the_hard_end_closes_the_stream_without_a_word() {
    for swept in [true, false] {
        let world = World::with(|config| config.session_seconds = Some(1));
        let session = world.sign_in("ada").await;
        let mut stream = listen(&world, &session.cookie()).await;
        world.advance_seconds(1);
        if swept {
            world.app.sweep().unwrap();
        }
        assert_eq!(stream.next().await, None);
        let answer = world.send(request(Some(&session.cookie()))).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
}

#[tokio::test(start_paused = true)]
async fn the_idle_end_is_told() {
    let world = World::with(|config| {
        config.idle_seconds = Some(10);
        config.access_seconds = Some(10);
    });
    let session = world.sign_in("ada").await;
    let mut stream = listen(&world, &session.cookie()).await;
    world.advance_seconds(11);
    world.app.sweep().unwrap();
    stream.assert_revoked(&session.sid()).await;
}

#[tokio::test(start_paused = true)]
async fn silence_is_filled() {
    let world = World::new();
    let session = world.sign_in("ada").await;
    let mut stream = listen(&world, &session.cookie()).await;
    for _ in 0..3 {
        let before = tokio::time::Instant::now();
        assert_eq!(stream.next().await.as_deref(), Some(":\n\n"));
        assert_eq!(before.elapsed().as_secs_f64().round(), 15.0);
    }
}
