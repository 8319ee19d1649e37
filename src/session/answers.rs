//! What comes back from the server, and what it means for the session.

use std::collections::VecDeque;

use crate::clock::{ClockSource, Exchange};
use crate::effect::{AttemptId, CheckId, Effect, Remark, Settlement, Ticket};
use crate::error::SessionError;
use crate::event::{Event, RenewalFailure};
use crate::grant::{AnswerError, Grant, Timing, TokenAnswer};
use crate::input::{Outcome, Reply, Verdict};
use crate::record::Note;
use crate::renewal::{Place, Sent};
use crate::retry_after::{self, RetryAfter};
use crate::state::EndReason;
use crate::time::{Monotonic, Now, Span};
use crate::token::TokenError;

use super::sharing::Shared;
use super::{Phase, Session};

/// A server whose tokens fail the checks is asked so often after the token has lapsed.
const MOST_INVALID: u32 = 3;

/// An attempt that was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Attempt {
    id: AttemptId,
    place: Place,
    sent: Sent,
}

/// Who brought a grant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// A sign-in.
    SignIn(Ticket),
    /// An attempt to renew.
    Attempt(Attempt),
    /// Another tab.
    Tab(Shared),
}

/// A grant whose token is being verified.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    id: CheckId,
    grant: Grant,
    timing: Timing,
    origin: Origin,
}

impl Candidate {
    /// Nobody waits for it any longer.
    pub(super) fn cancel(self, error: SessionError, effects: &mut VecDeque<Effect>) {
        if let Origin::SignIn(ticket) = self.origin {
            let settlement = Settlement::Failed(error);
            effects.push_back(Effect::Settle { ticket, settlement });
        }
    }
}

impl Session {
    pub(super) fn begin(&mut self, ticket: Ticket, answer: TokenAnswer) {
        self.join();
        let tokenless = answer.token.is_none();
        // When the sign-in was sent is not known: the answer counts from now.
        let (now, read) = (self.cx.at(), self.cx.read());
        let timing = Timing {
            sent: now,
            received: now,
            read,
        };
        match Grant::from_answer(answer, tokenless, &self.cx.config) {
            Ok(grant) => {
                self.learn_at_least(&grant, read);
                self.check(grant, timing, Origin::SignIn(ticket));
            }
            Err(error) => {
                let error = match error {
                    AnswerError::Malformed => SessionError::BadAnswer,
                    AnswerError::Token(reason) => {
                        self.cx.emit(Event::TokenRejected { reason });
                        SessionError::TokenInvalid
                    }
                };
                self.reply(ticket, Settlement::Failed(error));
            }
        }
    }

    pub(super) fn renewal_settled(&mut self, id: AttemptId, exchange: Exchange, outcome: Outcome) {
        if let Outcome::Answered(reply) = &outcome {
            self.date_came(reply.date.filter(|_| !reply.aged), exchange);
        }
        let Some((place, sent)) = self.renewal.answered(id, &outcome, &mut self.cx) else {
            return;
        };
        if place != Place::Awaited {
            self.stand();
        }
        if place == Place::Foreign {
            self.foreign_came(sent, outcome);
            return;
        }
        match outcome {
            Outcome::Answered(reply) => {
                let read = exchange.received;
                let received = self.cx.device.with_sleep(read.monotonic);
                // What was sent before the clocks came apart may be old.
                let slept = self
                    .doubt
                    .as_ref()
                    .map_or(Span::ZERO, |doubt| doubt.since(id));
                let timing = Timing {
                    sent: sent.at - slept,
                    received,
                    read,
                };
                let attempt = Attempt { id, place, sent };
                self.reply_came(attempt, exchange, timing, reply);
            }
            Outcome::Unreachable if place == Place::Awaited => {
                let cause = match self.online {
                    true => RenewalFailure::Network,
                    false => RenewalFailure::Offline,
                };
                self.attempt_failed(cause, None);
            }
            Outcome::Unreachable => {}
        }
    }

    /// An attempt of a renewal that is over was answered: after the session's end, it may have brought
    /// a cookie.
    fn foreign_came(&mut self, sent: Sent, outcome: Outcome) {
        if matches!(self.phase, Phase::SignedOut { .. }) {
            let brought = match &outcome {
                Outcome::Answered(reply) => reply.is_success(),
                Outcome::Unreachable => true,
            };
            let is_expected = self.renewal.is_expected();
            self.farewell
                .renewal_settled(brought, is_expected, &mut self.cx);
        }
        if let Outcome::Answered(reply) = outcome
            && let Some(answer) = reply.answer
            && Grant::from_answer(answer, true, &self.cx.config).is_ok()
        {
            self.key_answered(sent);
        }
    }

