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
        self.asked = true;
        self.renewal.urge(&mut self.cx);
    }

    /// Lets a call wait for an attempt, which must have had its time before the call gives up.
    pub(super) fn wait_for(&mut self, ticket: Ticket, wish: Wish) {
        let config = &self.cx.config;
        let mut patience = config
            .wait
            .max(config.renewal.attempt_limit + Span::from_secs(1));
        if config.tabs.locks {
            // Another tab may have to be passed by first.
            patience += config.renewal.attempt_limit + Span::from_secs(3);
        }
        self.waiters
            .add(ticket, wish, Some(self.cx.at() + patience));
    }

    pub(super) fn need_token(&mut self, ticket: Ticket, min_validity: Option<Span>) {
        if matches!(self.phase, Phase::SignedOut { .. }) {
            self.reply(ticket, Settlement::Failed(SessionError::SignedOut));
            return;
        }
        let until = self.cx.at() + self.cx.config.wait;
        self.waiters
            .add(ticket, Wish::Token { min_validity }, Some(until));
        self.serve_tokens();
        if core::mem::take(&mut self.deferred) {
            self.renewal.start(&mut self.cx);
        }
        self.renew_for_waiters();
    }

    /// Whoever waits for a token gets the one that is held, where it is good for them.
    ///
    /// Those who do not insist on a validity take one that still lives, rather than wait for a
    /// renewal that fails.
    pub(super) fn serve_tokens(&mut self) {
        let Some(held) = self.held().filter(|_| !self.is_barred()) else {
            return;
        };
        let (terms, now) = (held.terms, self.cx.at());
        let failing = self.renewal.failures() > 0;
        self.settle(|wish| match wish {
            Wish::Token { min_validity } => {
                let takes_any = min_validity.is_none() && failing && terms.expiry > now;
                let served = takes_any || suits(terms, min_validity, now);
                served.then_some(Settlement::Token)
            }
            _ => None,
        });
    }

    /// Renews for those who still wait for a token, as soon as that may be done.
    pub(super) fn renew_for_waiters(&mut self) {
        let Some(held) = self.held() else { return };
        if !self.waiters.any_token() || self.is_barred() || self.renewal.is_under_way() {
            return;
        }
        let earliest = schedule::earliest_renewal(held.terms, held.sent);
        if earliest <= self.cx.at() {
            self.renewal.start(&mut self.cx);
        } else {
            let due = self.cx.timers.get(Timer::Renew).unwrap_or(earliest);
            self.cx.timers.set(Timer::Renew, due.min(earliest));
        }
    }

    pub(super) fn wait_limit(&mut self) {
        let now = self.cx.at();
        if matches!(self.phase, Phase::Starting { degraded: None, .. })
            && (self.waiters.is_late(Wish::Start, now) || !self.renewal.is_attempting())
        {
            // Not even an attempt could be made, or only after too long a wait for its turn.
            self.degrade(now);
        }
        let lives = self.is_live();
        self.waiters
            .settle_late(now, &mut self.cx.effects, |wish| match wish {
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
