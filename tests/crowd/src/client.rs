//! Clients that renew their tokens: the real session, and one with a fixed lead that retries after a fixed time.

use sessionkeeper::{Config, Rng, Span};

use crate::page::Page;
use crate::traffic::Traffic;
use crate::world::{LIFETIME, World};

/// When clients renew, and what they do after a failure.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    /// They are sessions, with this jitter and the defaults otherwise.
    Session {
        /// `renewal.jitter`.
        jitter: f64,
    },
    /// They renew so long before the expiry, and retry after a time that does not grow.
    Fixed {
        /// How long before the expiry.
        lead: Span,
        /// Longer by up to this share of it.
        jitter: f64,
        /// How long after a failure.
        retry: Span,
    },
}

impl Kind {
    /// Sessions with their defaults.
    pub fn session() -> Kind {
        Kind::Session {
            jitter: Config::default().renewal.jitter,
        }
    }

    /// Clients that renew when sessions do, and retry after this span.
    pub fn retrying(retry: Span) -> Kind {
        Kind::Fixed {
            lead: session_lead(),
            jitter: Config::default().renewal.jitter,
            retry,
        }
    }

    /// The mean time between two renewals while the server answers.
    pub fn between_renewals(self) -> Span {
        let (lead, jitter) = match self {
            Kind::Session { jitter } => (session_lead(), jitter),
            Kind::Fixed { lead, jitter, .. } => (lead, jitter),
        };
        LIFETIME - longer(lead, jitter / 2.0)
    }

    /// Lives through the world once.
    pub(crate) fn live(self, seed: u64, world: &World, traffic: &mut Traffic) {
        match self {
            Kind::Session { jitter } => live_session(jitter, seed, world, traffic),
            Kind::Fixed {
                lead,
                jitter,
                retry,
            } => live_fixed(lead, jitter, retry, seed, world, traffic),
        }
    }
}

/// The default lead for these tokens.
fn session_lead() -> Span {
    LIFETIME.share(0.1)
}

fn longer(lead: Span, share: f64) -> Span {
    lead + lead.share(share)
}

fn live_session(jitter: f64, seed: u64, world: &World, traffic: &mut Traffic) {
    let mut chance = Rng::seeded(seed);
    let at = world.sign_in(&mut chance);
    traffic.count(world.send(at));
    let mut config = Config::default();
    config.renewal.jitter = jitter;
    let seed = (chance.share() * (1_u64 << 53) as f64) as u64;
    let mut page = Page::sign_in(config, seed, at);
    while page.at() < world.end {
        page.step(|at| traffic.count(world.send(at)));
    }
    let token = page.session().usable_token();
    assert!(token.is_some(), "signed in all the time");
}

fn live_fixed(
    lead: Span,
    jitter: f64,
    retry: Span,
    seed: u64,
    world: &World,
    traffic: &mut Traffic,
) {
    let mut chance = Rng::seeded(seed);
    let mut at = world.sign_in(&mut chance);
    traffic.count(world.send(at));
    let mut due = at + LIFETIME - longer(lead, jitter * chance.share());
    while due < world.end {
        at = due;
        let request = traffic.count(world.send(at));
        due = match request.answered {
            true => at + LIFETIME - longer(lead, jitter * chance.share()),
            false => request.settled + retry,
        };
    }
}
