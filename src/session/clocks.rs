//! What the clocks tell, and what is done when they contradict each other.

use crate::clock::{ClockSource, Exchange, ServerClock};
use crate::config::Hidden;
use crate::device::{Gap, JumpKind};
use crate::effect::{AttemptId, Effect, ProbeId};
use crate::event::Event;
use crate::time::{Monotonic, Now, ServerTime, Span};
use crate::timer::Timer;

use super::{Phase, Session};

/// How long the server's time is waited for.
const PROBE_LIMIT: Span = Span::from_secs(5);
/// A visible page looks at its clocks so often: with an hour's renewal, sixty times in it at most.
const LOOK: Span = Span::from_secs(62);
/// How exactly a sleep is known when the server is asked in whole seconds, before and after.
const SLACK: Span = Span::from_secs(3);

/// The wall clock has run ahead of the monotonic one: the device slept, or somebody has set it.
///
/// Until the server's time is known, no time is taken as passed, and nobody gets a token.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    /// By how much the wall clock is ahead now.
    ahead: Span,
    /// How far it went in all: the device has slept no longer than that.
    by: Span,
    /// What was known of the server's clock before.
    before: ServerClock,
    /// The first attempt that is sent after the clocks have come apart.
    next: AttemptId,
    /// The token that was held then.
    generation: u32,
    /// When it came up.
    since: Monotonic,
    probe: ProbeId,
}

impl Doubt {
    /// How long may have been slept since an attempt was sent.
    pub(super) fn since(&self, id: AttemptId) -> Span {
        if id < self.next { self.by } else { Span::ZERO }
    }
}

impl Session {
    /// Moves on to the present.
    pub(super) fn advance(&mut self, now: Now) {
        let before = self.clock.clone();
        let gap = self.cx.device.observe(now);
        self.clock.observe(self.cx.read());
        if matches!(self.phase, Phase::SignedOut { .. }) {
            self.doubt = None;
        } else if let Some(gap) = gap {
            self.clocks_parted(gap, before);
        }
        if self.doubt.is_none() {
            self.cx.wall.observe(self.cx.device.now());
        }
    }

    fn clocks_parted(&mut self, gap: Gap, before: ServerClock) {
        // The answer to a question that was on its way is of no use any more.
        match (gap, self.doubt.take()) {
            (Gap::Ahead(by), doubt) => {
                if let Some(idle) = &mut self.idle {
                    // Which of the sleeps it came after cannot be told.
                    idle.doubtful = None;
                }
                let probe = self.probe();
                let mut doubt = doubt.unwrap_or(Doubt {
                    ahead: Span::ZERO,
                    by: Span::ZERO,
                    before: before.clone(),
                    next: self.renewal.next(),
                    generation: self.generation,
                    since: self.cx.at(),
                    probe,
                });
                if doubt.generation != self.generation {
                    // The token that is held came after that gap, and before this one.
                    self.idle_settled(doubt.since, doubt.ahead);
                    doubt.ahead = Span::ZERO;
                    doubt.before = before;
                    doubt.next = self.renewal.next();
                    doubt.generation = self.generation;
                    doubt.since = self.cx.at();
                }
                self.doubt = Some(Doubt {
                    ahead: doubt.ahead + by,
                    by: doubt.by + by,
                    probe,
                    ..doubt
                });
                self.cx
                    .timers
                    .set(Timer::ProbeLimit, self.cx.at() + PROBE_LIMIT);
            }
            (Gap::Behind(by), doubt) => {
                self.cx.emit(Event::ClockJump {
                    by,
                    kind: JumpKind::SetBack,
                });
                self.doubt = doubt.map(|doubt| Doubt {
                    ahead: doubt.ahead + by,
                    probe: self.probe(),
                    ..doubt
                });
                self.idle_settled(self.cx.at(), Span::ZERO);
                self.spread_activity(true);
            }
        }
    }

    fn probe(&mut self) -> ProbeId {
        let id = ProbeId(self.next_probe);
        self.next_probe = self.next_probe.wrapping_add(1);
        self.cx.effects.push_back(Effect::ProbeTime { id });
        id
    }

    /// Has the address asked that tells the time, where no answer has told it.
    pub(super) fn probe_unless_known(&mut self) {
        let known = self.clock.latest(self.cx.read()).is_some();
        if self.cx.config.ask_time && !known && self.doubt.is_none() {
            self.probe();
        }
    }

