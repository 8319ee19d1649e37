//! A server that does its duties: it rotates, repeats for the same key, and takes anything else for
//! a theft.

use serde_json::json;
use sessionkeeper::{RenewalKey, TokenAnswer};

use crate::dice::Dice;
use crate::support::{read, token_text};

/// A refresh token: the session, and its place in the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cookie {
    pub(crate) session: usize,
    pub(crate) place: usize,
}

#[derive(Debug)]
struct Chain {
    ended: bool,
    /// The key that each used token was used with; the last token is not used yet.
    uses: Vec<RenewalKey>,
    end: Option<i64>,
    issued: i64,
    expires: i64,
    spurious: bool,
}

#[derive(Debug)]
pub(crate) struct Server {
    chains: Vec<Chain>,
    pub(crate) lifetime: i64,
    session_length: Option<i64>,
    /// Whether it hands out the same access token again while that is good.
    pub(crate) caches: bool,
    pub(crate) says_expires_in: bool,
    pub(crate) alarms: Vec<usize>,
    serial: u64,
}

/// An answer of the endpoint that renews.
#[derive(Debug)]
pub(crate) enum Answer {
    Granted(Cookie, TokenAnswer),
    Refused,
}

impl Server {
    pub(crate) fn new(dice: &mut Dice) -> Server {
        let lifetime = dice.pick(&[5, 60, 61, 299, 301, 900, 3600, 86_400]);
        Server {
            chains: Vec::new(),
            lifetime,
            session_length: dice
                .chance(40)
                .then(|| dice.spread(lifetime * 2, lifetime * 40)),
            caches: dice.chance(15),
            says_expires_in: dice.chance(80),
            alarms: Vec::new(),
            serial: 0,
        }
    }

    /// Signs a user in; the session of the cookie that the browser had ends.
    pub(crate) fn sign_in(&mut self, old: Option<Cookie>, now: i64) -> (Cookie, TokenAnswer) {
        self.end(old);
        self.chains.push(Chain {
            ended: false,
            uses: Vec::new(),
            end: self.session_length.map(|length| now / 1000 + length),
            issued: 0,
            expires: 0,
            spurious: false,
        });
        let session = self.chains.len() - 1;
        (Cookie { session, place: 0 }, self.grant(session, now))
    }

    pub(crate) fn end(&mut self, cookie: Option<Cookie>) {
        if let Some(cookie) = cookie {
            self.chains[cookie.session].ended = true;
        }
    }

    pub(crate) fn is_over(&self, session: usize, now: i64) -> bool {
        let chain = &self.chains[session];
        chain.ended || chain.end.is_some_and(|end| end <= now / 1000)
    }

    /// The end that the session has, in milliseconds.
    pub(crate) fn session_end(&self, session: usize) -> Option<i64> {
        Some(self.chains[session].end? * 1000)
    }

    /// For how long the newest access token of a session is good, in milliseconds.
    pub(crate) fn left(&self, session: usize, now: i64) -> i64 {
        (self.chains[session].expires - now / 1000) * 1000
    }

    pub(crate) fn renew(
        &mut self,
        cookie: Option<Cookie>,
        key: RenewalKey,
        now: i64,
        dice: &mut Dice,
    ) -> Answer {
        let Some(Cookie { session, place }) = cookie else {
            return Answer::Refused;
        };
        if self.is_over(session, now) {
            return Answer::Refused;
        }
        let chain = &mut self.chains[session];
        if !chain.spurious && dice.chance(2) {
            // Some replica had not heard of the session yet.
            chain.spurious = true;
            return Answer::Refused;
        }
        let newest = chain.uses.len();
        let repeated = place + 1 == newest && chain.uses[place] == key;
        if place == newest {
            chain.uses.push(key);
        } else if !repeated {
            chain.ended = true;
            self.alarms.push(session);
            return Answer::Refused;
        }
        let next = Cookie {
            session,
            place: place + 1,
        };
        Answer::Granted(next, self.grant(session, now))
    }

    fn grant(&mut self, session: usize, now: i64) -> TokenAnswer {
        let now = now / 1000;
        let caches = self.caches;
        let chain = &mut self.chains[session];
        if !caches || chain.expires <= now {
            let most = chain.end.map_or(i64::MAX, |end| end - now);
            chain.issued = now;
            chain.expires = now + self.lifetime.min(most);
            self.serial += 1;
        }
        let claims = json!({ "iat": chain.issued, "exp": chain.expires, "jti": self.serial });
        TokenAnswer {
            token: Some(read(token_text(&claims))),
            expires_in: self.says_expires_in.then_some((chain.expires - now) as f64),
            expires_at: None,
            session_expires_in: chain.end.map(|end| (end - now) as f64),
        }
    }
}
