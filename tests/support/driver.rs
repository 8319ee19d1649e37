//! A shell without a browser: it feeds a session, keeps what comes out, and moves both clocks.

use std::collections::BTreeMap;

use serde_json::json;
use sessionkeeper::retry_after::RetryAfter;
use sessionkeeper::{
    AttemptId, CheckId, Config, Effect, Event, Exchange, Input, LogoutId, Monotonic, Now, Outcome,
    ProbeId, Record, Remark, RenewalKey, Reply, ServerTime, Session, SessionState, Settlement,
    Snapshot, Span, Ticket, Timestamp, TokenAnswer, Verdict,
};

use super::read;

/// An attempt to renew that was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    pub id: AttemptId,
    pub key: RenewalKey,
    pub sent: Now,
}

/// Drives a session and keeps what it asks for.
pub struct Driver {
    pub session: Session,
    pub now: Now,
    /// How far the server's clock is ahead of the device's wall clock.
    pub skew: Span,
    pub attempts: Vec<Attempt>,
    pub events: Vec<Event>,
    pub checks: Vec<CheckId>,
    /// The questions for the server's time, without an answer yet.
    pub probes: Vec<ProbeId>,
    pub logouts: Vec<LogoutId>,
    /// What the browser remembers.
    pub record: Record,
    pub said: Vec<Remark>,
    /// What was asked for that other tabs notice.
    pub shared: Vec<Effect>,
    settled: BTreeMap<Ticket, Settlement>,
    tickets: u32,
    keys: u128,
    serial: u32,
    seen: Snapshot,
}

impl Driver {
    pub fn new() -> Driver {
        Driver::with(Config::default())
    }

    pub fn with(config: Config) -> Driver {
        Driver::seeded(config, 7)
    }

    pub fn seeded(config: Config, seed: u64) -> Driver {
        let now = Now {
            wall: Timestamp::from_millis(1_700_000_000_000),
            monotonic: Monotonic::from_millis(5_000),
        };
        let session = Session::new(config, seed, now);
        let seen = session.snapshot();
        Driver {
            session,
            now,
            skew: Span::ZERO,
            attempts: Vec::new(),
            events: Vec::new(),
            checks: Vec::new(),
            probes: Vec::new(),
            logouts: Vec::new(),
            record: Record::default(),
            said: Vec::new(),
            shared: Vec::new(),
            settled: BTreeMap::new(),
            tickets: 0,
            keys: 0,
            serial: 0,
            seen,
        }
    }

    /// A driver whose session lives, with a fresh token of this lifetime.
    pub fn signed_in(config: Config, lifetime: Span) -> Driver {
        let mut driver = Driver::with(config);
        let answer = driver.grant(lifetime);
        let ticket = driver.begin(answer);
        assert_eq!(driver.settlement(ticket), Some(Settlement::Done));
        driver.events.clear();
        driver
    }

    // Time.

    /// Moves both clocks, and does on the way what is due.
    pub fn pass(&mut self, span: Span) {
        let target = self.now.monotonic + span;
        let mut idle = 0;
        while let Some(deadline) = self.session.poll_timeout()
            && deadline.at <= target
        {
            let step = deadline.at - self.now.monotonic;
            idle = if step > Span::ZERO { 0 } else { idle + 1 };
            assert!(idle < 20, "{deadline:?} comes again and again");
            self.shift(step.max(Span::ZERO));
            self.timeout();
        }
        let rest = target - self.now.monotonic;
        self.shift(rest);
    }

    /// Moves both clocks, and nothing runs meanwhile, as in a frozen page.
    pub fn freeze(&mut self, span: Span) {
        self.shift(span);
        self.timeout();
    }

    /// Moves both clocks, and does nothing.
    pub fn shift(&mut self, span: Span) {
        self.now.wall += span;
        self.now.monotonic += span;
    }

    /// Goes on until the next attempt has been sent, and tells how long that took.
    pub fn pass_until_attempt(&mut self) -> Span {
        let (sent, start) = (self.attempts.len(), self.now.monotonic);
        while self.attempts.len() == sent {
            let deadline = self.session.poll_timeout().expect("a deadline");
            self.pass((deadline.at - self.now.monotonic).max(Span::ZERO));
        }
        self.now.monotonic - start
    }

    /// Goes on until the server has been told of the end once more, and tells how long that took.
    pub fn pass_until_logout(&mut self) -> Span {
        let (told, start) = (self.logouts.len(), self.now.monotonic);
        while self.logouts.len() == told {
            let deadline = self.session.poll_timeout().expect("a deadline");
            self.pass((deadline.at - self.now.monotonic).max(Span::ZERO));
        }
        self.now.monotonic - start
    }

    pub fn server_time(&self) -> ServerTime {
        let wall = self.now.wall + self.skew;
        ServerTime::from_millis(wall.as_millis())
    }

    // What the server says.

    /// A new token, as a server answers that leaves out nothing.
    pub fn grant(&mut self, lifetime: Span) -> TokenAnswer {
        let secs = lifetime.as_millis() / 1000;
        let issued = self.server_time().as_millis().div_euclid(1000);
        self.serial += 1;
        let claims = json!({ "iat": issued, "exp": issued + secs, "jti": self.serial });
        TokenAnswer {
            token: Some(read(super::token_text(&claims))),
            expires_in: Some(secs as f64),
            ..TokenAnswer::default()
        }
    }

    /// An answer with this status and nothing else.
    pub fn status(&self, status: u16) -> Outcome {
        Outcome::Answered(self.reply(status))
    }

