//! The operator's questions, answered with numbers that are known beforehand.

mod common;

use axum::http::Method;
use common::{Answer, World, bearer, refresh_request};
use sample_server::report::{Counted, RoleLifetimes, Spread, Verdict};
use sample_server::{Cohort, Operator};

fn counts(counted: &[Counted]) -> Vec<(&str, i64)> {
    counted.iter().map(|c| (c.name.as_str(), c.count)).collect()
}

fn role<'a>(roles: &'a [RoleLifetimes], name: &str) -> &'a RoleLifetimes {
    roles.iter().find(|role| role.role == name).unwrap()
}

#[tokio::test]
async fn renewals_by_how_they_went() {
    let world = World::with(|config| config.session_seconds = Some(600));
    assert_eq!(world.report(60).renewals.unwrap().success_rate, None);
    let first = world.sign_in("ada").await;
    let second = world.refresh(&first.cookie(), Some("a")).await;
    world.refresh(&first.cookie(), Some("a")).await;
    let third = world.refresh(&second.cookie(), Some("b")).await;
    world.refresh(&second.cookie(), Some("c")).await;
    world.refresh(&third.cookie(), Some("d")).await;
    world.send(refresh_request(None, None)).await;
    world.refresh("nonsense", None).await;
    let other = world.sign_in("grace").await;
    world.advance_seconds(600);
    world.refresh(&other.cookie(), None).await;

    let renewals = world.report(601).renewals.unwrap();
    assert_eq!(
        (renewals.succeeded, renewals.failed, renewals.moot),
        (3, 2, 3)
    );
    assert_eq!(renewals.success_rate, Some(0.6));
    let outcomes: Vec<_> = renewals
        .outcomes
        .iter()
        .map(|outcome| (outcome.outcome.as_str(), outcome.verdict, outcome.count))
        .collect();
    let moot = Verdict::Moot;
    assert_eq!(
        outcomes,
        [
            ("renewal", Verdict::Succeeded, 2),
            ("renewal-refused: no-cookie", moot, 1),
            ("renewal-refused: reuse", Verdict::Failed, 1),
            ("renewal-refused: session-ended", moot, 1),
            ("renewal-refused: session-expired", moot, 1),
            ("renewal-refused: unknown-token", Verdict::Failed, 1),
            ("renewal-repeated", Verdict::Succeeded, 1),
        ]
    );
    assert_eq!(world.report(599).renewals.unwrap().succeeded, 0);
    let alarms = world.report(601).reuse_alarms.unwrap();
    assert_eq!((alarms.total, alarms.newest.len()), (1, 1));
    assert_eq!(alarms.newest[0].sid, Some(first.sid()));
    assert_eq!(
        alarms.newest[0].reason.as_deref(),
        Some("other-idempotency-key")
    );
}

