//! How a session suffers while its renewal fails.

use crate::effect::Settlement;
use crate::error::SessionError;
use crate::event::{Event, RenewalFailure};
use crate::state::EndReason;
use crate::time::Monotonic;
use crate::timer::Timer;
use crate::waiters::Wish;

use super::{Phase, Session};

impl Session {
    /// The awaited attempt has failed for a passing reason.
    pub(super) fn attempt_failed(&mut self, cause: RenewalFailure, floor: Option<Monotonic>) {
        if self.give_way() {
            return;
        }
        self.renewal.failed(cause, floor, &mut self.cx);
        self.hand_over();
        self.suffer();
    }

    /// Another tab has renewed since the awaited attempt was sent: what came of it is of no interest.
    fn give_way(&mut self) -> bool {
        let is_served = self.renewal.is_served();
        if is_served {
            self.renewal.note_failure(&self.cx);
            self.renewal.complete(&mut self.cx);
            self.hand_over();
            self.go_on(Settlement::Failed(SessionError::Unavailable));
        }
        is_served
    }

    /// Whoever waits for a renewal that other tabs have tried in vain does not wait for another try.
    pub(super) fn held_back(&mut self) {
        if self.renewal.is_held_back() {
            self.suffer();
        }
    }

    fn suffer(&mut self) {
        match &self.phase {
            Phase::Starting { degraded: None, .. } => self.degrade(self.cx.at()),
            _ => self.lapse(),
        }
        self.settle(|wish| match wish {
            Wish::Start => Some(Settlement::Done),
            Wish::Renewal => Some(Settlement::Failed(SessionError::Unavailable)),
            Wish::Token { .. } | Wish::Farewell => None,
        });
        self.serve_tokens();
    }

    pub(super) fn attempt_limit(&mut self) {
        if self.renewal.is_attempting() {
            self.attempt_failed(RenewalFailure::Timeout, None);
        }
    }

    /// The server has refused the awaited attempt.
    pub(super) fn attempt_refused(&mut self) {
        if self.give_way() {
            return;
        }
        // It was answered: nobody is to wait for that any longer.
        self.stand();
        match self.phase {
            // There is no session to lose: one refusal is enough.
            Phase::Starting { resumed: false, .. } => {
                self.renewal.note_failure(&self.cx);
                self.renewal.abandon(&mut self.cx);
                self.note_over();
                self.sign_off(None);
            }
            Phase::Live { .. } | Phase::Starting { .. } => {
                if self.renewal.refused(&mut self.cx) {
                    self.end(EndReason::Rejected);
                }
            }
            Phase::SignedOut { .. } => {}
        }
    }

    /// What is failing is felt once the token has lapsed.
    pub(super) fn lapse(&mut self) {
        let Phase::Live {
            held,
            degraded: None,
        } = &self.phase
        else {
            return;
        };
        let since = held.terms.expiry;
        if self.renewal.failures() > 0 && since <= self.cx.at() {
            self.degrade(since);
        }
    }

    pub(super) fn degrade(&mut self, since: Monotonic) {
        match &mut self.phase {
            Phase::Starting { degraded, .. } | Phase::Live { degraded, .. } => {
                *degraded = Some(since)
            }
            Phase::SignedOut { .. } => return,
        }
        // A device that has slept since has failed only once.
        let patience = self.cx.config.retry.give_up_after;
        self.cx.timers.set(Timer::GiveUp, self.cx.at() + patience);
        let since = self.cx.instant(since);
        self.cx.emit(Event::Degraded { since });
    }

    /// The session has been degraded for too long, unless an attempt on its way says otherwise: a
    /// device that has just woken has had no other.
    pub(super) fn give_up(&mut self) {
        if self.renewal.is_attempting() {
            let patience = self.cx.config.renewal.attempt_limit;
            self.cx.timers.set(Timer::GiveUp, self.cx.at() + patience);
        } else {
            self.end(EndReason::Unreachable);
        }
    }
}
