//! The promises, and whoever watches that they are kept.

use std::collections::{BTreeMap, VecDeque};

use sessionkeeper::{Config, EndReason, Event, Settlement, Span, Ticket};

/// What happened in the runs.
#[derive(Default, Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) steps: u64,
    pub(crate) renewed: u64,
    pub(crate) failed: u64,
    pub(crate) late: u64,
    pub(crate) degraded: u64,
    pub(crate) recovered: u64,
    pub(crate) settled: u64,
    pub(crate) ends: BTreeMap<&'static str, u64>,
}

impl Seen {
    pub(crate) fn add(&mut self, other: &Seen) {
        self.steps += other.steps;
        self.renewed += other.renewed;
        self.failed += other.failed;
        self.late += other.late;
        self.degraded += other.degraded;
        self.recovered += other.recovered;
        self.settled += other.settled;
        for (reason, count) in &other.ends {
            *self.ends.entry(reason).or_default() += count;
        }
    }

    pub(crate) fn assert_varied(&self) {
        for (what, count) in [
            ("renewals", self.renewed),
            ("failures", self.failed),
            ("late answers", self.late),
            ("lapses", self.degraded),
            ("recoveries", self.recovered),
            ("settled calls", self.settled),
        ] {
            assert!(count > 100, "only {count} {what}");
        }
        for reason in [
            EndReason::SignedOut,
            EndReason::Expired,
            EndReason::Rejected,
            EndReason::Unreachable,
        ] {
            assert!(self.ends.contains_key(reason.name()), "none {reason:?}");
        }
    }
}

/// What is checked after every step; waits end on the monotonic clock, the rest is true time.
pub(crate) struct Watch {
    pub(crate) seen: Seen,
    open: BTreeMap<Ticket, Option<i64>>,
    failures: VecDeque<i64>,
    degraded_at: Option<i64>,
    patience: i64,
}

impl Watch {
    pub(crate) fn new(config: &Config) -> Watch {
        Watch {
            seen: Seen::default(),
            open: BTreeMap::new(),
            failures: VecDeque::new(),
            degraded_at: None,
            patience: config.retry.give_up_after.as_millis(),
        }
    }

    pub(crate) fn called(&mut self, ticket: Ticket, limit: Option<Span>, now: i64) {
        let until = limit.map(|limit| now + limit.as_millis());
        assert_eq!(self.open.insert(ticket, until), None);
    }

    pub(crate) fn settled(&mut self, ticket: Ticket, _settlement: Settlement) {
        self.seen.settled += 1;
        assert!(self.open.remove(&ticket).is_some(), "{ticket:?} again");
    }

    /// Nobody waits longer than their limit.
    pub(crate) fn check_waiting(&self, now: i64) {
        for (ticket, until) in &self.open {
            let over = until.is_some_and(|until| until <= now);
            assert!(!over, "{ticket:?} still waits, until {until:?}");
        }
    }

    /// Never more than ten failures in a minute, as the device counts it.
    pub(crate) fn failed(&mut self, now: i64) {
        self.seen.failed += 1;
        self.failures.push_back(now);
        while self.failures.front().is_some_and(|at| now - at >= 59_950) {
            self.failures.pop_front();
        }
        assert!(self.failures.len() <= 10, "too many failures");
    }

    /// The wall clock was believed: what seems to have passed may not have.
    pub(crate) fn forget(&mut self) {
        self.forget_failures();
        self.degraded_at = self.degraded_at.map(|_| 0);
    }

    pub(crate) fn forget_failures(&mut self) {
        self.failures.clear();
    }

    pub(crate) fn event(&mut self, event: &Event, now: i64) {
        match event {
            Event::Renewed { .. } => self.seen.renewed += 1,
            Event::RenewalFailed { .. } => self.failed(now),
            Event::Degraded { .. } => {
                self.seen.degraded += 1;
                self.degraded_at = Some(now);
            }
            Event::Recovered { after } => {
                self.seen.recovered += 1;
                assert!(*after >= Span::ZERO);
                self.degraded_at = None;
            }
            Event::Started { .. } => self.degraded_at = None,
            Event::Ended { reason, .. } => {
                *self.seen.ends.entry(reason.name()).or_default() += 1;
                if *reason == EndReason::Unreachable {
                    let since = self.degraded_at.expect("degraded before");
                    // The device may be fast.
                    let least = self.patience - self.patience / 1000;
                    assert!(now - since >= least, "given up too early");
                }
                self.degraded_at = None;
            }
            _ => {}
        }
    }
}
