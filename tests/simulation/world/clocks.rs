//! What the device's clocks show, and what is done to them.

use super::*;

impl World {
    pub(super) fn clocks(&self) -> Now {
        now(
            self.wall.div_euclid(NANOS),
            self.monotonic.div_euclid(NANOS),
        )
    }

    pub(super) fn reading(&self) -> i64 {
        self.clocks().monotonic.as_millis()
    }

    pub(super) fn pass(&mut self, millis: i64) {
        let millis = millis.max(0);
        self.now += millis;
        let nanos = millis * (NANOS + self.drift);
        self.monotonic += nanos;
        self.wall += nanos;
    }

    /// The true time at which the monotonic clock shows an instant.
    pub(super) fn when(&self, at: Monotonic) -> i64 {
        let left = at.as_millis().saturating_mul(NANOS) - self.monotonic;
        if left <= 0 {
            return self.now;
        }
        self.now + left.div_euclid(NANOS + self.drift) + 1
    }

    pub(super) fn lateness(&mut self) -> i64 {
        match self.dice.between(0, 19) {
            0 => self.dice.spread(1, 60_000),
            1..=5 => self.dice.between(0, 20),
            _ => 0,
        }
    }

    /// Something is done to the device.
    pub(super) fn disturb(&mut self) {
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

    pub(super) fn probe(&mut self, id: ProbeId) {
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
    pub(super) fn jumped(&mut self, by: Span, kind: JumpKind) {
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
}