    /// The server has done what an attempt asked for.
    fn key_answered(&mut self, sent: Sent) {
        self.note(Note::Answered(sent.key, sent.noted));
    }

    /// Only an answer that grants something counts when it comes late.
    fn reply_came(&mut self, attempt: Attempt, exchange: Exchange, timing: Timing, reply: Reply) {
        let awaited = attempt.place == Place::Awaited;
        let rejected = self
            .cx
            .config
            .retry
            .rejected_statuses
            .contains(&reply.status);
        let floor = self.floor(reply.retry_after);
        match reply.status {
            200..=299 => match reply.answer {
                Some(answer) => self.answer_came(attempt, exchange, timing, answer),
                None if awaited => self.attempt_failed(RenewalFailure::MalformedAnswer, floor),
                None => {}
            },
            _ if !awaited => {}
            Reply::REDIRECTED => self.attempt_refused(),
            _ if rejected => self.attempt_refused(),
            429 => self.attempt_failed(RenewalFailure::RateLimited, floor),
            status => {
                if !reply.is_passing() {
                    self.say(Remark::UnexpectedStatus(status));
                }
                self.attempt_failed(RenewalFailure::ServerError, floor);
            }
        }
    }

    fn answer_came(
        &mut self,
        attempt: Attempt,
        exchange: Exchange,
        timing: Timing,
        answer: TokenAnswer,
    ) {
        // Whether there are tokens that scripts can read is settled by the first answer.
        let tokenless = match &self.phase {
            Phase::Live { held, .. } => held.token.is_none(),
            Phase::SignedOut { .. } | Phase::Starting { .. } => answer.token.is_none(),
        };
        match Grant::from_answer(answer, tokenless, &self.cx.config) {
            Ok(grant) => {
                self.key_answered(attempt.sent);
                self.learn_issued(&grant, exchange);
                self.check(grant, timing, Origin::Attempt(attempt));
            }
            Err(_) if attempt.place != Place::Awaited => {}
            Err(AnswerError::Malformed) => {
                self.attempt_failed(RenewalFailure::MalformedAnswer, None);
            }
            Err(AnswerError::Token(reason)) => {
                self.key_answered(attempt.sent);
                self.cx.emit(Event::TokenRejected { reason });
                self.token_refused();
            }
        }
    }

    /// Learns the time from `iat`, where no header field tells it.
    fn learn_issued(&mut self, grant: &Grant, exchange: Exchange) {
        let Some(issued) = grant.issued().map(|issued| issued.to_server_time()) else {
            return;
        };
        if self.clock.estimate(self.cx.read()).source == ClockSource::Date {
            return;
        }
        if grant.is_fresh() {
            self.clock.sample(issued, ClockSource::IssuedAt, exchange);
        } else {
            self.learn_at_least(grant, exchange.received);
        }
    }

    /// Learns from `iat` how late it is at least.
    pub(super) fn learn_at_least(&mut self, grant: &Grant, read: Now) {
        if let Some(issued) = grant.issued() {
            let issued = issued.to_server_time();
            self.clock
                .sample_at_least(issued, ClockSource::IssuedAt, read);
        }
    }

    /// Has a grant verified, where the configuration asks for it.
    pub(super) fn check(&mut self, grant: Grant, timing: Timing, origin: Origin) {
        if grant.is_premature(&self.clock, self.cx.read(), self.cx.config.leeway) {
            let reason = TokenError::NotYetValid;
            self.cx.emit(Event::TokenRejected { reason });
            self.grant_refused(origin);
            return;
        }
        match &grant.token {
            Some(token) if self.cx.config.verify => {
                let token = token.clone();
                let id = self.check_id();
                if let Origin::Attempt(attempt) = origin
                    && self.renewal.awaits(attempt.id)
                {
                    self.renewal.limit_attempt(&mut self.cx);
                }
                self.candidates.push(Candidate {
                    id,
                    grant,
                    timing,
                    origin,
                });
                self.cx.effects.push_back(Effect::Verify { id, token });
            }
            _ => self.granted(grant, timing, origin),
        }
    }

