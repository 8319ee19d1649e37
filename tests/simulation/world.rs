//! The world around one session.

mod application;
mod clocks;
mod network;
mod promises;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use sessionkeeper::recording::Recorded;
use sessionkeeper::retry_after::RetryAfter;
use sessionkeeper::*;

use crate::dice::Dice;
use crate::server::{Answer, Cookie, Server};
use crate::watch::{Seen, Watch};
use crate::weather::{Fate, Weather};

/// True time starts here, in milliseconds since the Unix epoch: it is the server's clock.
const START: i64 = 1_750_000_000_000;
const NANOS: i64 = 1_000_000;

/// Something that will happen.
#[derive(Debug)]
enum Next {
    /// An attempt reaches the server.
    Arrives(AttemptId, RenewalKey, Option<Cookie>, Fate),
    /// What became of it reaches the page.
    Settles(AttemptId, Outcome, Option<Cookie>),
    SignInArrives,
    SignedIn(Cookie, TokenAnswer),
    LogoutArrives(LogoutId, Option<Cookie>),
    LogoutSettles(LogoutId),
    /// The server's time reaches the page, or does not.
    Probed(ProbeId, Now, Option<ServerTime>),
    Application,
    Weather,
    Device,
}

/// Why the session does what it does just now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cause {
    /// The application has asked for a renewal.
    Asked,
    /// An answer was a refusal, and there is a second look.
    Answer,
    /// Its own accord.
    Own,
}

/// What the server has granted, in true time.
#[derive(Clone, Copy, Debug)]
struct Grant {
    sent: i64,
    lifetime: i64,
    expiry: i64,
}

pub(crate) struct World {
    session: Recorded,
    recording: Rc<RefCell<Vec<String>>>,
    config: Config,
    dice: Dice,
    server: Server,
    watch: Watch,
    weather: Weather,
    cookie: Option<Cookie>,
    /// The server's session that the page believes in.
    believed: Option<usize>,
    /// The server's sessions that ended in the page, perhaps in the middle of a renewal.
    left: BTreeSet<usize>,
    queue: BTreeMap<(i64, u64), Next>,
    order: u64,
    /// True time.
    now: i64,
    end: i64,
    monotonic: i64,
    wall: i64,
    /// By how many millionths the device's clocks are fast.
    drift: i64,
    /// The attempts without an answer: when they were sent, on the device's clocks and truly.
    sent: BTreeMap<AttemptId, (Now, i64)>,
    /// The grant that the session lives by.
    granted: Option<Grant>,
    /// The same of the answer that the session is just being told.
    offered: Option<Grant>,
    /// For how long the monotonic clock has stood since the last jump that was told.
    slept: i64,
    /// Whether the session has asked for the time.
    probing: bool,
    /// When the wall clock had to be believed, where that was after the last grant was asked for.
    credulous: Option<i64>,
    /// The same for a jump that may count for more time than has passed.
    jumped: Option<i64>,
    /// Whether somebody has asked for a token since.
    needed: bool,
    grants: BTreeMap<AttemptId, Grant>,
    signing_in: bool,
    tickets: u32,
    keys: u128,
    show: bool,
    record: Record,
    /// Whether the application wants a renewal that has not begun yet.
    asked: bool,
    lines: VecDeque<String>,
    digest: u64,
}

impl World {
    pub(crate) fn new(seed: u64, show: bool) -> World {
        let mut dice = Dice::new(seed);
        let server = Server::new(&mut dice);
        let mut config = Config {
            logout: dice.chance(50),
            wait: Span::from_secs(dice.pick(&[1, 10, 10, 30])),
            ..Config::default()
        };
        config.renewal.jitter = dice.pick(&[0.0, 0.2, 1.0]);
        config.renewal.hidden = dice.pick(&[Hidden::Renew, Hidden::Defer]);
        config.ask_time = dice.chance(50);
        config.retry.give_up_after = Span::from_mins(dice.pick(&[30, 240, 1440]));
        let year = 365 * 86_400_000;
        let skew = match dice.between(0, 3) {
            0 => 0,
            1 => dice.between(-90_000, 90_000),
            _ => dice.between(-3 * year, 3 * year),
        };
        let lifetime = server.lifetime * 1000;
        let recording = Rc::new(RefCell::new(Vec::new()));
        let lines = recording.clone();
        let keep = move |line: &str| lines.borrow_mut().push(line.to_owned());
        let mut world = World {
            session: Recorded::new(config.clone(), seed, now(START + skew, 0), 0, keep),
            recording,
            watch: Watch::new(&config),
            config,
            server,
            weather: Weather::Fair,
            cookie: None,
            believed: None,
            left: BTreeSet::new(),
            queue: BTreeMap::new(),
            order: 0,
            now: START,
            end: START + (lifetime * dice.between(3, 40)).max(dice.between(2, 12) * 600_000),
            monotonic: 0,
            wall: (START + skew) * NANOS,
            drift: dice.between(-300, 300),
            dice,
            sent: BTreeMap::new(),
            granted: None,
            offered: None,
            slept: 0,
            probing: false,
            credulous: None,
            jumped: None,
            needed: false,
            grants: BTreeMap::new(),
            signing_in: false,
            tickets: 0,
            keys: 0,
            show,
            record: Record::default(),
            asked: false,
            lines: VecDeque::new(),
            digest: 0xcbf2_9ce4_8422_2325,
        };
        world.sign_in();
        world.later(1000, Next::Application);
        world.later(60_000, Next::Weather);
        world.later(60_000, Next::Device);
        world
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.watch.seen
    }

    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    /// What the session heard and did.
    pub(crate) fn recording(&self) -> Vec<String> {
        self.recording.take()
    }

