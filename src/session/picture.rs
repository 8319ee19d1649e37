//! What can be seen of a session.

use crate::state::{SessionState, Snapshot};
use crate::time::{Now, ServerTime, Span};
use crate::timer::Timer;
use crate::token::AccessToken;

use super::{Held, Phase, Session};

impl Session {
    /// The state.
    pub fn state(&self) -> SessionState {
        match &self.phase {
            Phase::SignedOut { .. } => SessionState::SignedOut,
            Phase::Starting { degraded: None, .. } => SessionState::Starting,
            Phase::Live { degraded: None, .. } => SessionState::Active,
            Phase::Starting { .. } | Phase::Live { .. } => SessionState::Degraded,
        }
    }

    /// The picture that was last announced with [`Event::Changed`](crate::event::Event::Changed).
    pub fn snapshot(&self) -> Snapshot {
        self.shown
    }

    /// The access token that is held, lapsed or not.
    pub fn held_token(&self) -> Option<&AccessToken> {
        self.held()?.token.as_ref()
    }

    /// The generation of the first token of the session that is held: a request of another one is not sent again.
    pub fn first_generation(&self) -> u32 {
        self.first_generation
    }

    /// The access token, where it is good to be sent now.
    pub fn usable_token(&self) -> Option<&AccessToken> {
        self.held_token().filter(|_| self.is_live())
    }

    /// Whether the user signed in no longer ago than this, as the token says and on the server's clock
    /// at its latest; at its earliest where nothing bounds it, since a device whose clock is fast would
    /// have nobody's sign-in be recent.
    pub fn is_recent(&self, max_age: Span, now: Now) -> bool {
        let signed_in = self.held().and_then(|held| held.authenticated);
        let at = self.clock.latest(now).or_else(|| self.clock.earliest(now));
        let at = at.unwrap_or(ServerTime::from_millis(now.wall.as_millis()));
        signed_in.is_some_and(|signed_in| at - signed_in <= max_age)
    }

    /// Whether the grant that is held is good now, as far as the clocks can be trusted.
    pub fn is_live(&self) -> bool {
        let lives = |held: &Held| held.terms.expiry > self.cx.at();
        !self.is_barred() && self.held().is_some_and(lives)
    }

    pub(super) fn held(&self) -> Option<&Held> {
        match &self.phase {
            Phase::Live { held, .. } => Some(held),
            Phase::SignedOut { .. } | Phase::Starting { .. } => None,
        }
    }

    /// The picture as it is now.
    pub(super) fn picture(&self) -> Snapshot {
        let reason = match self.phase {
            Phase::SignedOut { reason } => reason,
            Phase::Starting { .. } | Phase::Live { .. } => None,
        };
        let planned = self
            .cx
            .instant_of(Timer::Retry)
            .or(self.cx.instant_of(Timer::Renew));
        Snapshot {
            state: self.state(),
            reason,
            token_expires_at: self.held().map(|held| self.cx.instant(held.terms.expiry)),
            renews_at: planned,
            renewing: self.renewal.is_attempting(),
            failures: self.renewal.failures(),
            idle_ends_at: self.idle_ends_at(),
            ends_at: self.hard_end().map(|end| self.cx.instant(end)),
            clock: self
                .shown
                .clock
                .renewed(self.clock.estimate(self.cx.read())),
            online: self.online,
            tabs: self.tabs(),
            generation: self.generation,
        }
    }
}
