//! The session: composes the machines, and is the only type that a shell drives.

mod aging;
mod answers;
mod challenges;
mod clocks;
mod ending;
mod failing;
mod idling;
mod life;
mod news;
mod peers;
mod picture;
mod routing;
mod sharing;
mod waiting;

use std::collections::VecDeque;

use crate::clock::{ClockEstimate, ServerClock};
use crate::config::Config;
use crate::context::Context;
use crate::device::{DeviceClock, WallAnchor};
use crate::effect::{CheckId, Effect, Remark, Settlement, Ticket};
use crate::event::Event;
use crate::farewell::Farewell;
use crate::grant::Terms;
use crate::idle::Idle;
use crate::input::Input;
use crate::renewal::Renewal;
use crate::rng::Rng;
use crate::state::{EndReason, SessionState, Snapshot};
use crate::tabs::TabId;
use crate::time::{Monotonic, Now, ServerTime, Span};
use crate::timer::{Deadline, Timer, TimerTable};
use crate::token::{AccessToken, Identity};
use crate::waiters::{Waiters, Wish};

use answers::Candidate;
use challenges::Debt;
use clocks::Doubt;
use peers::Peers;

/// What is held of the server's last grant.
#[derive(Clone, Debug)]
struct Held {
    token: Option<AccessToken>,
    identity: Option<Box<Identity>>,
    /// When the user signed in, as the token says.
    authenticated: Option<ServerTime>,
    terms: Terms,
    /// How long the server says that the token lives.
    granted: Option<Span>,
    /// When the answer was asked for that brought it.
    sent: Monotonic,
}

#[derive(Clone, Debug)]
enum Phase {
    SignedOut {
        reason: Option<EndReason>,
    },
    /// The other tabs or the server are being asked whether there is a session.
    Starting {
        /// Since when in vain.
        degraded: Option<Monotonic>,
        /// Whether this tab had one before its page was put away.
        resumed: bool,
    },
    Live {
        held: Held,
        /// Since when the token has lapsed and cannot be renewed.
        degraded: Option<Monotonic>,
    },
}

/// A session, without any input or output of its own.
///
/// Whoever drives it does, again and again:
///
/// 1. feed it: [`handle_input`](Self::handle_input) with whatever happened, or
///    [`handle_timeout`](Self::handle_timeout) when a deadline has passed;
/// 2. take every [`Effect`] from [`poll_effect`](Self::poll_effect) and carry it out, in order;
/// 3. ask [`poll_timeout`](Self::poll_timeout) for the next deadline, and come back then.
///
/// Time comes with every call and is never asked for; chance comes from one seed. The same seed,
/// configuration and inputs give the same effects.
#[derive(Clone, Debug)]
pub struct Session {
    phase: Phase,
    cx: Context,
    clock: ServerClock,
    renewal: Renewal,
    farewell: Farewell,
    peers: Peers,
    waiters: Waiters,
    candidates: Vec<Candidate>,
    next_check: u32,
    doubt: Option<Doubt>,
    next_probe: u32,
    /// The skew that the application was told of.
    told_skew: Option<Span>,
    /// What the developer was told of.
    said: Vec<Remark>,
    idle: Option<Idle>,
    /// The last activity that the record tells of.
    recalled: Option<Monotonic>,
    /// When the session was begun.
    origin: Option<Monotonic>,
    /// The hard end that is announced.
    hard: Option<Monotonic>,
    /// The lifetime, outside the policy, that the application was told of.
    told_lifetime: Option<Span>,
    online: bool,
    visible: bool,
    /// Whether a renewal waits for the page to be shown.
    deferred: bool,
    /// Whether the application has asked for the next renewal.
    asked: bool,
    generation: u32,
    /// That of the first token of the session that is held.
    first_generation: u32,
    debt: Debt,
    shown: Snapshot,
}

