//! How long access tokens and sessions really lived, beside what they were given.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;

use super::Window;
use super::counted::Counted;
use super::spread::Spread;
use crate::store::StoreError;

/// How long access tokens and sessions lived, by the role of their user.
#[derive(Clone, Debug, Serialize)]
pub struct Lifetimes {
    /// The roles whose tokens or sessions came to an end.
    pub roles: Vec<RoleLifetimes>,
}

/// How long a role's access tokens and sessions lived.
#[derive(Clone, Debug, Serialize)]
pub struct RoleLifetimes {
    /// The role.
    pub role: String,
    /// From an access token's issue until the next one's, its session's end, or its expiry. Tokens
    /// of a step-up are not among them.
    pub access_tokens: Option<Used>,
    /// From the sign-in to the end.
    pub sessions: Option<Used>,
    /// From the sign-in to the last renewal: for how long the session was needed.
    pub sessions_needed: Option<Spread>,
}

/// Things that came to an end.
#[derive(Clone, Debug, Serialize)]
pub struct Used {
    /// How many.
    pub count: i64,
    /// What they were given, in seconds; several where it was changed.
    pub configured: Vec<i64>,
    /// What they lived, in seconds.
    pub lived: Spread,
    /// How many, by how they ended.
    pub ends: Vec<Counted>,
}

impl Lifetimes {
    pub(crate) fn read(connection: &Connection, window: Window) -> Result<Self, StoreError> {
        let mut roles: BTreeMap<String, Tally> = BTreeMap::new();
        for life in lives(connection, window)? {
            let role = roles.entry(life.role.clone()).or_default();
            life.tally(window, role);
        }
        let roles = roles.into_iter().map(|(role, tally)| RoleLifetimes {
            role,
            access_tokens: tally.tokens.used(),
            sessions: tally.sessions.used(),
            sessions_needed: Spread::of(tally.needed),
        });
        let has_any =
            |role: &RoleLifetimes| role.access_tokens.is_some() || role.sessions.is_some();
        Ok(Self {
            roles: roles.filter(has_any).collect(),
        })
    }
}

/// A session's instants, in milliseconds since the epoch.
struct Life {
    role: String,
    access_seconds: i64,
    session_seconds: i64,
    /// When an access token was issued, the sign-in first.
    issues: Vec<i64>,
    end: Option<(i64, String)>,
}

/// The sessions that something happened to in the window, from their first instant.
fn lives(connection: &Connection, window: Window) -> Result<Vec<Life>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT sign_ins.sid, role, access_seconds, session_seconds, sign_ins.at, audit.kind, audit.at,
                audit.detail
         FROM sign_ins LEFT JOIN audit
              ON audit.sid = sign_ins.sid
             AND audit.kind IN ('renewal', 'renewal-repeated', 'session-ended')
         WHERE sign_ins.at + session_seconds * 1000 >= ?1
         ORDER BY sign_ins.sid, audit.id",
    )?;
    let mut rows = statement.query([window.since_millis])?;
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let begun_at: i64 = row.get(4)?;
        let fresh = Life {
            role: row.get(1)?,
            access_seconds: row.get(2)?,
            session_seconds: row.get(3)?,
            issues: vec![begun_at],
            end: None,
        };
        let life = lives.entry(row.get(0)?).or_insert(fresh);
        match row.get::<_, Option<String>>(5)?.as_deref() {
            Some("session-ended") => {
                let reason: Option<String> = row.get(7)?;
                life.end = Some((row.get(6)?, reason.unwrap_or_default()));
            }
            Some(_) => life.issues.push(row.get(6)?),
            None => {}
        }
    }
    Ok(lives.into_values().collect())
}

#[derive(Default)]
struct Tally {
    tokens: Ended,
    sessions: Ended,
    needed: Vec<i64>,
}

#[derive(Default)]
struct Ended {
    configured: Vec<i64>,
    lived: Vec<i64>,
    ends: BTreeMap<String, i64>,
}

impl Ended {
    fn add(&mut self, configured_seconds: i64, lived_seconds: i64, end: &str) {
        if let Err(place) = self.configured.binary_search(&configured_seconds) {
            self.configured.insert(place, configured_seconds);
        }
        self.lived.push(lived_seconds);
        *self.ends.entry(end.to_owned()).or_default() += 1;
    }

    fn used(self) -> Option<Used> {
        let mut ends: Vec<_> = self.ends.into_iter().collect();
        ends.sort_by_key(|(_, count)| -count);
        let counted = |(name, count)| Counted { name, count };
        Some(Used {
            count: i64::try_from(self.lived.len()).unwrap_or(i64::MAX),
            configured: self.configured,
            lived: Spread::of(self.lived)?,
            ends: ends.into_iter().map(counted).collect(),
        })
    }
}

impl Life {
    /// Adds what ended within the window.
    fn tally(&self, window: Window, tally: &mut Tally) {
        let Some(begun_at) = self.issues.first().copied() else {
            return;
        };
        let hard_end = begun_at + self.session_seconds * 1000;
        let is_within = |at: i64| (window.since_millis..=window.now.millis()).contains(&at);
        // A hard end is written down when somebody looks, which may be late.
        let end = self
            .end
            .as_ref()
            .map(|(at, reason)| (hard_end.min(*at), reason));
        if let Some((at, reason)) = end
            && is_within(at)
        {
            let lived = seconds_between(begun_at, at);
            tally.sessions.add(self.session_seconds, lived, reason);
            let last_issue = self.issues.last().copied().unwrap_or(begun_at);
            tally.needed.push(seconds_between(begun_at, last_issue));
        }
        for (place, issue) in self.issues.iter().enumerate() {
            let expiry = hard_end.min(issue + self.access_seconds * 1000);
            let next = match (self.issues.get(place + 1), end) {
                (Some(next), _) => Some((*next, "renewed")),
                (None, Some((at, _))) => Some((at, "ended with its session")),
                (None, None) => None,
            };
            let (gone_at, how) = match next {
                Some((at, how)) if at < expiry => (at, how),
                _ => (expiry, "lapsed"),
            };
            if is_within(gone_at) {
                let lived = seconds_between(*issue, gone_at);
                tally.tokens.add(self.access_seconds, lived, how);
            }
        }
    }
}

/// A clock that was set back makes no span negative.
fn seconds_between(from_millis: i64, to_millis: i64) -> i64 {
    (to_millis - from_millis).max(0) / 1000
}
