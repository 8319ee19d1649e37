//! Clients that renew their tokens: the real session, and one that retries every five seconds.

use sessionkeeper::{
    Config, Effect, Exchange, Input, Monotonic, Outcome, Record, RenewalKey, Reply, Rng, Session,
    Span, Ticket,
};

use crate::traffic::Traffic;
use crate::world::{LIFETIME, Request, World};

/// What clients do after a failure.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Kind {
    /// They are sessions, with this jitter and the defaults otherwise.
    Session { jitter: f64 },
    /// They renew when a session with this jitter would, and retry after this span.
    Fixed { jitter: f64, retry: Span },
}

impl Kind {
    /// The mean time between two renewals while the server answers.
    pub(crate) fn between_renewals(self) -> Span {
        let (Kind::Session { jitter } | Kind::Fixed { jitter, .. }) = self;
        LIFETIME - lead(jitter / 2.0)
    }

    /// Lives through the world once.
    pub(crate) fn live(self, seed: u64, world: &World, traffic: &mut Traffic) {
        match self {
            Kind::Session { jitter } => live_session(jitter, seed, world, traffic),
            Kind::Fixed { jitter, retry } => live_fixed(jitter, retry, seed, world, traffic),
        }
    }
}

/// The default lead for these tokens, longer by a share of it.
fn lead(longer: f64) -> Span {
    let lead = LIFETIME.share(0.1);
    lead + lead.share(longer)
}

fn live_session(jitter: f64, seed: u64, world: &World, traffic: &mut Traffic) {
    let mut chance = Rng::seeded(seed);
    let mut at = world.sign_in(&mut chance);
    let mut config = Config::default();
    config.renewal.jitter = jitter;
    let seed = (chance.share() * (1_u64 << 53) as f64) as u64;
    let mut session = Session::new(config, seed, World::now(at));
    // A page that is shown looks at its clocks once a minute, which nothing here depends on.
    session.handle_input(Input::Visibility { visible: false }, World::now(at));
    let begin = Input::Begin {
        ticket: Ticket(0),
        answer: World::grant(at),
    };
    session.handle_input(begin, World::now(at));
    let mut flight: Option<(Input, Monotonic)> = None;
    while at < world.end {
        while let Some(effect) = session.poll_effect() {
            match effect {
                Effect::DrawKey => {
                    let (key, record) = (RenewalKey(1), Record::default());
                    session.handle_input(Input::KeyDrawn { key, record }, World::now(at));
                }
                Effect::SendRenewal { id, .. } => {
                    let request = traffic.count(world.send(at));
                    let exchange = Exchange {
                        sent: World::now(at),
                        received: World::now(request.settled),
                    };
                    let outcome = outcome(request);
                    let settled = Input::RenewalSettled {
                        id,
                        exchange,
                        outcome,
                    };
                    let before = flight.replace((settled, request.settled));
                    assert!(before.is_none(), "two requests at a time");
                }
                _ => {}
            }
        }
        let due = session.poll_timeout().map(|deadline| deadline.at);
        let due = due.expect("a session that lives has a deadline");
        match flight.take_if(|(_, settled)| *settled <= due) {
            Some((settled, when)) => {
                at = when;
                session.handle_input(settled, World::now(at));
            }
            None => {
                at = at.max(due);
                session.handle_timeout(World::now(at));
            }
        }
    }
    assert!(session.usable_token().is_some(), "signed in all the time");
}

fn outcome(request: Request) -> Outcome {
    if !request.answered {
        return Outcome::Unreachable;
    }
    Outcome::Answered(Reply {
        status: 200,
        date: Some(World::date(request.reached)),
        aged: false,
        retry_after: None,
        answer: Some(World::grant(request.reached)),
    })
}

fn live_fixed(jitter: f64, retry: Span, seed: u64, world: &World, traffic: &mut Traffic) {
    let mut chance = Rng::seeded(seed);
    let mut at = world.sign_in(&mut chance);
    let mut due = at + LIFETIME - lead(jitter * chance.share());
    while due < world.end {
        at = due;
        let request = traffic.count(world.send(at));
        due = match request.answered {
            true => at + LIFETIME - lead(jitter * chance.share()),
            false => request.settled + retry,
        };
    }
}
