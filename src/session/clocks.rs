//! What the clocks tell, and what is done when they contradict each other.

use crate::clock::{ClockSource, Exchange, ServerClock};
use crate::config::Hidden;
use crate::device::{Gap, JumpKind};
use crate::effect::{Effect, ProbeId};
use crate::event::Event;
use crate::time::{Now, ServerTime, Span};
use crate::timer::Timer;

use super::{Phase, Session};

/// How long the server's time is waited for.
const PROBE_LIMIT: Span = Span::from_secs(5);
/// A visible page looks at its clocks so often.
const LOOK: Span = Span::from_secs(60);
/// How exactly a sleep is known when the server is asked in whole seconds, before and after.
const SLACK: Span = Span::from_secs(3);

/// The wall clock has run ahead of the monotonic one: the device slept, or somebody has set it.
///
/// Until the server's time is known, no time is taken as passed, and nobody gets a token.
#[derive(Debug)]
pub(super) struct Doubt {
    by: Span,
    /// What was known of the server's clock before.
    before: ServerClock,
    probe: ProbeId,
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
        match (gap, self.doubt.take()) {
            (Gap::Ahead(by), None) => self.doubt(by, before),
            (Gap::Ahead(by), Some(doubt)) => self.doubt(doubt.by + by, doubt.before),
            (Gap::Behind(by), None) => {
                self.cx.emit(Event::ClockJump {
                    by,
                    kind: JumpKind::SetBack,
                });
            }
            (Gap::Behind(by), Some(doubt)) => {
                self.cx.emit(Event::ClockJump {
                    by,
                    kind: JumpKind::SetBack,
                });
                let left = doubt.by + by;
                if left > Span::ZERO {
                    self.doubt = Some(Doubt { by: left, ..doubt });
                } else {
                    self.settle_doubt(doubt.by, Span::ZERO, JumpKind::SetForward);
                }
            }
        }
    }

    fn doubt(&mut self, by: Span, before: ServerClock) {
        let probe = self.probe();
        self.doubt = Some(Doubt { by, before, probe });
        self.cx
            .timers
            .set(Timer::ProbeLimit, self.cx.at() + PROBE_LIMIT);
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
        self.date_came(date, exchange);
        if self.doubt.as_ref().is_some_and(|doubt| doubt.probe == id) {
            self.believe_the_wall();
        }
    }

    /// Learns the server's time, and with it what happened while the clocks came apart.
    pub(super) fn date_came(&mut self, date: Option<ServerTime>, exchange: Exchange) {
        let Some(date) = date else { return };
        if !self.clock.sample(date, ClockSource::Date, exchange) {
            return;
        }
        let read = self.cx.read();
        let Some(doubt) = &self.doubt else { return };
        let Some((least, most)) = self.clock.gained_on(&doubt.before, read) else {
            return;
        };
        let by = doubt.by;
        let (slept, kind) = if most + SLACK >= by && least > Span::ZERO {
            (by, JumpKind::Sleep)
        } else if least <= Span::ZERO {
            (Span::ZERO, JumpKind::SetForward)
        } else {
            (most, JumpKind::Unknown)
        };
        self.doubt = None;
        self.settle_doubt(by, slept, kind);
    }

    /// The server could not be asked: the time that the wall clock shows is taken as passed.
    pub(super) fn believe_the_wall(&mut self) {
        if let Some(doubt) = self.doubt.take() {
            self.settle_doubt(doubt.by, doubt.by, JumpKind::Unknown);
        }
    }

    fn settle_doubt(&mut self, by: Span, slept: Span, kind: JumpKind) {
        self.cx.timers.stop(Timer::ProbeLimit);
        self.cx.device.add_sleep(slept);
        self.cx.wall.observe(self.cx.device.now());
        self.cx.emit(Event::ClockJump { by, kind });
        self.run_timers();
        self.serve_tokens();
        self.renew_for_waiters();
    }

    /// Tells the application once that the device's clock is off, and again when that has changed.
    pub(super) fn report_skew(&mut self) {
        let estimate = self.shown.clock;
        if estimate.uncertainty == Span::MAX {
            return;
        }
        let above = self.cx.config.warn_above;
        let far = |one: Span, other: Span| one.max(other) - one.min(other) > above;
        let told = self.told_skew;
        let off = far(estimate.skew, Span::ZERO);
        if off && told.is_none_or(|told| far(told, estimate.skew)) {
            self.told_skew = Some(estimate.skew);
            self.cx.emit(Event::ClockSkew(estimate));
        } else if !off {
            self.told_skew = None;
        }
    }

    pub(super) fn visibility(&mut self, visible: bool) {
        self.visible = visible;
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
