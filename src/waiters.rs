//! The calls of the application that wait for something.

use std::collections::VecDeque;

use crate::effect::{Effect, Settlement, Ticket};
use crate::time::{Monotonic, Span};

/// What a call waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wish {
    /// To know whether there is a session.
    Start,
    /// The renewal under way.
    Renewal,
    /// A usable token; valid for so long, where the caller insists on it.
    Token { min_validity: Option<Span> },
    /// The server's answer to a sign-out.
    Farewell,
}

#[derive(Clone, Debug)]
struct Waiter {
    ticket: Ticket,
    wish: Wish,
    until: Option<Monotonic>,
}

impl Waiter {
    fn is_late(&self, now: Monotonic) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// Everybody who waits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiters(Vec<Waiter>);

impl Waiters {
    pub(crate) fn add(&mut self, ticket: Ticket, wish: Wish, until: Option<Monotonic>) {
        self.0.push(Waiter {
            ticket,
            wish,
            until,
        });
    }

    pub(crate) fn forget(&mut self, ticket: Ticket) {
        self.0.retain(|waiter| waiter.ticket != ticket);
    }

    /// Settles each call for which `fulfil` finds a settlement.
    pub(crate) fn settle(
        &mut self,
        effects: &mut VecDeque<Effect>,
        fulfil: impl Fn(Wish) -> Option<Settlement>,
    ) {
        self.settle_each(effects, &|waiter| fulfil(waiter.wish));
    }

    /// Settles each call that has waited long enough.
    pub(crate) fn settle_late(
        &mut self,
        now: Monotonic,
        effects: &mut VecDeque<Effect>,
        settle: impl Fn(Wish) -> Settlement,
    ) {
        self.settle_each(effects, &|waiter| {
            waiter.is_late(now).then(|| settle(waiter.wish))
        });
    }

    fn settle_each(
        &mut self,
        effects: &mut VecDeque<Effect>,
        settle: &dyn Fn(&Waiter) -> Option<Settlement>,
    ) {
        self.0.retain(|waiter| match settle(waiter) {
            Some(settlement) => {
                effects.push_back(Effect::Settle {
                    ticket: waiter.ticket,
                    settlement,
                });
                false
            }
            None => true,
        });
    }

    /// Whether anybody who wishes for this has waited long enough.
    pub(crate) fn is_late(&self, wish: Wish, now: Monotonic) -> bool {
        self.0
            .iter()
            .any(|waiter| waiter.wish == wish && waiter.is_late(now))
    }

    /// Whether anybody waits for a token.
    pub(crate) fn any_token(&self) -> bool {
        self.0
            .iter()
            .any(|waiter| matches!(waiter.wish, Wish::Token { .. }))
    }

    /// Lets everybody wait so much longer: sleep is not waiting.
    pub(crate) fn add_sleep(&mut self, slept: Span) {
        for until in self.0.iter_mut().filter_map(|waiter| waiter.until.as_mut()) {
            *until += slept;
        }
    }

    /// When the first of them has waited long enough.
    pub(crate) fn deadline(&self) -> Option<Monotonic> {
        self.0.iter().filter_map(|waiter| waiter.until).min()
    }
}