#[tokio::test]
async fn refused_access_tokens_by_reason() {
    let world = World::with(|config| config.access_seconds = Some(60));
    let session = world.sign_in("ada").await;
    let token = session.access_token();
    let parts: Vec<&str> = token.split('.').collect();
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let header = |json: &str| format!("{}.{}.{}", encode(json), parts[1], parts[2]);
    let kid = common::token_part(&token, 0)["kid"].to_string();
    let ended = world.sign_in("ada").await;
    world.sign_out(Some(&ended.cookie())).await;
    for refused in [
        "nonsense".to_owned(),
        format!("{token}.{}", parts[2]),
        header(r#"{"typ":"at+jwt","alg":"none"}"#),
        header(&format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":{kid}}}"#)),
        header(&format!(r#"{{"typ":"JWT","alg":"ES256","kid":{kid}}}"#)),
        header(r#"{"typ":"at+jwt","alg":"ES256","kid":"another"}"#),
        format!("{}.{}.{}", parts[0], encode("{}"), parts[2]),
        ended.access_token(),
    ] {
        let answer = world.me(&refused).await;
        answer.assert_error(401, "invalid_token");
        assert!(
            !answer.text.contains("signature"),
            "the caller hears no reason"
        );
    }
    world.send(bearer(Method::GET, "/api/me", "")).await;
    world.advance_seconds(60);
    world.me(&token).await.assert_error(401, "invalid_token");

    let refusals = world.report(61).token_refusals.unwrap();
    assert_eq!(
        counts(&refusals.by_api),
        [
            ("malformed", 4),
            ("algorithm", 1),
            ("expired", 1),
            ("session-ended", 1),
            ("signature", 1),
            ("type", 1),
            ("unknown-key", 1),
        ]
    );
    assert_eq!(refusals.total, 10);
    let trail = world.audit();
    let about_somebody: Vec<_> = trail
        .iter()
        .filter(|entry| entry.kind == "token-refused" && entry.sid.is_some())
        .map(|entry| entry.detail.as_deref())
        .collect();
    assert_eq!(
        about_somebody,
        [Some("session-ended")],
        "what is not proven names nobody"
    );
}

async fn renew_after(world: &World, seconds: i64, last: &Answer) -> Answer {
    world.advance_seconds(seconds);
    world.refresh(&last.cookie(), None).await
}

#[tokio::test]
async fn lifetimes_as_used() {
    let world = World::new();
    assert!(world.report(60).lifetimes.unwrap().roles.is_empty());
    // A customer's tokens live 15 minutes and their sessions 12 hours.
    let first = world.sign_in("ada").await;
    let second = renew_after(&world, 810, &first).await;
    let third = renew_after(&world, 820, &second).await;
    let fourth = renew_after(&world, 2000, &third).await; // The third lapsed: the tab was away.
    world.advance_seconds(100);
    world.sign_out(Some(&fourth.cookie())).await;
    // An administrator's live 5 minutes and 4 hours; nobody comes back to this session.
    let left = world.sign_in("grace").await;
    renew_after(&world, 270, &left).await;
    world.advance_seconds(5 * 3600);
    world.app.sweep().unwrap();

    let lifetimes = world.report(86_400).lifetimes.unwrap();
    let ada = role(&lifetimes.roles, "customer");
    let tokens = ada.access_tokens.as_ref().unwrap();
    assert_eq!((tokens.count, &tokens.configured[..]), (4, &[900][..]));
    assert_eq!(
        tokens.lived,
        Spread {
            p50: 810,
            p90: 900,
            p99: 900,
            max: 900
        }
    );
    let ends = [("renewed", 2), ("ended with its session", 1), ("lapsed", 1)];
    assert_eq!(counts(&tokens.ends), ends);
    let sessions = ada.sessions.as_ref().unwrap();
    assert_eq!(
        (sessions.count, &sessions.configured[..]),
        (1, &[43_200][..])
    );
    assert_eq!(sessions.lived.max, 3730);
    assert_eq!(counts(&sessions.ends), [("signed-out", 1)]);
    assert_eq!(ada.sessions_needed.unwrap().max, 3630);

    let grace = role(&lifetimes.roles, "administrator");
    let tokens = grace.access_tokens.as_ref().unwrap();
    assert_eq!(
        tokens.lived,
        Spread {
            p50: 270,
            p90: 300,
            p99: 300,
            max: 300
        }
    );
    let sessions = grace.sessions.as_ref().unwrap();
    assert_eq!(
        sessions.lived.max,
        4 * 3600,
        "its end was written down later"
    );
    assert_eq!(counts(&sessions.ends), [("expired", 1)]);
    assert_eq!(grace.sessions_needed.unwrap().max, 270);
}

#[tokio::test]
async fn what_still_lives_is_not_counted_and_old_rows_stay_out() {
    let world = World::new();
    let first = world.sign_in("ada").await;
    let second = renew_after(&world, 100, &first).await;
    let roles = world.report(86_400).lifetimes.unwrap().roles;
    let ada = role(&roles, "customer");
    assert_eq!(ada.access_tokens.as_ref().unwrap().count, 1);
    assert!(ada.sessions.is_none());
    world.advance_seconds(100);
    let operator = Operator::open(&world.config.database, world.clock.clone()).unwrap();
    operator.end(&Cohort::Session(second.sid())).unwrap();
    let roles = world.report(50).lifetimes.unwrap().roles;
    let ada = role(&roles, "customer");
    assert_eq!(ada.access_tokens.as_ref().unwrap().lived.max, 100);
    assert_eq!(ada.sessions.as_ref().unwrap().lived.max, 200);
    world.advance_seconds(3601);
    assert!(world.report(3600).lifetimes.unwrap().roles.is_empty());
    // The record outlives the session, which is deleted a week after its end.
    world.advance_seconds(8 * 86_400);
    world.app.sweep().unwrap();
    let roles = world.report(30 * 86_400).lifetimes.unwrap().roles;
    let ada = role(&roles, "customer");
    assert_eq!(ada.sessions.as_ref().unwrap().count, 1);
}

#[tokio::test]
async fn a_token_that_was_never_renewed_lapses() {
    let world = World::new();
    world.sign_in("ada").await;
    world.advance_seconds(900);
    let roles = world.report(86_400).lifetimes.unwrap().roles;
    let tokens = role(&roles, "customer").access_tokens.as_ref().unwrap();
    assert_eq!(
        (tokens.lived.max, counts(&tokens.ends)),
        (900, vec![("lapsed", 1)])
    );
}

#[tokio::test]
async fn sessions_and_keys_are_listed() {
    let world = World::new();
    let ada = world.sign_in("ada").await;
    let grace = world.sign_in("grace").await;
    let gone = world.sign_in("grace").await;
    world.sign_out(Some(&gone.cookie())).await;
    let observer = world.observer();
    let sids = |sub: Option<&str>| -> Vec<String> {
        let sessions = observer.sessions(sub).unwrap();
        sessions.into_iter().map(|session| session.sid).collect()
    };
    let mut both = [ada.sid(), grace.sid()];
    both.sort();
    assert_eq!(sids(None), both);
    assert_eq!(sids(Some(&observer.sub_of("ada").unwrap())), [ada.sid()]);
    assert!(observer.sub_of("nobody").is_err());

    let operator = Operator::open(&world.config.database, world.clock.clone()).unwrap();
    let rotation = operator.rotate_key(900).unwrap();
    let keys = observer.keys().unwrap();
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            (
                key.kid.as_str(),
                key.retires_at.as_deref(),
                key.live_sessions,
            )
        })
        .collect();
    assert_eq!(
        keys,
        [
            (&rotation.new_kid[..], None, 0),
            (&rotation.old_kid[..], Some("2026-01-01T00:15:00Z"), 2),
        ]
    );
}
