//! A session among servers, clocks and applications of every kind, and the count of its renewals.

use sessionkeeper::challenge::BearerChallenge;
use sessionkeeper::{
    AccessToken, AttemptId, Config, Effect, EndReason, Event, Exchange, Hidden, Input, JumpKind,
    Monotonic, Now, NumericDate, Outcome, ProbeId, ReadToken, Record, RenewalKey, Reply, Rng,
    ServerTime, Session, Span, Ticket, Timestamp, TokenAnswer, TokenDates,
};

const RESTORE: Input = Input::Restore {
    ticket: Ticket(0),
    fresh: false,
    record: Record {
        started: None,
        ending: None,
        key: None,
        answered: false,
        sent: None,
        open: [None; 2],
        activity: None,
    },
};

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400 * SECOND;
const YEAR: i64 = 365 * DAY;

/// What the tokens are that a server answers with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tokens {
    Fresh,
    /// The same one until little is left of it.
    Repeated,
    /// They end with the session at the latest.
    Shrinking,
    /// Each lives for another time, and some are repeated.
    Erratic,
    /// Each ends only a little later than the one before it.
    Creeping,
}

/// How a server tells when they lapse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    InFull,
    ExpiresIn,
    Dates,
    ExpiresAt,
}

/// What becomes of the question for the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Probed {
    Date,
    Nothing,
    Never,
}

/// A request on its way.
#[derive(Debug)]
struct Flight<Id> {
    id: Id,
    sent: Now,
    /// When it left, reached the server, and comes back.
    left: i64,
    made: i64,
    back: i64,
}

/// Everything counts milliseconds; `time` is what truly passes.
pub(crate) struct World {
    seed: u64,
    rng: Rng,
    session: Session,
    now: Now,
    time: i64,
    server_ahead: i64,
    // The server.
    tokens: Tokens,
    told: Told,
    dated: bool,
    probed: Probed,
    lifetime: i64,
    trip: i64,
    failing: f64,
    issued: i64,
    expires: i64,
    session_end: i64,
    // The device and the application.
    jumps: bool,
    asking: f64,
    /// It asks all the time, and for more than can be had.
    impatient: bool,
    ticket: u32,
    keys: u128,
    attempts: Vec<Flight<AttemptId>>,
    probes: Vec<Flight<ProbeId>>,
    count: Count,
    ended: bool,
}

/// What the bound allows, and what was done.
#[derive(Debug)]
struct Count {
    renewals: u64,
    /// Whether a renewal is not over.
    under_way: bool,
    /// Whether that is one that the application wants, which does not count.
    asked: bool,
    /// What the session may have taken as passed without its having passed.
    believed: i64,
    /// Sleep since the clocks have been known to agree.
    slept: i64,
    /// Σ 2·dt / L(t) up to `since`, and what it goes on with.
    allowed: f64,
    since: i64,
    lifetime: i64,
    /// The least that `renewals - allowed` has been before one of them.
    least: f64,
}

impl Count {
    /// Half of the lifetime is rounded down to milliseconds.
    fn allowed_at(&self, time: i64) -> f64 {
        self.allowed + (time - self.since) as f64 / (self.lifetime / 2) as f64
    }

    fn token_since(&mut self, time: i64, lifetime: i64) {
        self.allowed = self.allowed_at(time);
        self.since = time;
        self.lifetime = lifetime.max(SECOND);
        (self.under_way, self.asked) = (false, false);
    }

    /// The application asks for a renewal, or for the one that is under way.
    fn ask(&mut self) {
        if self.under_way && !self.asked {
            self.renewals -= 1;
        }
        (self.under_way, self.asked) = (true, true);
    }
}

impl core::fmt::Debug for World {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("World")
            .field("seed", &self.seed)
            .field("tokens", &self.tokens)
            .field("told", &self.told)
            .field("dated", &self.dated)
            .field("probed", &self.probed)
            .field("lifetime", &self.lifetime)
            .field("trip", &self.trip)
            .field("failing", &self.failing)
            .field("jumps", &self.jumps)
            .field("asking", &self.asking)
            .field("impatient", &self.impatient)
            .finish()
    }
}

fn one_of<const N: usize, T: Copy>(rng: &mut Rng, choices: [T; N]) -> T {
    choices[(rng.share() * N as f64) as usize]
}

