//! A server that rotates its refresh token, repeats an answer for the same key, and takes anything
//! else for a theft.

use sessionkeeper::RenewalKey;

/// A refresh token: the session, and its place in the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Cookie {
    pub(crate) session: u8,
    pub(crate) place: u8,
}

/// An access token: the session it belongs to, and its own number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Token {
    pub(crate) session: u8,
    pub(crate) serial: u8,
}

impl Token {
    pub(crate) fn to_text(self) -> String {
        format!("{}/{}", self.session, self.serial)
    }

    pub(crate) fn from_text(text: &str) -> Token {
        let (session, serial) = text.split_once('/').expect("a token of this server");
        Token {
            session: session.parse().expect("a session"),
            serial: serial.parse().expect("a serial number"),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
struct Chain {
    ended: bool,
    /// The key that each used token was used with; the last token is not used yet.
    uses: Vec<RenewalKey>,
}

/// Why a token that was used already was taken for a stolen one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Alarm {
    /// Its successor was presented already.
    SuccessorPresented,
    /// It was used with another key.
    OtherKey,
}

#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(crate) struct Server {
    chains: Vec<Chain>,
    pub(crate) alarm: Option<Alarm>,
    serial: u8,
}

impl Server {
    /// Signs a user in; the session of the cookie that the browser had ends.
    pub(crate) fn sign_in(&mut self, old: Option<Cookie>) -> (Cookie, Token) {
        self.sign_out(old);
        self.chains.push(Chain::default());
        let session = self.chains.len() as u8 - 1;
        (Cookie { session, place: 0 }, self.grant(session))
    }

    pub(crate) fn sign_out(&mut self, cookie: Option<Cookie>) {
        if let Some(cookie) = cookie {
            self.chains[usize::from(cookie.session)].ended = true;
        }
    }

    /// Renews; a refusal gives nothing.
    pub(crate) fn renew(
        &mut self,
        cookie: Option<Cookie>,
        key: RenewalKey,
    ) -> Option<(Cookie, Token)> {
        let Cookie { session, place } = cookie?;
        let chain = &mut self.chains[usize::from(session)];
        if chain.ended {
            return None;
        }
        let (used, newest) = (usize::from(place), chain.uses.len());
        if used == newest {
            chain.uses.push(key);
        } else if used + 1 < newest {
            return self.raise(session, Alarm::SuccessorPresented);
        } else if chain.uses[used] != key {
            return self.raise(session, Alarm::OtherKey);
        }
        let next = Cookie {
            session,
            place: place + 1,
        };
        Some((next, self.grant(session)))
    }

    fn raise<T>(&mut self, session: u8, alarm: Alarm) -> Option<T> {
        self.chains[usize::from(session)].ended = true;
        self.alarm.get_or_insert(alarm);
        None
    }

    fn grant(&mut self, session: u8) -> Token {
        self.serial += 1;
        Token {
            session,
            serial: self.serial,
        }
    }
}
