//! Tokens that tabs hand to each other.

use crate::clock::ClockSource;
use crate::event::Event;
use crate::grant::{Grant, Terms, Timing};
use crate::schedule::earliest_renewal;
use crate::state::By;
use crate::tabs::{Generation, Message, SharedGrant};
use crate::time::{Monotonic, Span, Timestamp};
use crate::timer::Timer;
use crate::token::ReadToken;

use super::answers::Origin;
use super::{Phase, Session};

/// A tab whose token came from another leaves the renewal to that one for so long, at most.
const LONGEST_STAGGER: Span = Span::from_secs(1);
/// What a lifetime may differ from the span between sending and expiry, by rounding.
const ROUNDING: Span = Span::from_secs(2);

/// What came with a token from another tab.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shared {
    generation: Generation,
    terms: Terms,
    sent: Monotonic,
    due: Monotonic,
}

impl Session {
    /// Tells the other tabs of the token that is held.
    pub(super) fn tell_grant(&mut self) {
        let (Some(held), Some(generation)) = (self.held(), self.peers.held) else {
            return;
        };
        let is_shared = self.cx.config.tabs.share_token;
        let token = held.token.clone().filter(|_| is_shared);
        let (terms, sent) = (held.terms, held.sent);
        let due = self.cx.timers.get(Timer::Renew).unwrap_or(terms.expiry);
        let estimate = self.clock.estimate(self.cx.read());
        let clock = (estimate.uncertainty < Span::MAX).then(|| {
            let (skew, off) = (estimate.skew, estimate.uncertainty);
            (skew - off, skew + off, estimate.source)
        });
        let grant = SharedGrant {
            generation,
            token: token.map(|token| ReadToken {
                token,
                dates: None,
                identity: None,
            }),
            is_shared,
            sent: self.cx.on_wall(sent),
            expiry: self.cx.on_wall(terms.expiry),
            lifetime: terms.lifetime,
            due: self.cx.on_wall(due),
            session_end: terms.session_end.map(|end| self.cx.on_wall(end)),
            clock: clock.filter(|(_, _, source)| *source != ClockSource::None),
        };
        self.cx.post(Message::Granted(grant));
    }

    /// Another tab has a token.
    pub(super) fn heard_grant(&mut self, grant: SharedGrant) {
        let generation = grant.generation;
        self.peers.has_seen(generation);
        if !self.peers.is_news(generation) {
            return;
        }
        if !(grant.is_shared && self.cx.config.tabs.shares()) {
            self.heard_of_another_session(generation);
            return;
        }
        let at = self.cx.at();
        let sent = self.cx.off_wall(grant.sent).min(at);
        let lifetime = grant.lifetime;
        let terms = Terms {
            expiry: self
                .cx
                .off_wall(grant.expiry)
                .min(sent + lifetime + ROUNDING),
            lifetime,
            session_end: grant.session_end.map(|end| self.cx.off_wall(end)),
        };
        if terms.expiry <= at {
            return;
        }
        let read = self.cx.read();
        if let Some((least, most, source)) = grant.clock {
            self.clock.hear(least, most, source, read);
        }
        let shared = Shared {
            generation,
            terms,
            sent,
            due: self.cx.off_wall(grant.due),
        };
        let timing = Timing {
            sent,
            received: at,
            read,
        };
        let grant = Grant::of_tab(grant.token);
        if self.clock.earliest(read).is_none() {
            self.learn_at_least(&grant, read);
        }
        self.check(grant, timing, Origin::Tab(shared));
    }

    /// Somebody else has signed in: without a token from there, this tab gets one of its own.
    fn heard_of_another_session(&mut self, generation: Generation) {
        let ours = self.session_started();
        if ours.is_some_and(|ours| ours < generation.started) {
            self.replaced(generation.started);
            if matches!(self.phase, Phase::Starting { .. }) {
                self.look_anew();
            }
        }
    }

    /// Another session has taken the place of the one that was held.
    pub(super) fn replaced(&mut self, started: Timestamp) {
        self.peers.held = None;
        self.peers.started = Some(started);
        self.watch_another(started);
        if matches!(self.phase, Phase::Live { .. }) {
            self.forget();
        }
    }

    /// The token of another tab has passed the checks.
    pub(super) fn adopt_shared(&mut self, grant: Grant, shared: Shared) {
        let Shared {
            generation,
            terms,
            sent,
            due,
        } = shared;
        if !self.peers.is_news(generation) || terms.expiry <= self.cx.at() {
            return;
        }
        let is_done = self.renewal.serve(&mut self.cx);
        self.farewell.cancel(&mut self.cx);
        let before = self.session_started();
        let degraded = self.degraded();
        let is_live = matches!(self.phase, Phase::Live { .. });
        let known = is_live && before == Some(generation.started);
        let due = (due + self.stagger(terms)).max(earliest_renewal(terms, sent));
        if before != Some(generation.started) {
            self.watch_another(generation.started);
        }
        self.adopt(grant, terms, sent, due, known);
        self.peers.hold(generation);
        if known {
            self.cx.emit(Event::Renewed {
                by: By::OtherTab,
                token_expires_at: self.cx.instant(terms.expiry),
                attempts: 0,
                took: Span::ZERO,
            });
        } else {
            self.settle_in(generation);
            self.cx.emit(Event::Started { restored: true });
        }
        self.recovered(degraded);
        match is_done {
            true => self.hand_over(),
            false => self.stand(),
        }
        self.serve_all();
    }

    /// Whoever renewed last does so again; the others come a little later, in case it cannot. Where
    /// they cannot take turns, they come much later.
    fn stagger(&mut self, terms: Terms) -> Span {
        let (most, longest) = match self.cx.config.tabs.locks {
            true => (terms.lifetime.share(0.05), LONGEST_STAGGER),
            false => (terms.lifetime.share(0.2), LONGEST_STAGGER.share(15.0)),
        };
        most.min(longest).share(0.5 + self.cx.rng.share() / 2.0)
    }
}
