//! A day of a small company's sessions, up to the present.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::{Method, Request};
use rusqlite::Connection;
use serde_json::json;

use crate::common::{
    Answer, World, bearer, client_batch, client_entry, from, holding, own, post, published_sign_in,
    refresh_request, sign_in_request,
};

/// The present, as the document has it: 2026-01-01T12:00:00Z.
const SHOWN_NOW_SECONDS: i64 = 1_767_268_800;
/// The key that signs, as the document has it.
const KID: &str = "ziolipmNkENuPV_6wwbvtAJ6XPbTP5CdAQYDfmwIG58";
/// The sessions in the order of their sign-ins, as the document has them.
const SIDS: [&str; 7] = [
    "Q2v0bXw4rYk7oZs1HdLm9A",
    "t7Gk2mN5pQ8sV1xY4bC6dA",
    "5kEMphIMyWpGi13VX7-x2A",
    "nB3cF6hJ9kL2mP5rT8uW0Q",
    "8zXw-5vUt4sRq3pOn2mLkw",
    "c1D4e7G0hJ3kM6nP9qS2tQ",
    "Yf5a_8Kq1LwZ3xRt6VbN7g",
];

const OFFICE: &str = "203.0.113.7";
const TRAIN: &str = "198.51.100.40";
const ELSEWHERE: &str = "192.0.2.99";

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
                      Gecko) Chrome/141.0.0.0 Safari/537.36";

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// The database of that day.
pub(crate) struct Seed {
    world: World,
    now_seconds: i64,
    copies: tempfile::TempDir,
    count: std::cell::Cell<usize>,
}

impl Seed {
    pub(crate) async fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now_seconds = i64::try_from(now.as_secs()).unwrap();
        let world = World::starting_at((now_seconds - 20 * HOUR) * 1000, |config| {
            config.faults = true;
        });
        live_a_day(&world, now_seconds).await;
        assert_eq!(world.clock_seconds(), now_seconds);
        let database = Connection::open(&world.config.database).unwrap();
        rename(&database);
        database
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        Self {
            world,
            now_seconds,
            copies: tempfile::tempdir().unwrap(),
            count: std::cell::Cell::new(0),
        }
    }

    /// A copy, for one incident.
    pub(crate) fn fresh(&self) -> PathBuf {
        self.count.set(self.count.get() + 1);
        let copy = self.copies.path().join(self.count.get().to_string());
        std::fs::copy(&self.world.config.database, &copy).unwrap();
        copy
    }

    /// A word of a command in the document, as it is meant today.
    pub(crate) fn as_meant(&self, word: &str) -> String {
        self.shifted(word, self.now_seconds - SHOWN_NOW_SECONDS)
    }

    /// What a command prints today, as it is shown in the document.
    pub(crate) fn as_shown(&self, text: &str) -> String {
        self.shifted(text, SHOWN_NOW_SECONDS - self.now_seconds)
    }

    fn shifted(&self, text: &str, by_seconds: i64) -> String {
        let connection = Connection::open_in_memory().unwrap();
        each_instant(text, |instant| {
            connection
                .query_row(
                    "SELECT strftime('%Y-%m-%dT%H:%M:', ?1, ?2 || ' seconds')
                         || substr(strftime('%f', ?1, ?2 || ' seconds'), 1, ?3 - 18) || 'Z'",
                    (instant, by_seconds, i64::try_from(instant.len()).unwrap()),
                    |row| row.get(0),
                )
                .unwrap()
        })
    }

    /// A text without what differs from run to run: instants, and the ids of new keys.
    pub(crate) fn normal(&self, text: &str) -> String {
        let without = each_instant(text, |instant| "T".repeat(instant.len()));
        each_key(&without, |key| {
            if key == KID {
                key.to_owned()
            } else {
                "K".repeat(key.len())
            }
        })
    }
}

/// Replaces the instants in RFC 3339, in UTC.
fn each_instant(text: &str, with: impl Fn(&str) -> String) -> String {
    let is_in_instant = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | '.' | 'Z');
    each_word(text, is_in_instant, |word| {
        let is_one = (20..=24).contains(&word.len())
            && word.ends_with('Z')
            && word.as_bytes().get(10) == Some(&b'T');
        is_one.then(|| with(word))
    })
}