    pub(crate) fn tail(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    pub(crate) fn run(&mut self) {
        let mut still = 0;
        while self.now < self.end && self.watch.seen.steps < 4000 {
            let before = self.now;
            let queued = self.queue.keys().next().map_or(i64::MAX, |(at, _)| *at);
            match self.session.poll_timeout() {
                Some(deadline) if self.when(deadline.at) <= queued => {
                    let at = self.when(deadline.at);
                    self.pass(at - self.now);
                    let late = self.lateness();
                    self.pass(late);
                    self.note(&deadline);
                    self.session.handle_timeout(self.clocks());
                    self.carry_out(Cause::Own);
                }
                _ if queued == i64::MAX => return,
                _ => {
                    let ((at, _), next) = self.queue.pop_first().expect("something");
                    self.pass(at - self.now);
                    self.note(&next);
                    self.happen(next);
                }
            }
            self.watch.seen.steps += 1;
            still = if self.now > before { 0 } else { still + 1 };
            assert!(still < 60, "time stands still");
        }
    }

    fn later(&mut self, millis: i64, next: Next) {
        self.order += 1;
        self.queue.insert((self.now + millis, self.order), next);
    }

    fn happen(&mut self, next: Next) {
        match next {
            Next::Arrives(id, key, cookie, fate) => self.arrives(id, key, cookie, fate),
            Next::Settles(id, outcome, cookie) => self.settles(id, outcome, cookie),
            Next::SignInArrives => {
                let (cookie, answer) = self.server.sign_in(self.cookie, self.now);
                let back = self.dice.between(5, 300);
                self.later(back, Next::SignedIn(cookie, answer));
            }
            Next::SignedIn(cookie, answer) => {
                self.cookie = Some(cookie);
                self.believed = Some(cookie.session);
                self.signing_in = false;
                let left = self.server.left(cookie.session, self.now);
                self.offered = Some(Grant {
                    sent: self.now,
                    lifetime: left,
                    // When it was asked for is not known to the session.
                    expiry: self.now + self.server.lifetime * 1000,
                });
                self.call(Cause::Asked, None, |ticket| Input::Begin { ticket, answer });
            }
            Next::LogoutArrives(id, cookie) => {
                self.server.end(cookie);
                let back = self.dice.spread(5, 20_000);
                self.later(back, Next::LogoutSettles(id));
            }
            Next::Probed(id, sent, date) => {
                let received = self.clocks();
                let exchange = Exchange { sent, received };
                self.probing = false;
                self.input(Cause::Own, Input::TimeProbed { id, exchange, date });
            }
            Next::LogoutSettles(id) => {
                let outcome = Outcome::Answered(Reply {
                    status: 204,
                    date: None,
                    aged: false,
                    retry_after: None,
                    answer: None,
                });
                self.input(Cause::Own, Input::LogoutSettled { id, outcome });
            }
            Next::Application => self.application(),
            Next::Weather => self.change_weather(),
            Next::Device => self.disturb(),
        }
    }

    fn input(&mut self, cause: Cause, input: Input) {
        // It may have to wait for an earlier attempt.
        self.asked |= matches!(input, Input::Renew { .. });
        self.note(&input);
        self.session.handle_input(input, self.clocks());
        self.carry_out(cause);
    }

    fn carry_out(&mut self, cause: Cause) {
        let (mut draw, mut read) = (false, false);
        while let Some(effect) = self.session.poll_effect() {
            self.note(&effect);
            match effect {
                Effect::DrawKey => {
                    draw = true;
                    // The next attempt of one that has failed may have a key of its own.
                    let asked = core::mem::take(&mut self.asked);
                    if !asked && self.session.snapshot().failures == 0 {
                        self.check_interval(cause);
                    }
                }
                Effect::SendRenewal { id, key } => self.send(id, key),
                Effect::Settle { ticket, settlement } => {
                    self.watch.settled(ticket, settlement);
                    if settlement == Settlement::Token {
                        self.check_token();
                    }
                }
                Effect::SendLogout { id } => {
                    let there = self.dice.between(5, 3000);
                    self.later(there, Next::LogoutArrives(id, self.cookie));
                }
                Effect::ProbeTime { id } => self.probe(id),
                Effect::Emit(Event::ClockJump { by, kind }) => self.jumped(by, kind),
                Effect::Emit(Event::ClockSkew(_)) => {
                    let truth = self.now - self.wall.div_euclid(NANOS);
                    assert!(truth.abs() > 28_000, "the clock is only {truth} ms off");
                }
                Effect::Emit(event) => self.told(event),
                Effect::Note(note) => self.record = self.record.noted(note),
                Effect::ReadRecord => read = true,
                Effect::Say(_) => {}
                _ => unreachable!("not configured"),
            }
        }
        if draw {
            self.keys += 1;
            let (key, record) = (RenewalKey(self.keys), self.record);
            self.input(Cause::Own, Input::KeyDrawn { key, record });
        }
        if read {
            self.input(Cause::Own, Input::RecordRead(self.record));
        }
        self.watch.check_waiting(self.reading());
        self.check_clock();
        self.check_theft();
    }

    fn note(&mut self, what: &dyn core::fmt::Debug) {
        let line = format!("{:>12} {what:?}", self.now - START);
        for byte in line.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if self.show {
            println!("{line}");
        }
        if self.lines.len() >= 60 {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }
}

fn now(wall: i64, monotonic: i64) -> Now {
    Now {
        wall: Timestamp::from_millis(wall),
        monotonic: Monotonic::from_millis(monotonic),
    }
}

/// The header field `Date`, in whole seconds.
fn server_date(now: i64) -> ServerTime {
    ServerTime::from_millis(now.div_euclid(1000) * 1000)
}
