//! Every deadline there is, in one table.

use crate::time::Monotonic;

/// What a deadline is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum Timer {
    /// The renewal of the access token is due.
    Renew,
    /// A failed renewal is attempted again.
    Retry,
    /// The answer to an attempt is no longer waited for.
    AttemptLimit,
    /// The access token lapses.
    Lapse,
    /// A degraded session is given up.
    GiveUp,
    /// The first of those who wait for a token or a renewal has waited long enough.
    WaitLimit,
    /// The application is told that the session's end is near.
    SessionEnding,
    /// The whole session ends, as the server has announced.
    SessionEnd,
    /// The session has reached its longest age.
    MaxAge,
    /// Nobody may have used the session for too long.
    Idle,
    /// The server's time is no longer waited for.
    ProbeLimit,
    /// A visible page looks whether the clocks have moved.
    Look,
    /// The server is told again that the session is over.
    Farewell,
    /// The tab that is renewing is no longer waited for.
    TurnLimit,
    /// The tab that has the newest token is no longer waited for.
    PeerLimit,
}

impl Timer {
    const ALL: [Timer; 15] = [
        Timer::Renew,
        Timer::Retry,
        Timer::AttemptLimit,
        Timer::Lapse,
        Timer::GiveUp,
        Timer::WaitLimit,
        Timer::SessionEnding,
        Timer::SessionEnd,
        Timer::MaxAge,
        Timer::Idle,
        Timer::ProbeLimit,
        Timer::Look,
        Timer::Farewell,
        Timer::TurnLimit,
        Timer::PeerLimit,
    ];
}

/// A deadline and the timer that asks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize))]
pub struct Deadline {
    /// When to call [`Session::handle_timeout`](crate::Session::handle_timeout).
    pub at: Monotonic,
    /// What it is for.
    pub timer: Timer,
}

/// The deadlines that are set.
#[derive(Clone, Debug, Default)]
pub(crate) struct TimerTable {
    deadlines: [Option<Monotonic>; Timer::ALL.len()],
}

impl TimerTable {
    /// Sets a deadline, in place of the one that the timer had.
    pub(crate) fn set(&mut self, timer: Timer, at: Monotonic) {
        if let Some(slot) = self.deadlines.get_mut(timer as usize) {
            *slot = Some(at);
        }
    }

    /// Takes a deadline back.
    pub(crate) fn stop(&mut self, timer: Timer) {
        if let Some(slot) = self.deadlines.get_mut(timer as usize) {
            *slot = None;
        }
    }

    /// Takes every deadline back.
    pub(crate) fn stop_all(&mut self) {
        *self = TimerTable::default();
    }

    /// The deadline that a timer has.
    pub(crate) fn get(&self, timer: Timer) -> Option<Monotonic> {
        self.deadlines.get(timer as usize).copied().flatten()
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Deadline> {
        Timer::ALL
            .into_iter()
            .filter_map(|timer| self.get(timer).map(|at| Deadline { at, timer }))
            .min_by_key(|deadline| deadline.at)
    }

    /// Takes the earliest deadline out of the table, if it has passed.
    pub(crate) fn pop_due(&mut self, now: Monotonic) -> Option<Timer> {
        let due = self.next().filter(|deadline| deadline.at <= now)?;
        self.stop(due.timer);
        Some(due.timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_pass_in_order() {
        let at = Monotonic::from_millis;
        let mut timers = TimerTable::default();
        timers.set(Timer::Lapse, at(20));
        timers.set(Timer::Renew, at(30));
        timers.set(Timer::Renew, at(10));
        timers.set(Timer::Retry, at(5));
        timers.stop(Timer::Retry);
        assert_eq!(timers.pop_due(at(9)), None);
        assert_eq!(timers.pop_due(at(25)), Some(Timer::Renew));
        assert_eq!(timers.pop_due(at(25)), Some(Timer::Lapse));
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn each_timer_has_its_own_slot() {
        for (slot, timer) in Timer::ALL.into_iter().enumerate() {
            assert_eq!(timer as usize, slot);
        }
    }
}
