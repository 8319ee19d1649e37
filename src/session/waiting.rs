//! Who gets the token, and when.

use crate::effect::{Settlement, Ticket};
use crate::error::SessionError;
use crate::grant::Terms;
use crate::schedule;
use crate::time::{Monotonic, Span};
use crate::timer::Timer;
use crate::waiters::Wish;

use super::{Phase, Session};

/// How long a token should be good for when nobody insists: as long as a request may take.
const PREFERRED_VALIDITY: Span = Span::from_secs(5);

impl Session {
    pub(super) fn renew(&mut self, ticket: Ticket) {
        if matches!(self.phase, Phase::SignedOut { .. }) {
            self.reply(ticket, Settlement::Failed(SessionError::SignedOut));
            return;
        }
        self.wait_for(ticket, Wish::Renewal);
        self.renewal.start(&mut self.cx);
    }

    /// Lets a call wait for an attempt, which must have had its time before the call gives up.
    pub(super) fn wait_for(&mut self, ticket: Ticket, wish: Wish) {
        let config = &self.cx.config;
        let patience = config
            .wait
            .max(config.renewal.attempt_limit + Span::from_secs(1));
        self.waiters
            .add(ticket, wish, Some(self.cx.at() + patience));
    }

    pub(super) fn need_token(&mut self, ticket: Ticket, min_validity: Option<Span>) {
        let until = Some(self.cx.at() + self.cx.config.wait);
        match &self.phase {
            Phase::SignedOut { .. } => {
                self.reply(ticket, Settlement::Failed(SessionError::SignedOut));
            }
            Phase::Live { held, .. } if suits(held.terms, min_validity, self.cx.at()) => {
                self.reply(ticket, Settlement::Token);
            }
            Phase::Starting { .. } => {
                self.waiters
                    .add(ticket, Wish::Token { min_validity }, until);
            }
            Phase::Live { held, .. } => {
                let renewal = &self.cx.config.renewal;
                let earliest = schedule::earliest_renewal(held.terms, held.sent, renewal);
                self.waiters
                    .add(ticket, Wish::Token { min_validity }, until);
                if self.renewal.is_under_way() {
                    self.serve_undemanding();
                } else if earliest <= self.cx.at() {
                    self.renewal.start(&mut self.cx);
                } else {
                    let due = self.cx.timers.get(Timer::Renew).unwrap_or(earliest);
                    self.cx.timers.set(Timer::Renew, due.min(earliest));
                }
            }
        }
    }

    fn holds_live_token(&self) -> bool {
        self.held()
            .is_some_and(|held| held.terms.expiry > self.cx.at())
    }

    /// There is a new token: everybody who waited gets what can be had.
    pub(super) fn serve_waiters(&mut self) {
        let Phase::Live { held, .. } = &self.phase else {
            return;
        };
        let (terms, now) = (held.terms, self.cx.at());
        self.settle(|wish| match wish {
            Wish::Start | Wish::Renewal => Some(Settlement::Done),
            Wish::Token { min_validity } => {
                suits(terms, min_validity, now).then_some(Settlement::Token)
            }
            Wish::Farewell => None,
        });
    }

    /// Those who do not insist on a validity take the token that still lives, rather than wait for
    /// a renewal that fails.
    pub(super) fn serve_undemanding(&mut self) {
        if self.renewal.failures() > 0 && self.holds_live_token() {
            self.settle(|wish| {
                (wish == Wish::Token { min_validity: None }).then_some(Settlement::Token)
            });
        }
    }

    pub(super) fn wait_limit(&mut self) {
        if matches!(self.phase, Phase::Starting { degraded: None }) && !self.renewal.is_attempting()
        {
            // Not even an attempt could be made.
            self.degrade(self.cx.at());
        }
        let lives = self.holds_live_token();
        self.waiters
            .settle_late(self.cx.at(), &mut self.cx.effects, |wish| match wish {
                Wish::Token { min_validity: None } if lives => Settlement::Token,
                Wish::Token { .. } | Wish::Renewal => Settlement::Failed(SessionError::Unavailable),
                Wish::Start | Wish::Farewell => Settlement::Done,
            });
    }
}

/// Whether a token is good for so long; more than half of its lifetime cannot be asked for.
fn suits(terms: Terms, min_validity: Option<Span>, now: Monotonic) -> bool {
    let validity = min_validity
        .unwrap_or(PREFERRED_VALIDITY)
        .min(terms.lifetime.half());
    terms.expiry - now >= validity.max(Span::from_millis(1))
}