    pub(super) fn time_probed(
        &mut self,
        id: ProbeId,
        exchange: Exchange,
        date: Option<ServerTime>,
    ) {
        let learnt = self.date_came(date, exchange);
        if self.doubt.as_ref().is_none_or(|doubt| doubt.probe != id) {
            return;
        }
        if date.is_some() && !learnt {
            // The clocks moved while it was on its way: there is time to ask again.
            let probe = self.probe();
            self.doubt = self.doubt.take().map(|doubt| Doubt { probe, ..doubt });
        } else {
            self.believe_the_wall();
        }
    }

    /// Learns the server's time, and with it what happened while the clocks came apart; tells
    /// whether the answer was of use.
    pub(super) fn date_came(&mut self, date: Option<ServerTime>, exchange: Exchange) -> bool {
        let learnt = date.is_some_and(|date| self.clock.sample(date, ClockSource::Date, exchange));
        if !learnt {
            return false;
        }
        let read = self.cx.read();
        let found = self.doubt.as_ref().and_then(|doubt| {
            let (least, most) = self.clock.gained_on(&doubt.before, read)?;
            Some((least > Span::ZERO, most))
        });
        if let Some((slept, most)) = found
            && let Some(doubt) = self.doubt.take()
        {
            let by = doubt.by;
            let kind = match (slept, most + SLACK >= by) {
                (true, true) => JumpKind::Sleep,
                (false, false) => JumpKind::SetForward,
                // Both, or too little to tell.
                _ => JumpKind::Unknown,
            };
            self.settle_doubt(doubt, most.min(by), kind);
        }
        true
    }

    /// The server could not be asked: the time that the wall clock shows is taken as passed.
    pub(super) fn believe_the_wall(&mut self) {
        if let Some(doubt) = self.doubt.take() {
            let ahead = doubt.ahead;
            self.settle_doubt(doubt, ahead, JumpKind::Unknown);
        }
    }

    fn settle_doubt(&mut self, doubt: Doubt, slept: Span, kind: JumpKind) {
        let by = doubt.by;
        // A token that came since then came after the sleep: its times are counted from there.
        let (slept, unseen) = match self.generation == doubt.generation {
            true => (slept.max(Span::ZERO), Span::ZERO),
            false => (Span::ZERO, slept.max(Span::ZERO)),
        };
        self.cx.timers.stop(Timer::ProbeLimit);
        self.cx.device.add_sleep(slept);
        self.renewal.add_sleep(slept, doubt.next, &mut self.cx);
        self.waiters.add_sleep(slept);
        self.owe_for_sleep(slept);
        // The deadline of those who wait is not one that has passed.
        self.plan_waiting();
        self.cx.wall.observe(self.cx.device.now());
        self.cx.emit(Event::ClockJump { by, kind });
        self.idle_settled(doubt.since, unseen);
        self.run_timers();
        self.catch_up(slept);
        self.serve_tokens();
        self.renew_for_waiters();
    }

    /// Tells the application once that the device's clock is off, and again when that has changed.
    pub(super) fn report_skew(&mut self) {
        let estimate = self.shown.clock;
        let above = self.cx.config.warn_above;
        if estimate.uncertainty > above {
            return;
        }
        let apart = |one: Span, other: Span| one.max(other) - one.min(other);
        let (told, off) = (self.told_skew, apart(estimate.skew, Span::ZERO));
        // Only what is certain is told.
        let certain = off > above + estimate.uncertainty;
        if certain && told.is_none_or(|told| apart(told, estimate.skew) > above) {
            self.told_skew = Some(estimate.skew);
            self.cx.emit(Event::ClockSkew(estimate));
        } else if off <= above {
            self.told_skew = None;
        }
    }

    pub(super) fn visibility(&mut self, visible: bool) {
        self.visible = visible;
        self.idle_shown();
        if !visible {
            self.spread_activity(true);
        }
        if visible && core::mem::take(&mut self.deferred) {
            self.renewal.start(&mut self.cx);
        }
    }

    /// The renewal is due: a hidden page may wait until it is shown.
    pub(super) fn renewal_due(&mut self) {
        let defers = self.cx.config.renewal.hidden == Hidden::Defer && !self.visible;
        if defers && !self.waiters.any_token() {
            self.deferred = true;
        } else {
            self.renewal.start(&mut self.cx);
        }
    }

    /// A visible page looks at its clocks from time to time, a hidden one only at its deadlines.
    pub(super) fn plan_look(&mut self) {
        let looks = self.visible && !matches!(self.phase, Phase::SignedOut { .. });
        if !looks {
            self.cx.timers.stop(Timer::Look);
        } else if self.cx.timers.get(Timer::Look).is_none() {
            self.cx.timers.set(Timer::Look, self.cx.at() + LOOK);
        }
    }
}
