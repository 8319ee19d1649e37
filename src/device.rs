//! The device's clocks: what they make of sleep, and of somebody who sets the wall clock.

use crate::clock::Exchange;
use crate::time::{Monotonic, Now, Span, Timestamp};

/// The two clocks may come apart by so much without anything being asked.
const TOLERANCE: Span = Span::from_secs(2);
/// So much of it is the ticking of the clocks, or one that is being slewed.
const NOISE: Span = Span::from_millis(50);

/// What happened to the device's clocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum JumpKind {
    /// The device slept.
    Sleep,
    /// The wall clock was set forward.
    SetForward,
    /// The wall clock was set back.
    SetBack,
    /// One of them, and the server could not be asked which.
    Unknown,
}

impl JumpKind {
    /// The name that applications see.
    pub fn name(self) -> &'static str {
        match self {
            JumpKind::Sleep => "sleep",
            JumpKind::SetForward => "set-forward",
            JumpKind::SetBack => "set-back",
            JumpKind::Unknown => "unknown",
        }
    }
}

/// How the clocks have come apart since the last reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Gap {
    /// The wall clock is ahead: sleep during which the monotonic clock stood, or a clock set forward.
    Ahead(Span),
    /// The wall clock is behind: it was set back.
    Behind(Span),
}

/// The device's clocks with the sleep added that the monotonic one has missed.
///
/// Whatever moves both clocks forward, a throttled timer or a frozen page, is time that passed. The
/// time that the sum tells never goes backwards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceClock {
    read: Now,
    slept: Span,
}

impl DeviceClock {
    pub(crate) fn new(now: Now) -> DeviceClock {
        DeviceClock {
            read: now,
            slept: Span::ZERO,
        }
    }

    /// Takes a reading, and tells what it shows of the time since the last one.
    pub(crate) fn observe(&mut self, now: Now) -> Option<Gap> {
        let monotonic = now.monotonic.max(self.read.monotonic);
        let ahead = (now.wall - self.read.wall) - (monotonic - self.read.monotonic);
        self.read = Now {
            wall: now.wall,
            monotonic,
        };
        if ahead > TOLERANCE {
            Some(Gap::Ahead(ahead))
        } else if ahead > NOISE {
            // A short sleep, most likely: time that passed.
            self.add_sleep(ahead);
            None
        } else if ahead < Span::ZERO - TOLERANCE {
            Some(Gap::Behind(ahead))
        } else {
            None
        }
    }

    /// Counts a sleep as time that has passed.
    pub(crate) fn add_sleep(&mut self, slept: Span) {
        self.slept += slept.max(Span::ZERO);
    }

    /// The last reading.
    pub(crate) fn read(&self) -> Now {
        self.read
    }

    /// The present, its monotonic part with sleep.
    pub(crate) fn now(&self) -> Now {
        Now {
            wall: self.read.wall,
            monotonic: self.with_sleep(self.read.monotonic),
        }
    }

    /// A reading of the monotonic clock, with the sleep up to now.
    pub(crate) fn with_sleep(&self, read: Monotonic) -> Monotonic {
        read + self.slept
    }

    /// What the monotonic clock will show at an instant.
    pub(crate) fn without_sleep(&self, at: Monotonic) -> Monotonic {
        at - self.slept
    }
}

/// Where the wall clock stands against the monotonic one, read once so that instants which are
/// shown to the application stay put.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallAnchor {
    now: Now,
}

impl WallAnchor {
    /// A smaller disagreement of the two clocks moves no instant that has been shown.
    const TOLERANCE: Span = Span::from_millis(500);

    pub(crate) fn new(now: Now) -> WallAnchor {
        WallAnchor { now }
    }

    /// Reads it again, where the clocks have come apart.
    pub(crate) fn observe(&mut self, now: Now) {
        let moved = Exchange {
            sent: self.now,
            received: now,
        }
        .disagreement();
        if moved > Self::TOLERANCE || moved < Span::ZERO - Self::TOLERANCE {
            self.now = now;
        }
    }

    /// The device's instant for a monotonic one.
    pub(crate) fn instant(&self, at: Monotonic) -> Timestamp {
        self.now.wall + (at - self.now.monotonic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(wall: i64, monotonic: i64) -> Now {
        Now {
            wall: Timestamp::from_millis(wall),
            monotonic: Monotonic::from_millis(monotonic),
        }
    }

    #[test]
    fn only_the_difference_of_both_clocks_is_a_gap() {
        let mut clock = DeviceClock::new(now(0, 0));
        assert_eq!(clock.observe(now(3_600_000, 3_600_000)), None);
        assert_eq!(clock.observe(now(3_601_999, 3_600_000)), None);
        assert_eq!(
            clock.now().monotonic,
            Monotonic::from_millis(3_601_999),
            "a short sleep is time that passed"
        );
        assert_eq!(
            clock.observe(now(3_701_999, 3_610_000)),
            Some(Gap::Ahead(Span::from_secs(90)))
        );
        assert_eq!(
            clock.observe(now(3_601_999, 3_610_000)),
            Some(Gap::Behind(Span::from_secs(-100)))
        );
    }

    #[test]
    fn time_never_goes_backwards_and_sleep_is_added_once_it_is_known() {
        let mut clock = DeviceClock::new(now(0, 1000));
        clock.observe(now(0, 500));
        assert_eq!(clock.now().monotonic, Monotonic::from_millis(1000));
        clock.add_sleep(Span::from_secs(60));
        assert_eq!(clock.now().monotonic, Monotonic::from_millis(61_000));
        assert_eq!(
            clock.without_sleep(Monotonic::from_millis(61_000)),
            Monotonic::from_millis(1000)
        );
    }
}
