//! The server, the way to it, and when it is down.

use sessionkeeper::{
    AccessToken, Monotonic, Now, NumericDate, ReadToken, Rng, ServerTime, Span, Timestamp,
    TokenAnswer, TokenDates,
};

/// How long an access token lives.
pub const LIFETIME: Span = Span::from_mins(15);
/// How long the server is down.
pub const OUTAGE: Span = Span::from_mins(10);
/// A request is so long on its way there, and its answer on its way back.
const WAY: Span = Span::from_millis(50);
/// The wall clock at the beginning of the world, in seconds since the Unix epoch.
const EPOCH: i64 = 1_700_000_000;

/// So much of all clients signs in within a span of time, evenly spread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wave {
    /// The share of all clients.
    pub(crate) share: f64,
    /// When the first of them signs in.
    pub(crate) from: Monotonic,
    /// How long it takes until the last one has.
    pub(crate) within: Span,
}

/// When clients sign in, when the server is down, and when it ends. Instants count from the world's beginning.
#[derive(Clone, Debug)]
pub struct World {
    /// From here on the world is over.
    pub(crate) end: Monotonic,
    /// The server goes down.
    pub(crate) down: Monotonic,
    /// The server is back.
    pub(crate) back: Monotonic,
    /// Their shares are 1 in all.
    pub(crate) waves: Vec<Wave>,
}

pub(crate) const BEGINNING: Monotonic = Monotonic::from_millis(0);

impl World {
    /// A server that is down for ten minutes. Clients sign in over the mean time between two renewals, so that the
    /// renewals before the outage are evenly spread too.
    pub fn outage(between_renewals: Span) -> World {
        let down = BEGINNING + LIFETIME + LIFETIME;
        let back = down + OUTAGE;
        World {
            down,
            back,
            end: back + between_renewals + between_renewals + between_renewals.half(),
            waves: vec![Wave {
                share: 1.0,
                from: BEGINNING,
                within: between_renewals,
            }],
        }
    }

    /// The server's time and the device's, which agree.
    pub fn now(at: Monotonic) -> Now {
        Now {
            wall: Timestamp::from_millis(EPOCH * 1000 + at.as_millis()),
            monotonic: at,
        }
    }

    /// What `Date` says at an instant: whole seconds.
    pub fn date(at: Monotonic) -> ServerTime {
        let wall = World::now(at).wall.as_millis();
        ServerTime::from_millis(wall.div_euclid(1000) * 1000)
    }

    /// A token that is made at an instant.
    pub fn grant(at: Monotonic) -> TokenAnswer {
        let issued = World::date(at).as_millis() / 1000;
        let date = |secs: i64| NumericDate::from_secs(secs as f64);
        let dates = date(issued + LIFETIME.as_millis() / 1000).map(|expires| TokenDates {
            expires,
            issued: date(issued),
            not_before: None,
            authenticated: None,
        });
        TokenAnswer {
            token: Some(Ok(ReadToken {
                identity: None,
                token: AccessToken::new(String::from("token")),
                dates,
            })),
            expires_in: Some(LIFETIME.as_millis() as f64 / 1000.0),
            ..TokenAnswer::default()
        }
    }

    /// Sends a request: when it reaches the server, when it has an end, and whether it is answered.
    pub fn send(&self, at: Monotonic) -> Request {
        let reached = at + WAY;
        Request {
            reached,
            settled: reached + WAY,
            answered: reached < self.down || reached >= self.back,
        }
    }

    /// When a client signs in.
    pub(crate) fn sign_in(&self, chance: &mut Rng) -> Monotonic {
        let mut place = chance.share();
        for wave in &self.waves {
            if place < wave.share {
                return wave.from + wave.within.share(place / wave.share);
            }
            place -= wave.share;
        }
        BEGINNING
    }
}

/// The fate of a request.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// It is at the server's door.
    pub reached: Monotonic,
    /// The client knows what became of it.
    pub settled: Monotonic,
    /// The server was there; otherwise the connection is refused.
    pub answered: bool,
}
