//! What an API's refusal means, and whether a renewal is worth trying.

use crate::challenge::{BearerChallenge, BearerError};
use crate::config::Config;
use crate::effect::{Settlement, Ticket};
use crate::error::SessionError;
use crate::event::Event;
use crate::grant::Terms;
use crate::time::{Monotonic, Span};
use crate::waiters::Wish;

use super::{Held, Phase, Session};

impl Session {
    /// An API has refused a request. A new token may do where the challenge names the token, or says nothing.
    ///
    /// Whoever waits goes on with a token that is new already, or with that of a renewal: one that is
    /// under way, or one begun for it, where that keeps to what a session may renew of its own accord.
    /// That is two renewals in a row, then one in half of a lifetime: no API that refuses every token
    /// makes a loop.
    pub(super) fn challenged(
        &mut self,
        ticket: Ticket,
        generation: u32,
        challenge: BearerChallenge,
        url: String,
    ) {
        let names_token = match challenge.error {
            None | Some(BearerError::InvalidToken) => true,
            Some(BearerError::InsufficientUserAuthentication) => {
                self.cx.emit(Event::StepUpRequired {
                    acr_values: challenge.acr_values,
                    max_age: challenge.max_age,
                    url,
                });
                false
            }
            Some(_) => false,
        };
        let is_newer = generation != self.generation;
        if matches!(self.phase, Phase::SignedOut { .. }) {
            self.reply(ticket, Settlement::Failed(SessionError::SignedOut));
        } else if names_token && is_newer && self.is_live() {
            self.reply(ticket, Settlement::Done);
        } else if names_token && self.renewal.failures() == 0 && self.may_renew() {
            self.wait_for(ticket, Wish::Renewal);
            self.renewal.start(&mut self.cx);
        } else {
            self.reply(ticket, Settlement::Failed(SessionError::Unavailable));
        }
    }

    /// Whether there is a renewal to wait for, or one may be begun though half of the token's life is
    /// not over.
    fn may_renew(&self) -> bool {
        if self.renewal.is_under_way() {
            return true;
        }
        let Some(held) = self.held().filter(|_| !self.is_barred()) else {
            return false;
        };
        let now = self.cx.at();
        let least = self.cx.config.renewal.min_interval.min(half(held.terms));
        // A sign-in is no renewal.
        let allowed = self
            .debt
            .renewed
            .is_none_or(|renewed| renewed + least <= now);
        allowed && self.debt_at(now) <= 1.0
    }

    /// Takes note of a grant that was asked for at this instant; `goes_on` says that it is one of the session
    /// that there is.
    pub(super) fn owe(&mut self, sent: Monotonic, goes_on: bool) {
        self.debt = Debt {
            renewals: match goes_on {
                // The application may ask as often as it likes.
                true => (self.debt_at(sent) + f64::from(!self.asked)).min(2.0),
                false => 0.0,
            },
            since: self.cx.at(),
            renewed: Some(sent),
        };
        self.asked = false;
    }

    /// Sleep pays no debt: nobody knows exactly how long it was.
    pub(super) fn owe_for_sleep(&mut self, slept: Span) {
        self.debt.since += slept;
    }

    /// How many renewals were had that half of a lifetime was not spent for.
    fn debt_at(&self, now: Monotonic) -> f64 {
        let spent = (now - self.debt.since).as_millis() as f64;
        let paid = |held: &Held| spent / half(held.terms).as_millis() as f64;
        (self.debt.renewals - self.held().map_or(0.0, paid)).max(0.0)
    }
}

/// What was had too soon, so that the next renewal that nothing but a refusal asks for has to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Debt {
    pub(super) renewals: f64,
    pub(super) since: Monotonic,
    /// When the last renewal was asked for.
    pub(super) renewed: Option<Monotonic>,
}

/// What a renewal has to be spent for, in the long run; a second that rounding took off the lifetime counts.
fn half(terms: Terms) -> Span {
    let lifetime = terms.lifetime + Span::from_secs(1);
    lifetime.half().max(Config::LEAST_INTERVAL)
}
