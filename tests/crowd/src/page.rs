//! A page with one session, driven as a shell would drive it.

use sessionkeeper::{
    Config, Effect, Exchange, IdleConfig, Input, Monotonic, Outcome, Record, RenewalKey, Reply,
    Session, Span, Ticket,
};

use crate::world::{Request, World};

/// A page that is signed in, and hidden: one that is shown looks at its clocks once a minute, which no request
/// follows from.
#[derive(Debug)]
pub struct Page {
    session: Session,
    at: Monotonic,
    /// The request that is on its way, and when its end is known.
    flight: Option<(Input, Monotonic)>,
}

/// The defaults of a page whose session ends when nobody uses it.
pub fn with_idle_end() -> Config {
    Config {
        idle: Some(IdleConfig {
            timeout: Span::from_mins(30),
            warning: Span::from_mins(1),
            confirm: true,
        }),
        ..Config::default()
    }
}

impl Page {
    /// A page whose user signs in.
    pub fn sign_in(config: Config, seed: u64, at: Monotonic) -> Page {
        let mut session = Session::new(config, seed, World::now(at));
        session.handle_input(Input::Visibility { visible: false }, World::now(at));
        let begin = Input::Begin {
            ticket: Ticket(0),
            answer: World::grant(at),
        };
        session.handle_input(begin, World::now(at));
        Page {
            session,
            at,
            flight: None,
        }
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The instant of what happened last.
    pub fn at(&self) -> Monotonic {
        self.at
    }

    /// Takes in something that happens now.
    pub fn input(&mut self, input: Input) {
        self.session.handle_input(input, World::now(self.at));
    }

    /// Comes back now, whether or not anything is due.
    pub fn timeout(&mut self) {
        self.session.handle_timeout(World::now(self.at));
    }

    /// Takes the effects and does nothing about them; tells how many there were.
    pub fn take_effects(&mut self) -> usize {
        std::iter::from_fn(|| self.session.poll_effect()).count()
    }

    /// Does what there is to do, then lives on to whatever happens next: an answer, or a deadline.
    pub fn step(&mut self, send: impl FnMut(Monotonic) -> Request) {
        self.act(send);
        let due = self.session.poll_timeout().map(|deadline| deadline.at);
        let settled = self.flight.as_ref().map(|(_, settled)| *settled);
        match (settled, due) {
            (Some(settled), due) if due.is_none_or(|due| settled <= due) => {
                self.at = settled;
                if let Some((input, _)) = self.flight.take() {
                    self.input(input);
                }
            }
            (_, Some(due)) => {
                self.at = self.at.max(due);
                self.timeout();
            }
            (_, None) => unreachable!("a session that lives has a deadline"),
        }
    }

    /// Carries the effects out.
    fn act(&mut self, mut send: impl FnMut(Monotonic) -> Request) {
        while let Some(effect) = self.session.poll_effect() {
            match effect {
                Effect::DrawKey => {
                    let (key, record) = (RenewalKey(1), Record::default());
                    self.input(Input::KeyDrawn { key, record });
                }
                Effect::SendRenewal { id, .. } => {
                    let request = send(self.at);
                    let exchange = Exchange {
                        sent: World::now(self.at),
                        received: World::now(request.settled),
                    };
                    let settled = Input::RenewalSettled {
                        id,
                        exchange,
                        outcome: outcome(request),
                    };
                    let before = self.flight.replace((settled, request.settled));
                    assert!(before.is_none(), "two requests at a time");
                }
                _ => {}
            }
        }
    }
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