/// Replaces the ids of keys: SHA-256 in base64url.
fn each_key(text: &str, with: impl Fn(&str) -> String) -> String {
    let is_in_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    each_word(text, is_in_key, |word| {
        (word.len() == 43).then(|| with(word))
    })
}

fn each_word(
    text: &str,
    is_in_word: impl Fn(char) -> bool,
    replaced: impl Fn(&str) -> Option<String>,
) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(&is_in_word) {
        let (before, from_word) = rest.split_at(start);
        let end = from_word
            .find(|c| !is_in_word(c))
            .unwrap_or(from_word.len());
        let (word, after) = from_word.split_at(end);
        out.push_str(before);
        out.push_str(replaced(word).as_deref().unwrap_or(word));
        rest = after;
    }
    out + rest
}

/// Gives the sessions and the key the ids that the document has.
fn rename(database: &Connection) {
    let kid: String = database
        .query_row("SELECT kid FROM signing_keys", [], |row| row.get(0))
        .unwrap();
    let mut statement = database
        .prepare("SELECT sid FROM sign_ins ORDER BY at")
        .unwrap();
    let sids: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(sids.len(), SIDS.len());
    database.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for (sid, shown) in sids.iter().zip(SIDS) {
        for table in [
            "sessions",
            "refresh_tokens",
            "audit",
            "sign_ins",
            "client_entries",
        ] {
            let update = format!("UPDATE {table} SET sid = ?2 WHERE sid = ?1");
            database.execute(&update, [sid.as_str(), shown]).unwrap();
        }
    }
    for table in ["sessions", "signing_keys"] {
        let update = format!("UPDATE {table} SET kid = ?2 WHERE kid = ?1");
        database.execute(&update, [kid.as_str(), KID]).unwrap();
    }
}

/// Somebody at a browser.
struct Visit<'a> {
    world: &'a World,
    address: &'static str,
    user_agent: &'static str,
    browser: Option<String>,
    last: Option<Answer>,
}

impl<'a> Visit<'a> {
    fn new(world: &'a World, address: &'static str, user_agent: &'static str) -> Self {
        Self {
            world,
            address,
            user_agent,
            browser: None,
            last: None,
        }
    }

    async fn send(&self, mut request: Request<Body>) -> Answer {
        let user_agent = self.user_agent.parse().unwrap();
        request.headers_mut().insert("user-agent", user_agent);
        self.world.send(from(self.address, request)).await
    }

    async fn sign_in(&mut self, username: &str) {
        let mut request = published_sign_in(username);
        if let Some(browser) = &self.browser {
            request = holding(request, &[("browser", browser)]);
        }
        let answer = self.send(request).await;
        self.browser = answer.cookie_named("browser");
        self.last = Some(answer);
    }

    fn cookie(&self) -> String {
        self.last.as_ref().unwrap().cookie()
    }

    fn token(&self) -> String {
        self.last.as_ref().unwrap().access_token()
    }

    async fn renew(&mut self) {
        let request = refresh_request(Some(&self.cookie()), Some("key"));
        self.last = Some(self.send(request).await);
    }

    async fn renew_for(&mut self, times: usize, every_seconds: i64) {
        for _ in 0..times {
            self.world.advance_seconds(every_seconds);
            self.renew().await;
        }
    }

    async fn tell(&self, tab: &str, entries: serde_json::Value) {
        let batch = json!({ "tab": tab, "entries": entries }).to_string();
        let request = holding(client_batch(batch), &[("refresh", &self.cookie())]);
        assert_eq!(self.send(request).await.status.as_u16(), 204);
    }
}

/// The token with another signature.
fn tampered(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (first, rest) = signature.split_at(1);
    format!("{signed}.{}{rest}", if first == "A" { "B" } else { "A" })
}

