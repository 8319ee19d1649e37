//! The world around one session.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

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
    LogoutArrives(Option<Cookie>),
    LogoutSettles,
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
    session: Session,
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
        let mut world = World {
            session: Session::new(config.clone(), seed, now(START + skew, 0)),
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

    // Time.

    fn clocks(&self) -> Now {
        now(
            self.wall.div_euclid(NANOS),
            self.monotonic.div_euclid(NANOS),
        )
    }

    fn reading(&self) -> i64 {
        self.clocks().monotonic.as_millis()
    }

    fn pass(&mut self, millis: i64) {
        let millis = millis.max(0);
        self.now += millis;
        let nanos = millis * (NANOS + self.drift);
        self.monotonic += nanos;
        self.wall += nanos;
    }

    /// The true time at which the monotonic clock shows an instant.
    fn when(&self, at: Monotonic) -> i64 {
        let left = at.as_millis().saturating_mul(NANOS) - self.monotonic;
        if left <= 0 {
            return self.now;
        }
        self.now + left.div_euclid(NANOS + self.drift) + 1
    }

    fn lateness(&mut self) -> i64 {
        match self.dice.between(0, 19) {
            0 => self.dice.spread(1, 60_000),
            1..=5 => self.dice.between(0, 20),
            _ => 0,
        }
    }

    fn later(&mut self, millis: i64, next: Next) {
        self.order += 1;
        self.queue.insert((self.now + millis, self.order), next);
    }

    // What happens.

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
                let answer = Some(answer);
                self.call(Cause::Asked, None, |ticket| Input::Begin { ticket, answer });
            }
            Next::LogoutArrives(cookie) => {
                self.server.end(cookie);
                let back = self.dice.spread(5, 20_000);
                self.later(back, Next::LogoutSettles);
            }
            Next::Probed(id, sent, date) => {
                let received = self.clocks();
                let exchange = Exchange { sent, received };
                self.probing = false;
                self.input(Cause::Own, Input::TimeProbed { id, exchange, date });
            }
            Next::LogoutSettles => self.input(Cause::Own, Input::LogoutSettled),
            Next::Application => self.application(),
            Next::Weather => self.change_weather(),
            Next::Device => self.disturb(),
        }
    }

    fn arrives(&mut self, id: AttemptId, key: RenewalKey, cookie: Option<Cookie>, fate: Fate) {
        let mut reply = Reply {
            status: 503,
            date: Some(server_date(self.now)),
            aged: false,
            retry_after: None,
            answer: None,
        };
        let mut set = None;
        if !fate.fails || self.dice.chance(30) {
            // What fails behind the server may have been done all the same.
            match self.server.renew(cookie, key, self.now, &mut self.dice) {
                Answer::Granted(next, answer) => {
                    let left = self.server.left(next.session, self.now);
                    let grant = Grant {
                        sent: self.sent[&id].1,
                        lifetime: left,
                        expiry: self.now + left,
                    };
                    self.grants.insert(id, grant);
                    set = Some(next);
                    reply.status = 200;
                    reply.answer = Some(answer);
                }
                Answer::Refused => reply.status = self.dice.pick(&[400, 401, 403, 0]),
            }
        }
        if fate.fails {
            reply.status = self.dice.pick(&[200, 204, 404, 429, 500, 502, 503]);
            reply.answer = None;
            set = set.filter(|_| self.dice.chance(50));
            reply.retry_after = match self.dice.between(0, 5) {
                0 => Some(RetryAfter::Delay(Span::from_secs(self.dice.spread(1, 300)))),
                1 => {
                    let at = self.now + 1000 * self.dice.spread(1, 300);
                    Some(RetryAfter::Date(ServerTime::from_millis(at)))
                }
                _ => None,
            };
        }
        match fate.back {
            Some(back) => {
                let outcome = Outcome::Answered(reply);
                self.later(back, Next::Settles(id, outcome, set));
            }
            None => self.later(fate.broken, Next::Settles(id, Outcome::Unreachable, None)),
        }
    }

    fn settles(&mut self, id: AttemptId, outcome: Outcome, cookie: Option<Cookie>) {
        // The cookie of an older session than the browser has would lose it the newer one; that a
        // sign-in waits for what is on its way is not the session's business.
        let current = self.cookie.map_or(0, |cookie| cookie.session);
        let cookie = cookie.filter(|cookie| cookie.session >= current);
        let (sent, _) = self.sent.remove(&id).expect("an attempt that was sent");
        let grants = matches!(&outcome, Outcome::Answered(reply) if reply.answer.is_some());
        // A cookie without its grant is presented by the next attempt; no client can know that it
        // must not, while an earlier request is still on its way.
        if cookie.is_some() && (grants || self.sent.is_empty()) {
            self.cookie = cookie;
        }
        let starting = self.session.state() == SessionState::Starting;
        self.offered = self.grants.get(&id).copied();
        let refused = matches!(&outcome, Outcome::Answered(reply)
            if [0, 400, 401, 403].contains(&reply.status));
        let took = self.clocks().monotonic - sent.monotonic;
        if took > self.config.renewal.attempt_limit && matches!(outcome, Outcome::Answered(_)) {
            self.watch.seen.late += 1;
        }
        let exchange = Exchange {
            sent,
            received: self.clocks(),
        };
        let input = Input::RenewalSettled {
            id,
            exchange,
            outcome,
        };
        self.input(Cause::Answer, input);
        if starting && refused && self.session.state() == SessionState::SignedOut {
            self.watch.failed(self.now);
        }
    }

    fn change_weather(&mut self) {
        self.weather = Weather::next(&mut self.dice);
        let down = self.weather == Weather::NetworkDown;
        if down || self.dice.chance(90) {
            let online = !down || self.dice.chance(30);
            self.input(Cause::Own, Input::Connectivity { online });
        }
        let most = if self.dice.chance(5) { 20 } else { 1 };
        let lasts = self.dice.spread(1000, most * 3_600_000);
        self.later(lasts, Next::Weather);
    }

    /// Something is done to the device.
    fn disturb(&mut self) {
        if !self.probing {
            self.slept = 0;
        }
        match self.dice.between(0, 5) {
            // The page is frozen, or sleeps while both clocks run.
            0 => {
                let span = self.dice.spread(1000, 10 * 3_600_000);
                self.pass(span);
            }
            // It sleeps, and the monotonic clock stands.
            3 => {
                let span = self.dice.spread(100, 10 * 3_600_000);
                let monotonic = self.monotonic;
                self.pass(span);
                self.monotonic = monotonic;
                self.slept += span;
            }
            4 => {
                let visible = self.dice.chance(50);
                self.input(Cause::Own, Input::Visibility { visible });
            }
            1 => {
                let step = self.dice.between(-90_000, 90_000);
                self.wall += NANOS * step;
                if (0..=2000).contains(&step) {
                    // It passes for a short sleep.
                    self.jumped = Some(self.now);
                    self.watch.forget_failures();
                }
            }
            2 if self.dice.chance(20) => {
                let year = 365 * 86_400_000;
                self.wall += NANOS * self.dice.between(-year, year);
            }
            _ => {}
        }
        // Two at once can hide each other; a page looks at its clocks now and then.
        self.session.handle_timeout(self.clocks());
        self.carry_out(Cause::Own);
        let lasts = self.dice.spread(10_000, 6 * 3_600_000);
        self.later(lasts, Next::Device);
    }

    // The application.

    fn application(&mut self) {
        let wait = Some(self.config.wait);
        let patience = self
            .config
            .wait
            .max(self.config.renewal.attempt_limit + Span::from_secs(1));
        let signed_out = self.session.state() == SessionState::SignedOut;
        match self.dice.between(0, 99) {
            _ if self.signing_in => {}
            0..=49 if signed_out => self.sign_in(),
            50..=79 if signed_out => {
                self.believed = self.cookie.map(|cookie| cookie.session);
                self.call(Cause::Asked, Some(patience), |ticket| Input::Restore {
                    ticket,
                });
            }
            0..=59 => {
                self.needed = true;
                self.call(Cause::Own, wait, |ticket| Input::NeedToken {
                    ticket,
                    min_validity: None,
                });
            }
            60..=74 => {
                self.needed = true;
                let secs = Span::from_secs(self.dice.spread(1, self.server.lifetime));
                self.call(Cause::Own, wait, |ticket| Input::NeedToken {
                    ticket,
                    min_validity: Some(secs),
                });
            }
            75..=88 => {
                self.call(Cause::Asked, Some(patience), |ticket| Input::Renew {
                    ticket,
                });
            }
            89..=94 => {
                self.call(Cause::Asked, Some(patience), |ticket| Input::Restore {
                    ticket,
                });
            }
            95 | 96 if self.dice.chance(30) => {
                let logout = self.dice.chance(70);
                self.leave();
                self.call(Cause::Own, Some(Span::from_secs(5)), |ticket| {
                    Input::SignOut { ticket, logout }
                });
            }
            97 if self.dice.chance(30) => self.sign_in(),
            // The session ends at the server.
            98 if self.dice.chance(30) => self.server.end(self.cookie),
            _ => {}
        }
        let busy = self.dice.chance(60);
        let pause = match busy {
            true => self.dice.spread(1, 20_000),
            false => self.dice.spread(1000, 2 * self.server.lifetime * 1000),
        };
        self.later(pause, Next::Application);
    }

    fn sign_in(&mut self) {
        self.signing_in = true;
        let there = self.dice.between(5, 2000);
        self.later(there, Next::SignInArrives);
    }

    fn call(&mut self, cause: Cause, limit: Option<Span>, input: impl FnOnce(Ticket) -> Input) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.watch.called(ticket, limit, self.reading());
        self.input(cause, input(ticket));
    }

    fn input(&mut self, cause: Cause, input: Input) {
        self.note(&input);
        self.session.handle_input(input, self.clocks());
        self.carry_out(cause);
    }

    // The session.

    fn carry_out(&mut self, cause: Cause) {
        let mut draw = false;
        while let Some(effect) = self.session.poll_effect() {
            self.note(&effect);
            match effect {
                Effect::DrawKey => {
                    draw = true;
                    self.check_interval(cause);
                }
                Effect::SendRenewal { id, key } => self.send(id, key),
                Effect::Settle { ticket, settlement } => {
                    self.watch.settled(ticket, settlement);
                    if settlement == Settlement::Token {
                        self.check_token();
                    }
                }
                Effect::SendLogout => {
                    let there = self.dice.between(5, 3000);
                    self.later(there, Next::LogoutArrives(self.cookie));
                }
                Effect::ProbeTime { id } => self.probe(id),
                Effect::Emit(Event::ClockJump { by, kind }) => self.jumped(by, kind),
                Effect::Emit(Event::ClockSkew(_)) => {
                    let truth = self.now - self.wall.div_euclid(NANOS);
                    assert!(truth.abs() > 28_000, "the clock is only {truth} ms off");
                }
                Effect::Emit(event) => self.told(event),
                Effect::Verify { .. } => unreachable!("not configured"),
            }
        }
        if draw {
            self.keys += 1;
            self.input(Cause::Own, Input::KeyDrawn(RenewalKey(self.keys)));
        }
        self.watch.check_waiting(self.reading());
        self.check_clock();
        self.check_theft();
    }

    /// The server never takes a living session for stolen.
    fn check_theft(&self) {
        let Some(session) = self.believed else { return };
        // Where the wall clock had to be believed, a good answer can seem to be too old.
        let excused = self.credulous.is_some() || self.left.contains(&session);
        let stolen = self.server.alarms.contains(&session);
        assert!(excused || !stolen, "taken for a theft");
    }

    fn send(&mut self, id: AttemptId, key: RenewalKey) {
        assert!(self.sent.len() < 2, "a third without an answer");
        self.sent.insert(id, (self.clocks(), self.now));
        // What hangs for longer than the token lives can always look like theft.
        let most = if self.server.caches { 9000 } else { 300_000 };
        let patience = (self.server.lifetime * 500).min(most);
        let fate = self.weather.fate(&mut self.dice, patience);
        match fate.there {
            Some(there) => self.later(there, Next::Arrives(id, key, self.cookie, fate)),
            None => self.later(fate.broken, Next::Settles(id, Outcome::Unreachable, None)),
        }
    }

    fn probe(&mut self, id: ProbeId) {
        self.probing = true;
        let sent = self.clocks();
        let fate = self.weather.fate(&mut self.dice, 20_000);
        match (fate.there, fate.back) {
            (Some(there), Some(back)) if there < 1000 => {
                let date = (!fate.fails).then_some(server_date(self.now + there));
                self.later(there + back, Next::Probed(id, sent, date));
            }
            _ => self.later(fate.broken, Next::Probed(id, sent, None)),
        }
    }

    /// What is told of the clocks is what happened to them.
    fn jumped(&mut self, by: Span, kind: JumpKind) {
        let by = by.as_millis();
        if kind != JumpKind::SetBack {
            self.jumped = Some(self.now);
            // Those in doubt count as before the sleep, and a part of the jump as sleep.
            self.watch.forget_failures();
        }
        match kind {
            JumpKind::Sleep => {
                let most = self.slept + by / 10 + 4000;
                assert!(by < most, "slept {} of {by} ms", self.slept);
            }
            JumpKind::SetForward => assert!(self.slept < by.max(5000), "set forward"),
            JumpKind::SetBack => return,
            JumpKind::Unknown => {
                self.credulous = Some(self.now);
                self.watch.forget();
            }
        }
        self.slept = 0;
    }

    /// Nobody gets a token that has lapsed.
    fn check_token(&self) {
        assert!(self.session.usable_token().is_some());
        let expiry = self.granted.expect("a grant").expiry;
        // A sleep of less than two seconds is not noticed, and hardly longer ones not told apart
        // from a clock that was set.
        assert!(
            self.now < expiry + 6000,
            "lapsed {} ms ago",
            self.now - expiry
        );
    }

    fn told(&mut self, event: Event) {
        self.watch.event(&event, self.now);
        if matches!(event, Event::Started { .. } | Event::Renewed { .. }) {
            self.granted = self.offered;
            let sent = self.granted.map(|grant| grant.sent);
            self.credulous = self.credulous.filter(|jumped| sent <= Some(*jumped));
            self.jumped = self.jumped.filter(|jumped| sent <= Some(*jumped));
            if self.probing {
                // What was sent before the clocks came apart is taken to be old.
                self.jumped = Some(self.now);
            }
            self.needed = false;
            self.believed = self.cookie.map(|cookie| cookie.session);
        }
        let Event::Ended { reason, .. } = event else {
            return;
        };
        let over = self.believed.is_none_or(|session| {
            self.left.contains(&session) || self.server.is_over(session, self.now)
        });
        match reason {
            EndReason::Rejected => assert!(over, "rejected without a reason"),
            EndReason::Expired => {
                let end = self
                    .believed
                    .and_then(|session| self.server.session_end(session));
                let end = end.expect("an end that was told");
                // Whole seconds, and the drift.
                let early = end - self.now;
                let length = end - START;
                assert!(
                    self.jumped.is_some() || early <= 1000 + length / 1000,
                    "{early} ms too early"
                );
            }
            EndReason::SignedOut => assert_eq!(self.believed, None),
            EndReason::Unreachable | EndReason::InvalidToken => {}
        }
        assert_ne!(reason, EndReason::InvalidToken);
        self.leave();
    }

    fn leave(&mut self) {
        self.left.extend(self.believed.take());
    }

    /// Of its own accord a session renews no token in the first half of its life.
    fn check_interval(&self, cause: Cause) {
        let (Cause::Own, Some(grant), None) = (cause, self.granted, self.jumped) else {
            return;
        };
        let Grant { sent, lifetime, .. } = grant;
        let half = lifetime / 2;
        let least = if self.needed { half.min(5000) } else { half };
        let passed = self.now - sent;
        // Where only `exp` tells the expiry, a wall clock that was set forward may mean sleep.
        if self.server.says_expires_in {
            let slack = 1000 + lifetime / 1000;
            assert!(
                passed >= least - slack,
                "renewed after {passed} of {lifetime} ms"
            );
        }
        // A second, on a clock that may be slow.
        assert!(passed >= 998, "renewed after {passed} ms");
    }

    /// The truth lies inside the interval that is reported.
    fn check_clock(&self) {
        let clock = self.session.snapshot().clock;
        if clock.uncertainty == Span::MAX {
            return;
        }
        let truth = self.now - self.wall.div_euclid(NANOS);
        let off = (truth - clock.skew.as_millis()).abs();
        // A second of each is not worth a change.
        let most = clock.uncertainty.as_millis() + 2000;
        assert!(off <= most, "{truth} ms ahead, reported {clock:?}");
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
