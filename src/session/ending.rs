//! How a session ends, and that the server hears of it.

use crate::effect::{LogoutId, Settlement, Ticket};
use crate::error::SessionError;
use crate::event::Event;
use crate::farewell::Hearing;
use crate::input::{Outcome, Reply};
use crate::record::{Ending, Note};
use crate::state::{By, EndReason};
use crate::tabs::Message;
use crate::time::Span;
use crate::waiters::Wish;

use super::{Phase, Session};

/// How long a sign-out waits for the server.
const FAREWELL_LIMIT: Span = Span::from_secs(5);

impl Session {
    pub(super) fn sign_out(&mut self, ticket: Ticket, logout: bool) {
        // A sign-in that is being verified has brought a cookie.
        if matches!(self.phase, Phase::SignedOut { .. }) && self.candidates.is_empty() {
            self.reply(ticket, Settlement::Done);
            return;
        }
        let ending = self.ending(logout);
        self.finish(EndReason::SignedOut, By::ThisTab, Some(ending));
        if ending == Ending::Untold {
            let until = self.cx.at() + FAREWELL_LIMIT;
            self.waiters.add(ticket, Wish::Farewell, Some(until));
        } else {
            self.reply(ticket, Settlement::Done);
        }
    }

    /// The server has ended a session: this one, unless both have names that differ. What names nobody is
    /// taken for this one's, since the stream is that of its cookie.
    pub(super) fn revoked(&mut self, session: Option<&str>) {
        let Some(held) = self.held() else { return };
        let ours = held.identity.as_ref().map(|identity| &*identity.session);
        if session
            .zip(ours)
            .is_none_or(|(theirs, ours)| theirs == ours)
        {
            self.end(EndReason::Revoked);
        }
    }

    /// The session ends, for another reason than a sign-out.
    pub(super) fn end(&mut self, reason: EndReason) {
        match reason {
            EndReason::Rejected | EndReason::Expired | EndReason::Revoked => {
                self.note_over();
                self.finish(reason, By::Server, None);
            }
            _ => self.finish(reason, By::ThisTab, Some(self.ending(true))),
        }
    }

    /// The server knows of no session, or of this one no longer.
    pub(super) fn note_over(&mut self) {
        let started = self.session_started().unwrap_or(self.cx.read().wall);
        self.note(Note::Over(started));
    }

    /// How a session ends here.
    fn ending(&self, logout: bool) -> Ending {
        match logout && self.cx.config.logout {
            true => Ending::Untold,
            false => Ending::Local,
        }
    }

    /// The session is over; `ending` says how, where it has ended in this tab.
    pub(super) fn finish(&mut self, reason: EndReason, by: By, ending: Option<Ending>) {
        if by != By::OtherTab {
            self.tell_end(reason, ending == Some(Ending::Untold));
        }
        self.renewal.abandon(&mut self.cx);
        self.sign_off(Some(reason));
        if let Some(ending) = ending {
            self.note(Note::Ended(ending));
        }
        self.stand();
        // Whichever tab it was told.
        let by = match reason {
            EndReason::Revoked => By::Server,
            _ => by,
        };
        self.cx.emit(Event::Ended { reason, by });
        if ending == Some(Ending::Untold) {
            self.farewell.start(&mut self.cx);
        }
    }

    /// The server was told of the end, or could not be.
    pub(super) fn logout_settled(&mut self, id: LogoutId, outcome: Outcome) {
        let hearing = match outcome {
            Outcome::Unreachable => Hearing::Failed(None),
            Outcome::Answered(reply) if reply.is_passing() => {
                Hearing::Failed(self.floor(reply.retry_after))
            }
            // Without a session (401) there is nothing to end.
            Outcome::Answered(reply)
                if reply.is_success() || matches!(reply.status, Reply::REDIRECTED | 401) =>
            {
                Hearing::Understood
            }
            Outcome::Answered(_) => Hearing::Deaf,
        };
        let is_expected = self.renewal.is_expected();
        if self
            .farewell
            .settled(id, hearing, is_expected, &mut self.cx)
        {
            self.settle(|wish| (wish == Wish::Farewell).then_some(Settlement::Done));
        }
    }

    /// Wipes everything and settles everybody.
    pub(super) fn sign_off(&mut self, reason: Option<EndReason>) {
        self.phase = Phase::SignedOut { reason };
        self.deferred = false;
        self.idle = None;
        (self.recalled, self.origin, self.hard) = (None, None, None);
        self.cx.timers.stop_all();
        self.cancel_checks(SessionError::SignedOut);
        self.settle(|wish| match wish {
            Wish::Start => Some(Settlement::Done),
            Wish::Renewal | Wish::Token { .. } => Some(Settlement::Failed(SessionError::SignedOut)),
            Wish::Farewell => None,
        });
    }

    fn cancel_checks(&mut self, error: SessionError) {
        for candidate in core::mem::take(&mut self.candidates) {
            candidate.cancel(error, &mut self.cx.effects);
        }
    }

    pub(super) fn dispose(&mut self) {
        self.renewal.abandon(&mut self.cx);
        self.cancel_checks(SessionError::Disposed);
        self.settle(|_| Some(Settlement::Failed(SessionError::Disposed)));
        self.sign_off(None);
        self.farewell.cancel(&mut self.cx);
        self.cx.post(Message::Bye);
        self.leaving(false);
    }
}