async fn live_a_day(world: &World, now_seconds: i64) {
    let until = |before_seconds: i64| {
        let seconds = now_seconds - before_seconds - world.clock_seconds();
        assert!(
            seconds >= 0,
            "{before_seconds} s before the present is over"
        );
        world.advance_seconds(seconds);
        world.app.sweep().unwrap();
    };
    // A day at the office, and an administrator whose session lasts for its four hours.
    let mut ada = Visit::new(world, OFFICE, FIREFOX);
    ada.sign_in("ada").await;
    ada.renew_for(30, 815).await;
    world.advance_seconds(5 * MINUTE);
    world.sign_out(Some(&ada.cookie())).await;
    let mut grace = Visit::new(world, OFFICE, CHROME);
    grace.sign_in("grace").await;
    grace.renew_for(40, 272).await;

    // The next day: the server is down for two renewals, and the page tries again.
    until(5 * HOUR);
    ada.sign_in("ada").await;
    ada.renew_for(6, 815).await;
    let order = json!({ "status": { "code": 503 }, "requests": 2 }).to_string();
    let arm = post("/faults").header("content-type", "application/json");
    world.send(arm.body(order.into()).unwrap()).await;
    for _ in 0..2 {
        world.advance_seconds(5);
        ada.send(refresh_request(Some(&ada.cookie()), Some("key")))
            .await;
    }
    ada.renew_for(3, 815).await;

    // On the train, with a phone; and administrators at work.
    until(2 * HOUR);
    let mut phone = Visit::new(world, TRAIN, SAFARI);
    phone.sign_in("ada").await;
    phone.renew_for(3, 815).await;
    until(70 * MINUTE);
    grace.sign_in("grace").await;
    grace.renew_for(10, 272).await;

    // Somebody guesses.
    until(20 * MINUTE);
    let stranger = Visit::new(world, ELSEWHERE, CHROME);
    for (username, times) in [("ada", 4), ("root", 2)] {
        for _ in 0..times {
            stranger.send(sign_in_request(username, "guess")).await;
        }
    }
    // Tokens that are no good: one is late, one was tampered with, one is of a session that ended.
    let late = phone.token();
    for token in [late.clone(), late, tampered(&ada.token())] {
        world.send(bearer(Method::GET, "/api/me", &token)).await;
    }

    // Somebody has copied a cookie from the phone, and uses it.
    until(12 * MINUTE);
    let stolen = phone.cookie();
    phone.renew().await;
    let thief = Visit::new(world, ELSEWHERE, CHROME);
    world.advance_seconds(3 * MINUTE);
    thief.send(refresh_request(Some(&stolen), None)).await;
    world
        .send(bearer(Method::GET, "/api/me", &phone.token()))
        .await;
    phone
        .send(refresh_request(Some(&phone.cookie()), None))
        .await;
    world.app.watch_rates().unwrap();

    // The user signs in again on the phone; and there is a session that nobody knows of.
    until(6 * MINUTE);
    phone.sign_in("ada").await;
    until(4 * MINUTE);
    let mut unknown = Visit::new(world, ELSEWHERE, CHROME);
    unknown.sign_in("ada").await;
    let code = json!({ "code": "000000x" });
    let request = own(Method::POST, "/auth/step-up", &unknown.token(), Some(code));
    unknown.send(request).await;

    tell(&ada, &phone).await;
    until(0);
    world.app.watch_rates().unwrap();
}

/// What pages tell of that day.
async fn tell(laptop: &Visit<'_>, phone: &Visit<'_>) {
    let renewed = |n| {
        client_entry(
            n,
            "renewed",
            json!({ "by": "this-tab", "attempts": 1, "took": 40 }),
        )
    };
    let failed = |n, cause: &str| {
        client_entry(
            n,
            "renewal-failed",
            json!({ "cause": cause, "attempt": 1, "retryAt": null }),
        )
    };
    let mut entries: Vec<_> = (1..=6).map(renewed).collect();
    entries.extend([failed(7, "server-error"), failed(8, "server-error")]);
    entries.extend((9..=11).map(renewed));
    let recovered = client_entry(12, "recovered", json!({ "after": 9000 }));
    entries.push(recovered);
    laptop.tell("f0b5c1d2-laptop", json!(entries)).await;
    let skew = json!({ "skew": 185_000, "uncertainty": 410, "source": "date" });
    let mut entries: Vec<_> = (1..=3).map(renewed).collect();
    entries.push(client_entry(4, "clock-skew", skew));
    entries.push(failed(5, "network"));
    entries.push(client_entry(
        7,
        "token-rejected",
        json!({ "reason": "expired" }),
    ));
    entries.push(client_entry(
        8,
        "ended",
        json!({ "reason": "revoked", "by": "server" }),
    ));
    phone.tell("7a2e9b40-phone", json!(entries)).await;
}