/// A number from the least to the most, of any order of magnitude.
fn magnitude(rng: &mut Rng, least: i64, most: i64) -> i64 {
    (least as f64 * (most as f64 / least as f64).powf(rng.share())) as i64
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        let mut rng = Rng::seeded(seed);
        let brief = seed.is_multiple_of(2);
        let lifetime = match brief {
            true => magnitude(&mut rng, SECOND, 60 * SECOND),
            false => magnitude(&mut rng, 61 * SECOND, 400 * DAY),
        };
        let lifetime = lifetime / SECOND * SECOND;
        let told = one_of(
            &mut rng,
            [Told::InFull, Told::ExpiresIn, Told::Dates, Told::ExpiresAt],
        );
        let mut config = Config::default();
        config.renewal.min_interval = Span::from_secs(one_of(&mut rng, [0, 1, 5, 5, 5, 60]));
        config.renewal.jitter = rng.share();
        config.renewal.hidden = one_of(&mut rng, [Hidden::Renew, Hidden::Defer]);
        if rng.share() < 0.3 {
            config.renewal.lead = Some(Span::from_millis(magnitude(&mut rng, 1, 2 * lifetime)));
        }
        config.ask_time = rng.share() < 0.5;
        let now = Now {
            wall: Timestamp::from_millis(1_700_000_000_000),
            monotonic: Monotonic::from_millis(5_000),
        };
        let session = Session::new(config, seed, now);
        let ahead = (rng.share() * 20.0 - 10.0) * YEAR as f64;
        let mut world = World {
            seed,
            session,
            now,
            time: 0,
            server_ahead: now.wall.as_millis() + ahead as i64,
            tokens: one_of(
                &mut rng,
                [
                    Tokens::Fresh,
                    Tokens::Repeated,
                    Tokens::Shrinking,
                    Tokens::Erratic,
                    Tokens::Creeping,
                ],
            ),
            told,
            // A date that the server tells says nothing where its clock is not known.
            dated: matches!(told, Told::Dates | Told::ExpiresAt) || rng.share() < 0.7,
            probed: one_of(
                &mut rng,
                [Probed::Date, Probed::Date, Probed::Nothing, Probed::Never],
            ),
            lifetime,
            trip: one_of(&mut rng, [50, 500, 8_000]),
            failing: one_of(&mut rng, [0.0, 0.0, 0.1]),
            issued: 0,
            expires: 0,
            session_end: 0,
            // Where only dates are told, a disturbed flight leaves the lifetime unknown.
            jumps: matches!(told, Told::InFull | Told::ExpiresIn) && rng.share() < 0.5,
            asking: one_of(&mut rng, [0.0, 0.1, 0.5]),
            impatient: rng.share() < 0.2,
            ticket: 0,
            keys: 0,
            attempts: Vec::new(),
            probes: Vec::new(),
            count: Count {
                renewals: 0,
                under_way: false,
                asked: false,
                believed: 0,
                slept: 0,
                allowed: 0.0,
                since: 0,
                lifetime: SECOND,
                least: f64::MAX,
            },
            ended: false,
            rng,
        };
        let visible = world.rng.share() < if brief { 0.7 } else { 0.05 };
        world.restore();
        world.input(Input::Visibility { visible });
        world
    }

    pub(crate) fn renewals(&self) -> u64 {
        self.count.renewals
    }

    /// Feeds the session with so many inputs, or with those of a thousand years; returns how many.
    pub(crate) fn run(&mut self, inputs: u64) -> u64 {
        let mut taken = 0;
        while taken < inputs && self.passed() < 1_000 * YEAR {
            self.step();
            taken += 1;
        }
        taken
    }

    fn step(&mut self) {
        if core::mem::take(&mut self.ended) {
            // The application asks for it: what came before does not count.
            self.count.least = f64::MAX;
            self.restore();
            return;
        }
        let chance = self.rng.share();
        if self.jumps && chance < 0.02 {
            self.jump();
            return;
        }
        self.pass(chance);
        if let Some(place) = self
            .attempts
            .iter()
            .position(|flight| flight.back <= self.time)
        {
            let flight = self.attempts.swap_remove(place);
            self.answer(flight);
            return;
        }
        if let Some(place) = self
            .probes
            .iter()
            .position(|flight| flight.back <= self.time)
        {
            let flight = self.probes.swap_remove(place);
            let date = (self.probed == Probed::Date).then(|| self.date(flight.made));
            self.input(Input::TimeProbed {
                id: flight.id,
                exchange: self.exchange(&flight),
                date,
            });
            return;
        }
        let chance = self.rng.share();
        if self.impatient || chance < self.asking {
            self.ticket += 1;
            let longest = 3 * self.lifetime;
            let validity = match self.impatient {
                true => longest,
                false => magnitude(&mut self.rng, 1, longest),
            };
            let insists = self.rng.share() < 0.8;
            self.input(Input::NeedToken {
                ticket: Ticket(self.ticket),
                min_validity: insists.then(|| Span::from_millis(validity)),
            });
        } else if chance < self.asking + 0.05 {
            self.ticket += 1;
            let generation = self.session.snapshot().generation;
            let is_old = self.rng.share() < 0.2;
            self.input(Input::Challenged {
                ticket: Ticket(self.ticket),
                generation: generation.wrapping_sub(u32::from(is_old)),
                challenge: BearerChallenge::default(),
                url: String::new(),
            });
        } else if chance < self.asking + 0.06 {
            self.input(Input::Forget {
                ticket: Ticket(self.ticket),
            });
        } else if chance < self.asking + 0.07 {
            let visible = self.rng.share()
                < if self.lifetime > 60 * SECOND {
                    0.05
                } else {
                    0.7
                };
            self.input(Input::Visibility { visible });
        } else if chance < self.asking + 0.08 {
            self.count.ask();
            self.ticket += 1;
            self.input(Input::Renew {
                ticket: Ticket(self.ticket),
            });
        } else if chance < self.asking + 0.09 {
            let online = self.rng.share() < 0.8;
            self.input(Input::Connectivity { online });
        } else {
            self.session.handle_timeout(self.now);
            self.carry_out();
        }
    }

    fn restore(&mut self) {
        self.count.ask();
        self.input(RESTORE);
    }

    // Time.

    /// Lets time pass, most often until something is due.
    fn pass(&mut self, chance: f64) {
        let deadline = self
            .session
            .poll_timeout()
            .map(|deadline| deadline.at - self.now.monotonic);
        let arrival = |back: i64| Span::from_millis(back - self.time);
        let arrivals = self.attempts.iter().map(|flight| arrival(flight.back));
        let arrivals = arrivals.chain(self.probes.iter().map(|flight| arrival(flight.back)));
        let due = arrivals
            .chain(deadline)
            .min()
            .map_or(self.lifetime, Span::as_millis);
        let due = due.max(0);
        let span = match chance {
            early if early < 0.2 => (due as f64 * self.rng.share()) as i64,
            // Timers are late at times.
            late if late < 0.25 => due + magnitude(&mut self.rng, 1, self.lifetime),
            _ => due,
        };
        let span = match self.impatient {
            true => span.min(self.lifetime / 100),
            false => span,
        };
        self.shift(span);
    }

    fn shift(&mut self, span: i64) {
        self.time += span;
        self.now.monotonic += Span::from_millis(span);
        self.now.wall += Span::from_millis(span);
    }

    fn jump(&mut self) {
        let longest = 10 * self.lifetime + 60 * SECOND;
        let span = magnitude(&mut self.rng, 2_100, longest);
        match one_of(&mut self.rng, [0, 1, 2, 3, 4]) {
            0 => self.shift(span),
            1 => {
                self.time += span;
                self.count.slept += span;
                self.now.wall += Span::from_millis(span);
            }
            2 => {
                // Too short to be asked about.
                self.time += span % 2_000;
                self.count.slept += span % 2_000;
                self.now.wall += Span::from_millis(span % 2_000);
            }
            3 => {
                self.now.wall += Span::from_millis(span);
                if !self.attempts.is_empty() {
                    // What was asked for before is taken to be as old as that, until the time is known.
                    self.count.believed += span;
                }
            }
            _ => self.now.wall -= Span::from_millis(span),
        }
        self.session.handle_timeout(self.now);
        self.carry_out();
    }

    /// The time that has passed, and what the session may have taken for it.
    fn passed(&self) -> i64 {
        self.time + self.count.believed
    }

    // The server.

    fn date(&self, time: i64) -> ServerTime {
        let secs = (time + self.server_ahead).div_euclid(SECOND);
        ServerTime::from_millis(secs * SECOND)
    }

    fn exchange<Id>(&self, flight: &Flight<Id>) -> Exchange {
        Exchange {
            sent: flight.sent,
            received: self.now,
        }
    }

    fn answer(&mut self, flight: Flight<AttemptId>) {
        let exchange = self.exchange(&flight);
        let failed = self.rng.share() < self.failing;
        let answer = (!failed).then(|| self.grant(flight.made));
        let left = self.expires - flight.made;
        let lifetime = match (
            answer.as_ref().and_then(|answer| answer.expires_in),
            self.told,
        ) {
            (Some(secs), _) => secs as i64 * SECOND,
            // The server's time is known to a second and the time that the answer took.
            _ => left - (flight.back - flight.left) - 2_100,
        };
        let outcome = Outcome::Answered(Reply {
            status: if failed { 503 } else { 200 },
            date: self.dated.then(|| self.date(flight.made)),
            aged: false,
            retry_after: None,
            answer,
        });
        let generation = self.session.snapshot().generation;
        self.session.handle_input(
            Input::RenewalSettled {
                id: flight.id,
                exchange,
                outcome,
            },
            self.now,
        );
        if self.session.snapshot().generation != generation {
            self.count.token_since(flight.left, lifetime);
        }
        self.carry_out();
    }

    fn grant(&mut self, made: i64) -> TokenAnswer {
        let left = self.expires - made;
        let repeats = match self.tokens {
            Tokens::Fresh | Tokens::Shrinking | Tokens::Creeping => false,
            Tokens::Repeated => left > self.lifetime / 20,
            Tokens::Erratic => left > 0 && self.rng.share() < 0.3,
        };
        if !repeats {
            let elapsed = made - self.issued;
            let expires = match self.tokens {
                Tokens::Fresh | Tokens::Repeated => made + self.lifetime,
                Tokens::Erratic => made + magnitude(&mut self.rng, SECOND, 2 * self.lifetime),
                Tokens::Shrinking => {
                    if self.session_end < made {
                        self.session_end = made + 5 * self.lifetime;
                    }
                    self.session_end.min(made + self.lifetime)
                }
                Tokens::Creeping if left < 0 => made + self.lifetime,
                Tokens::Creeping => self.expires + (elapsed as f64 * self.rng.share()) as i64,
            };
            self.issued = made;
            self.expires = expires.max(made + SECOND);
        }
        let secs = |time: i64| (time + self.server_ahead).div_euclid(SECOND) as f64;
        let date = |time: i64| NumericDate::from_secs(secs(time)).expect("a date");
        let dates = TokenDates {
            expires: date(self.expires),
            issued: Some(date(self.issued)),
            not_before: None,
            authenticated: None,
        };
        let expires_in = ((self.expires - made) / SECOND).max(1) as f64;
        TokenAnswer {
            token: Some(Ok(ReadToken {
                identity: None,
                token: AccessToken::new(String::new()),
                dates: matches!(self.told, Told::InFull | Told::Dates).then_some(dates),
            })),
            expires_in: matches!(self.told, Told::InFull | Told::ExpiresIn).then_some(expires_in),
            expires_at: (self.told == Told::ExpiresAt).then(|| secs(self.expires)),
            session_expires_in: None,
        }
    }

    // The shell.

    fn input(&mut self, input: Input) {
        self.session.handle_input(input, self.now);
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(effect) = self.session.poll_effect() {
            match effect {
                Effect::DrawKey => {
                    self.keys += 1;
                    let key = RenewalKey(self.keys);
                    let record = Record::default();
                    self.session
                        .handle_input(Input::KeyDrawn { key, record }, self.now);
                }
                Effect::SendRenewal { id, .. } => {
                    self.renewal_sent();
                    let flight = self.flight(id);
                    self.attempts.push(flight);
                }
                Effect::ProbeTime { id } if self.probed != Probed::Never => {
                    let flight = self.flight(id);
                    self.probes.push(flight);
                }
                Effect::Emit(Event::ClockJump { by, kind }) => self.jumped(by, kind),
                Effect::Emit(Event::Ended { reason, .. }) => {
                    assert_eq!(reason, EndReason::Unreachable, "SEED={}", self.seed);
                    self.ended = true;
                }
                _ => {}
            }
        }
    }

    fn flight<Id>(&mut self, id: Id) -> Flight<Id> {
        let longest = if self.rng.share() < 0.01 {
            30 * SECOND
        } else {
            self.trip
        };
        let trip = magnitude(&mut self.rng, 1, longest);
        let there = (trip as f64 * self.rng.share()) as i64;
        Flight {
            id,
            sent: self.now,
            left: self.passed(),
            made: self.time + there,
            back: self.time + trip,
        }
    }

    fn jumped(&mut self, by: Span, kind: JumpKind) {
        let by = by.as_millis();
        let sleep = core::mem::take(&mut self.count.slept);
        match kind {
            JumpKind::SetBack => self.count.slept = sleep,
            // Nobody knows more exactly how long the device slept.
            JumpKind::Sleep => self.count.believed += 3_000,
            JumpKind::Unknown => self.count.believed += (by - sleep).max(0),
            // The device may have slept for as long as the server's time is not known exactly.
            JumpKind::SetForward => self.count.believed += by.min(4_000 + 2 * self.trip),
        }
    }

    fn renewal_sent(&mut self) {
        let count = &mut self.count;
        if core::mem::replace(&mut count.under_way, true) {
            return;
        }
        let time = self.time + count.believed;
        let before = count.renewals as f64 - count.allowed_at(time);
        count.least = count.least.min(before);
        count.renewals += 1;
        let made = before + 1.0 - count.least;
        let inexact = if self.jumps { 0.5 } else { 1e-4 };
        assert!(
            made <= 2.0 + inexact,
            "SEED={}: {made} more renewals than lifetimes, {} in all, at {time}",
            self.seed,
            count.renewals
        );
    }
}