impl Session {
    /// A session in the state [`SessionState::SignedOut`]; the seed spreads its renewals.
    pub fn new(config: Config, seed: u64, now: Now) -> Session {
        let mut rng = Rng::seeded(seed);
        let tab = TabId(rng.number());
        Session {
            phase: Phase::SignedOut { reason: None },
            cx: Context {
                device: DeviceClock::new(now),
                wall: WallAnchor::new(now),
                config,
                timers: TimerTable::default(),
                effects: VecDeque::new(),
                rng,
                tab,
                joined: false,
            },
            clock: ServerClock::unknown(),
            renewal: Renewal::new(),
            farewell: Farewell::new(),
            peers: Peers::default(),
            waiters: Waiters::default(),
            candidates: Vec::new(),
            next_check: 0,
            doubt: None,
            next_probe: 0,
            told_skew: None,
            said: Vec::new(),
            idle: None,
            recalled: None,
            origin: None,
            hard: None,
            told_lifetime: None,
            online: true,
            visible: true,
            deferred: false,
            asked: false,
            generation: 0,
            first_generation: 0,
            debt: Debt {
                renewals: 0.0,
                since: now.monotonic,
                renewed: None,
            },
            shown: Snapshot {
                state: SessionState::SignedOut,
                reason: None,
                token_expires_at: None,
                renews_at: None,
                renewing: false,
                failures: 0,
                idle_ends_at: None,
                ends_at: None,
                clock: ClockEstimate::UNKNOWN,
                online: true,
                tabs: 1,
                generation: 0,
            },
        }
    }

    /// Takes in something that happened.
    pub fn handle_input(&mut self, input: Input, now: Now) {
        self.advance(now);
        if let Input::RenewalSettled { id, .. } = &input {
            // The answer is here: however late it is noticed, its time is not up.
            if self.renewal.awaits(*id) {
                self.cx.timers.stop(Timer::AttemptLimit);
            }
        }
        self.run_timers();
        self.dispatch(input);
        self.settle_timers();
    }

    /// Does what is due; harmless when it comes early, late or repeatedly.
    pub fn handle_timeout(&mut self, now: Now) {
        self.advance(now);
        self.run_timers();
        self.settle_timers();
    }

    /// The next thing to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let effect = self.cx.effects.pop_front()?;
        match effect {
            Effect::SendRenewal { id, .. } => {
                if self.renewal.leaves(id, self.asked_now(), &self.cx) {
                    self.stand();
                    Some(effect)
                } else {
                    // The session has ended while this waited to be sent.
                    self.poll_effect()
                }
            }
            effect => Some(effect),
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), and what for.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        let next = self.cx.timers.next()?;
        Some(Deadline {
            at: self.cx.device.without_sleep(next.at),
            ..next
        })
    }

    fn run_timers(&mut self) {
        while let Some(timer) = self.cx.timers.pop_due(self.cx.at()) {
            self.timer_passed(timer);
        }
    }

    /// Sets the deadline of those who wait.
    fn plan_waiting(&mut self) {
        match self.waiters.deadline() {
            Some(at) => self.cx.timers.set(Timer::WaitLimit, at),
            None => self.cx.timers.stop(Timer::WaitLimit),
        }
    }

    /// Sets the deadline of those who wait, and announces the picture if it has changed.
    fn settle_timers(&mut self) {
        self.plan_waiting();
        self.plan_look();
        let picture = self.picture();
        if picture != self.shown {
            self.shown = picture;
            self.report_skew();
            self.cx.emit(Event::Changed);
        }
    }

    fn settle(&mut self, fulfil: impl Fn(Wish) -> Option<Settlement>) {
        self.waiters.settle(&mut self.cx.effects, fulfil);
    }

    fn reply(&mut self, ticket: Ticket, settlement: Settlement) {
        self.cx
            .effects
            .push_back(Effect::Settle { ticket, settlement });
    }

    /// Says something to the developer, once.
    fn say(&mut self, remark: Remark) {
        let same =
            |said: &Remark| core::mem::discriminant(said) == core::mem::discriminant(&remark);
        if !self.said.iter().any(same) {
            self.said.push(remark);
            self.cx.effects.push_back(Effect::Say(remark));
        }
    }

    fn check_id(&mut self) -> CheckId {
        let id = CheckId(self.next_check);
        self.next_check = self.next_check.wrapping_add(1);
        id
    }
}
