//! How a session starts, goes on, suffers and ends.

use crate::effect::{Effect, LogoutId, RenewalKey, Settlement, Ticket};
use crate::error::SessionError;
use crate::event::{Event, RenewalFailure};
use crate::farewell::Hearing;
use crate::grant::{Grant, Terms};
use crate::input::{Outcome, Reply};
use crate::record::{Ending, Note, Record};
use crate::schedule::{Before, renewal_due};
use crate::state::{By, EndReason};
use crate::tabs::{Generation, Message};
use crate::time::{Monotonic, Span};
use crate::timer::Timer;
use crate::token::AccessToken;
use crate::waiters::Wish;

use super::{FAREWELL_LIMIT, Held, Phase, Session};

/// The session's end is announced when a tenth of its time is left, or five minutes.
const NOTICE_SHARE: f64 = 0.1;
const LONGEST_NOTICE: Span = Span::from_mins(5);

impl Session {
    pub(super) fn restore(&mut self, ticket: Ticket, fresh: bool, record: &Record) {
        self.join();
        match self.phase {
            Phase::Live { .. } | Phase::Starting { degraded: Some(_) } => {
                self.reply(ticket, Settlement::Done);
            }
            Phase::Starting { degraded: None } => self.wait_for(ticket, Wish::Start),
            Phase::SignedOut { .. } if record.ending.is_some() && !fresh => {
                // A tab that has not heard of the end has nothing to hand over.
                self.over(self.cx.read().wall, EndReason::SignedOut);
                if self.cx.config.logout && record.ending == Some(Ending::Untold) {
                    self.farewell.start(&mut self.cx);
                }
                self.reply(ticket, Settlement::Done);
            }
            Phase::SignedOut { .. } => {
                self.farewell.cancel(&mut self.cx);
                self.peers.started = record.started;
                if fresh {
                    let started = self.next_generation(true).started;
                    self.peers.started = Some(started);
                    self.note(Note::Begun(started));
                }
                self.phase = Phase::Starting { degraded: None };
                self.wait_for(ticket, Wish::Start);
                self.renewal.start(&mut self.cx);
            }
        }
    }

    pub(super) fn note(&mut self, note: Note) {
        self.cx.effects.push_back(Effect::Note(note));
    }

    /// A key for the renewal was drawn, unless the session has ended in another tab.
    pub(super) fn key_drawn(&mut self, key: RenewalKey, record: &Record) {
        if !self.renewal.is_drawing() {
            return;
        }
        if record.ending.is_some() {
            self.end_elsewhere(EndReason::SignedOut);
            return;
        }
        if self.peers.held.is_none() {
            self.peers.started = self.peers.started.max(record.started);
        }
        let pending = record.key.or(self.peers.key.take());
        self.renewal.key_drawn(key, pending, &mut self.cx);
    }

    /// What was held is not believed any longer: the other tabs or the server are asked.
    pub(super) fn look_anew(&mut self) {
        for timer in [
            Timer::Lapse,
            Timer::GiveUp,
            Timer::SessionEnd,
            Timer::SessionEnding,
        ] {
            self.cx.timers.stop(timer);
        }
        self.deferred = false;
        self.phase = Phase::Starting { degraded: None };
        self.renewal.start(&mut self.cx);
    }

    /// A grant makes a session: by a sign-in, or because the cookie stood for one.
    pub(super) fn establish(
        &mut self,
        grant: Grant,
        terms: Terms,
        sent: Monotonic,
        generation: Generation,
        restored: bool,
    ) {
        let due = self.due(terms, sent, None);
        self.adopt(grant.token, terms, sent, due, false);
        self.hold(generation);
        self.cx.emit(Event::Started { restored });
        self.serve_all();
    }

    /// The token is this tab's own: the others hear of it.
    fn hold(&mut self, generation: Generation) {
        self.peers.hold(generation);
        self.tell_grant();
        self.hand_over();
    }

    fn due(&mut self, terms: Terms, sent: Monotonic, before: Option<Before>) -> Monotonic {
        let cx = &mut self.cx;
        renewal_due(terms, sent, before, &cx.config.renewal, &mut cx.rng)
    }