    pub(super) fn verified(&mut self, id: CheckId, verdict: Verdict) {
        let Some(place) = self
            .candidates
            .iter()
            .position(|candidate| candidate.id == id)
        else {
            return;
        };
        let Candidate {
            grant,
            timing,
            origin,
            ..
        } = self.candidates.swap_remove(place);
        match (verdict, origin) {
            (Verdict::Passed, _) => self.granted(grant, timing, origin),
            (Verdict::Refused, _) => self.grant_refused(origin),
            (Verdict::Unknown, Origin::SignIn(ticket)) => {
                self.reply(ticket, Settlement::Failed(SessionError::VerifierMissing));
            }
            (Verdict::Keyless, Origin::SignIn(ticket)) => {
                self.reply(ticket, Settlement::Failed(SessionError::Unavailable));
            }
            (_, Origin::Attempt(attempt)) if self.renewal.awaits(attempt.id) => {
                self.attempt_failed(RenewalFailure::Network, None);
            }
            (_, Origin::Attempt(_) | Origin::Tab(_)) => {}
        }
    }

    fn grant_refused(&mut self, origin: Origin) {
        match origin {
            Origin::SignIn(ticket) => {
                self.reply(ticket, Settlement::Failed(SessionError::TokenInvalid));
            }
            Origin::Attempt(attempt) if self.renewal.awaits(attempt.id) => self.token_refused(),
            Origin::Attempt(_) | Origin::Tab(_) => {}
        }
    }

    fn granted(&mut self, grant: Grant, timing: Timing, origin: Origin) {
        if let Origin::Tab(shared) = origin {
            self.adopt_shared(grant, shared);
            return;
        }
        let terms = grant.terms(timing, &self.clock);
        let sent = timing.sent;
        let lapsed = terms.expiry <= self.cx.at();
        if lapsed && grant.token.is_some() {
            let reason = TokenError::Expired;
            self.cx.emit(Event::TokenRejected { reason });
        }
        match origin {
            Origin::SignIn(ticket) if lapsed => {
                let error = match grant.token {
                    Some(_) => SessionError::TokenInvalid,
                    None => SessionError::BadAnswer,
                };
                self.reply(ticket, Settlement::Failed(error));
            }
            Origin::SignIn(ticket) if self.goes_on_with(&grant) => {
                self.upgraded(grant, terms, sent);
                self.reply(ticket, Settlement::Done);
            }
            Origin::SignIn(ticket) => {
                self.renewal.abandon(&mut self.cx);
                self.farewell.cancel(&mut self.cx);
                let generation = self.begun_now();
                self.note(Note::Begun(generation.started));
                (self.idle, self.origin) = (None, None);
                self.establish(grant, terms, sent, generation, false);
                self.debt.renewed = None;
                self.reply(ticket, Settlement::Done);
            }
            Origin::Tab(_) => {}
            Origin::Attempt(attempt) => match self.renewal.place(attempt.id) {
                Place::Awaited | Place::Late if !lapsed => {
                    self.renewed(grant, terms, sent, attempt.sent.generation);
                }
                Place::Late | Place::Foreign => {}
                Place::Awaited => {
                    self.attempt_failed(RenewalFailure::MalformedAnswer, None);
                    self.renewal.drop_key();
                }
            },
        }
    }

    /// A token that was well formed, but fails the checks.
    fn token_refused(&mut self) {
        let lapsed = self
            .held()
            .is_none_or(|held| held.terms.expiry <= self.cx.at());
        self.attempt_failed(RenewalFailure::InvalidToken, None);
        self.renewal.drop_key();
        if lapsed && self.renewal.count_invalid() >= MOST_INVALID {
            self.end(EndReason::InvalidToken);
        }
    }

    /// When the server may be asked again: a date is taken on its clock at its earliest reading.
    pub(super) fn floor(&mut self, retry_after: Option<RetryAfter>) -> Option<Monotonic> {
        let wait = match retry_after? {
            RetryAfter::Delay(wait) => wait,
            RetryAfter::Date(date) => date - self.clock.earliest(self.cx.read())?,
        };
        if wait > retry_after::LONGEST {
            self.say(Remark::LongRetryAfter);
        }
        Some(self.cx.at() + wait.clamp(Span::ZERO, retry_after::LONGEST))
    }
}