    pub fn retry_after(&self, status: u16, retry_after: RetryAfter) -> Outcome {
        Outcome::Answered(Reply {
            retry_after: Some(retry_after),
            ..self.reply(status)
        })
    }

    pub fn success(&self, answer: TokenAnswer) -> Outcome {
        Outcome::Answered(Reply {
            answer: Some(answer),
            ..self.reply(200)
        })
    }

    fn reply(&self, status: u16) -> Reply {
        let secs = self.server_time().as_millis().div_euclid(1000);
        Reply {
            status,
            date: Some(ServerTime::from_millis(secs * 1000)),
            aged: false,
            retry_after: None,
            answer: None,
        }
    }

    // What the shell says.

    pub fn settle(&mut self, attempt: Attempt, outcome: Outcome) {
        let exchange = Exchange {
            sent: attempt.sent,
            received: self.now,
        };
        self.input(Input::RenewalSettled {
            id: attempt.id,
            exchange,
            outcome,
        });
    }

    pub fn last_attempt(&self) -> Attempt {
        *self.attempts.last().expect("an attempt")
    }

    /// Settles the newest attempt with a new token.
    pub fn succeed(&mut self, lifetime: Span) {
        let answer = self.grant(lifetime);
        let outcome = self.success(answer);
        self.settle(self.last_attempt(), outcome);
    }

    /// Settles the newest attempt with a status.
    pub fn fail(&mut self, status: u16) {
        let outcome = self.status(status);
        self.settle(self.last_attempt(), outcome);
    }

    pub fn verify(&mut self, verdict: Verdict) {
        let id = *self.checks.last().expect("a check");
        self.input(Input::Verified { id, verdict });
    }

    pub fn connectivity(&mut self, online: bool) {
        self.input(Input::Connectivity { online });
    }

    // What the application says.

    pub fn begin(&mut self, answer: TokenAnswer) -> Ticket {
        self.call(|ticket| Input::Begin { ticket, answer })
    }

    pub fn restore(&mut self) -> Ticket {
        self.restore_as(false)
    }

    /// Restores; `fresh` says that the user has just signed in.
    pub fn restore_as(&mut self, fresh: bool) -> Ticket {
        let record = self.record;
        self.call(|ticket| Input::Restore {
            ticket,
            fresh,
            record,
        })
    }

    /// Another load of the page: nothing is left but the record and the server's state.
    pub fn reload(&mut self, config: Config) {
        self.session = Session::new(config, 11, self.now);
        self.seen = self.session.snapshot();
        self.settled.clear();
    }

    /// Settles the newest request that told the server of the end.
    pub fn hear_logout(&mut self, outcome: Outcome) {
        let id = *self.logouts.last().expect("a logout");
        self.input(Input::LogoutSettled { id, outcome });
    }

    pub fn renew(&mut self) -> Ticket {
        self.call(|ticket| Input::Renew { ticket })
    }

    pub fn need_token(&mut self, min_validity: Option<Span>) -> Ticket {
        self.call(|ticket| Input::NeedToken {
            ticket,
            min_validity,
        })
    }

    pub fn sign_out(&mut self, logout: bool) -> Ticket {
        self.call(|ticket| Input::SignOut { ticket, logout })
    }

    pub fn call(&mut self, input: impl FnOnce(Ticket) -> Input) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.input(input(ticket));
        ticket
    }

    pub fn input(&mut self, input: Input) {
        self.session.handle_input(input, self.now);
        self.carry_out();
    }

    pub fn timeout(&mut self) {
        self.session.handle_timeout(self.now);
        self.carry_out();
    }

    // What came of it.

    pub fn settlement(&self, ticket: Ticket) -> Option<Settlement> {
        self.settled.get(&ticket).copied()
    }

    pub fn state(&self) -> SessionState {
        self.session.state()
    }

    /// The events since the last time, but for [`Event::Changed`].
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    fn carry_out(&mut self) {
        let mut changes = 0;
        let (mut draw, mut read) = (false, false);
        while let Some(effect) = self.session.poll_effect() {
            match effect {
                Effect::DrawKey => draw = true,
                Effect::SendRenewal { id, key } => self.attempts.push(Attempt {
                    id,
                    key,
                    sent: self.now,
                }),
                Effect::Verify { id, .. } => self.checks.push(id),
                Effect::ProbeTime { id } => self.probes.push(id),
                Effect::SendLogout { id } => self.logouts.push(id),
                Effect::ReadRecord => read = true,
                Effect::Note(note) => self.record = self.record.noted(note),
                Effect::Say(remark) => self.said.push(remark),
                Effect::Settle { ticket, settlement } => {
                    let before = self.settled.insert(ticket, settlement);
                    assert_eq!(before, None, "{ticket:?} is settled twice");
                }
                Effect::Join { .. }
                | Effect::Leave
                | Effect::Post(_)
                | Effect::Stand(_)
                | Effect::LookAround
                | Effect::Watch { .. }
                | Effect::AskTurn { .. }
                | Effect::StealTurn { .. }
                | Effect::EndTurn { .. } => self.shared.push(effect),
                Effect::Emit(Event::Changed) => changes += 1,
                Effect::Emit(event) => self.events.push(event),
            }
        }
        let snapshot = self.session.snapshot();
        let expected = usize::from(snapshot != self.seen);
        assert_eq!(changes, expected, "{:?} to {snapshot:?}", self.seen);
        assert_eq!(snapshot.state, self.session.state());
        self.seen = snapshot;
        if draw {
            self.keys += 1;
            let (key, record) = (RenewalKey(self.keys), self.record);
            self.input(Input::KeyDrawn { key, record });
        }
        if read {
            self.input(Input::RecordRead(self.record));
        }
    }
}