    /// A renewal has brought a grant.
    pub(super) fn renewed(&mut self, grant: Grant, terms: Terms, sent: Monotonic) {
        let completed = self.renewal.complete(&mut self.cx);
        let generation = self.next_generation(false);
        self.note(Note::Renewed(generation.started));
        let (before, degraded) = match &self.phase {
            Phase::SignedOut { .. } => return,
            Phase::Starting { .. } => {
                return self.establish(grant, terms, sent, generation, true);
            }
            Phase::Live { held, degraded } => (
                Before {
                    sent: held.sent,
                    expiry: held.terms.expiry,
                },
                *degraded,
            ),
        };
        let due = self.due(terms, sent, Some(before));
        self.adopt(grant.token, terms, sent, due, true);
        self.hold(generation);
        let token_expires_at = self.cx.instant(terms.expiry);
        let (attempts, took) = (completed.attempts, completed.took);
        self.cx.emit(Event::Renewed {
            by: By::ThisTab,
            token_expires_at,
            attempts,
            took,
        });
        self.recovered(degraded);
        self.serve_all();
    }

    pub(super) fn recovered(&mut self, degraded: Option<Monotonic>) {
        if let Some(since) = degraded {
            self.cx.emit(Event::Recovered {
                after: self.cx.at() - since,
            });
        }
    }

    /// Holds a token; `goes_on` says that it is one of the session that there is.
    pub(super) fn adopt(
        &mut self,
        token: Option<AccessToken>,
        terms: Terms,
        sent: Monotonic,
        due: Monotonic,
        goes_on: bool,
    ) {
        let cx = &mut self.cx;
        cx.timers.stop(Timer::GiveUp);
        cx.timers.set(Timer::Renew, due);
        cx.timers.set(Timer::Lapse, terms.expiry);
        if let Some(end) = terms.session_end {
            let now = cx.at();
            cx.timers.set(Timer::SessionEnd, end);
            let notice = (end - now).share(NOTICE_SHARE).min(LONGEST_NOTICE);
            cx.timers.set(Timer::SessionEnding, end - notice);
        } else if !goes_on {
            cx.timers.stop(Timer::SessionEnd);
            cx.timers.stop(Timer::SessionEnding);
        }
        self.deferred = false;
        self.generation = self.generation.wrapping_add(1);
        let held = Held { token, terms, sent };
        self.phase = Phase::Live {
            held,
            degraded: None,
        };
    }

    /// There is a new token: everybody who waited gets what can be had.
    pub(super) fn serve_all(&mut self) {
        self.settle(|wish| matches!(wish, Wish::Start | Wish::Renewal).then_some(Settlement::Done));
        self.serve_tokens();
        self.renew_for_waiters();
        self.probe_unless_known();
    }

    /// The server's end of the session is near.
    pub(super) fn announce_end(&mut self) {
        if let Some(ends_at) = self.cx.instant_of(Timer::SessionEnd) {
            self.cx.emit(Event::SessionEnding { ends_at });
        }
    }

    /// The awaited attempt has failed for a passing reason.
    pub(super) fn attempt_failed(&mut self, cause: RenewalFailure, floor: Option<Monotonic>) {
        self.renewal.failed(cause, floor, &mut self.cx);
        self.hand_over();
        self.suffer();
    }

    /// Whoever waits for a renewal that other tabs have tried in vain does not wait for another try.
    pub(super) fn held_back(&mut self) {
        if self.renewal.is_held_back() {
            self.suffer();
        }
    }

    fn suffer(&mut self) {
        match &self.phase {
            Phase::Starting { degraded: None } => self.degrade(self.cx.at()),
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
        match self.phase {
            // There is no session to lose: one refusal is enough.
            Phase::Starting { .. } => {
                self.renewal.note_failure(&self.cx);
                self.renewal.abandon(&mut self.cx);
                self.note(Note::Over);
                self.sign_off(None);
            }
            Phase::Live { .. } => {
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
            Phase::Starting { degraded } | Phase::Live { degraded, .. } => *degraded = Some(since),
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

    pub(super) fn sign_out(&mut self, ticket: Ticket, logout: bool) {
        if matches!(self.phase, Phase::SignedOut { .. }) {
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

    /// The session ends, for another reason than a sign-out.
    pub(super) fn end(&mut self, reason: EndReason) {
        match reason {
            EndReason::Rejected | EndReason::Expired => {
                self.note(Note::Over);
                self.finish(reason, By::Server, None);
            }
            _ => self.finish(reason, By::ThisTab, Some(self.ending(true))),
        }
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
        self.leaving();
    }
}
