//! What every machine works with: the present, the choices, the deadlines, the effects, chance.

use std::collections::VecDeque;

use crate::config::Config;
use crate::device::{DeviceClock, WallAnchor};
use crate::effect::Effect;
use crate::event::Event;
use crate::rng::Rng;
use crate::tabs::{Message, PeerMessage, TabId};
use crate::time::{Monotonic, Now, Timestamp};
use crate::timer::{Timer, TimerTable};

#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) device: DeviceClock,
    pub(crate) wall: WallAnchor,
    pub(crate) config: Config,
    pub(crate) timers: TimerTable,
    pub(crate) effects: VecDeque<Effect>,
    pub(crate) rng: Rng,
    pub(crate) tab: TabId,
    /// Whether this tab is one of those that keep the session together.
    pub(crate) joined: bool,
}

impl Context {
    pub(crate) fn emit(&mut self, event: Event) {
        self.effects.push_back(Effect::Emit(event));
    }

    /// Tells the other tabs.
    pub(crate) fn post(&mut self, message: Message) {
        if self.joined && self.config.tabs.channel {
            let from = self.tab;
            self.effects
                .push_back(Effect::Post(PeerMessage { from, message }));
        }
    }

    /// The device's instant for a monotonic one, by its wall clock as it is now.
    pub(crate) fn on_wall(&self, at: Monotonic) -> Timestamp {
        self.read().wall + (at - self.at())
    }

    /// The monotonic instant for one of the device's wall clock as it is now.
    pub(crate) fn off_wall(&self, at: Timestamp) -> Monotonic {
        self.at() + (at - self.read().wall)
    }

    /// The present on the monotonic clock, with sleep.
    pub(crate) fn at(&self) -> Monotonic {
        self.device.now().monotonic
    }

    /// The device's clocks as they were read.
    pub(crate) fn read(&self) -> Now {
        self.device.read()
    }

    /// The instant that the application is shown for a monotonic one.
    pub(crate) fn instant(&self, at: Monotonic) -> Timestamp {
        self.wall.instant(at)
    }

    /// The instant of a deadline, where the timer has one.
    pub(crate) fn instant_of(&self, timer: Timer) -> Option<Timestamp> {
        self.timers.get(timer).map(|at| self.instant(at))
    }
}
