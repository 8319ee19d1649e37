//! Attempts that are on their way, and how they end.

use crate::context::Context;
use crate::effect::{AttemptId, Effect};
use crate::event::{Event, RenewalFailure};
use crate::input::Outcome;
use crate::record::Note;
use crate::tabs::{Generation, Message};
use crate::time::{Monotonic, Span};
use crate::timer::Timer;

use super::{OFFLINE_BELIEVED, Renewal, Sent, Step};

/// What an answer is to the renewal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// It is the one that is awaited.
    Awaited,
    /// It was given up, and another is awaited or planned.
    Late,
    /// It belongs to a renewal that is over.
    Foreign,
}

impl Renewal {
    /// The number of the next attempt.
    pub(crate) fn next(&self) -> AttemptId {
        AttemptId(self.next)
    }

    /// Whether an attempt is the one that is awaited.
    pub(crate) fn awaits(&self, id: AttemptId) -> bool {
        self.course
            .as_ref()
            .is_some_and(|course| course.step == Step::Awaiting(id))
    }

    /// Takes note that an attempt is sent now; returns whether it is, for nobody may await it.
    pub(crate) fn leaves(&mut self, id: AttemptId, generation: Generation, cx: &Context) -> bool {
        let course = self.course.as_ref().filter(|_| self.awaits(id));
        let Some((course, key)) = course.and_then(|course| Some((course, course.key?))) else {
            return false;
        };
        let sent = Sent {
            at: cx.at(),
            noted: course.noted,
            key,
            generation,
        };
        self.unanswered.add(id, sent);
        true
    }

    /// Takes note of how an attempt went; tells what its answer is worth, and what is known of the
    /// attempt. Nothing counts twice.
    pub(crate) fn answered(
        &mut self,
        id: AttemptId,
        outcome: &Outcome,
        cx: &mut Context,
    ) -> Option<(Place, Sent)> {
        let sent = self.unanswered.take(id)?;
        // A page that goes gives its requests up, but they live on.
        if !(self.away && *outcome == Outcome::Unreachable) {
            cx.effects
                .push_back(Effect::Note(Note::Settled(sent.noted)));
        }
        let place = self.place(id);
        if place != Place::Awaited {
            self.resume(cx);
        }
        Some((place, sent))
    }

    /// What an answer to an attempt is worth.
    pub(crate) fn place(&self, id: AttemptId) -> Place {
        if id.0 < self.first {
            Place::Foreign
        } else if self.awaits(id) {
            Place::Awaited
        } else {
            Place::Late
        }
    }

    /// The awaited attempt has failed for a passing reason: plans the next.
    pub(crate) fn failed(
        &mut self,
        cause: RenewalFailure,
        floor: Option<Monotonic>,
        cx: &mut Context,
    ) {
        let Some(course) = &mut self.course else {
            return;
        };
        course.step = Step::Pausing;
        course.urged = false;
        course.uncertain = true;
        if cause != RenewalFailure::InvalidToken {
            course.invalid = 0;
        }
        let attempt = course.attempts;
        self.failing.count(cx.at());
        let failures = self.failing.failures;
        let wait = match cause {
            RenewalFailure::Offline => OFFLINE_BELIEVED,
            _ => cx.config.retry.backoff.wait(failures, &mut cx.rng),
        };
        let until = self.failing.plan(cx.at() + wait, floor);
        cx.timers.stop(Timer::AttemptLimit);
        cx.timers.set(Timer::Retry, until);
        let wall = cx.on_wall(until);
        cx.post(Message::Failed {
            failures,
            until: wall,
        });
        let retry_at = cx.instant_of(Timer::Retry);
        cx.emit(Event::RenewalFailed {
            cause,
            attempt,
            retry_at,
        });
    }

    /// The server has refused the awaited attempt: looks a second time.
    ///
    /// Returns whether this was the second look already. It goes with a fresh key, unless there is
    /// an attempt of which nobody knows whether it reached the server.
    pub(crate) fn refused(&mut self, cx: &mut Context) -> bool {
        let Some(course) = &mut self.course else {
            return true;
        };
        self.failing.count(cx.at());
        let (cause, attempt) = (RenewalFailure::Rejected, course.attempts);
        let twice = course.refused;
        course.refused = true;
        cx.timers.stop(Timer::AttemptLimit);
        let retry_at = (!twice).then(|| cx.instant(cx.at()));
        cx.emit(Event::RenewalFailed {
            cause,
            attempt,
            retry_at,
        });
        if !twice {
            course.step = Step::Pausing;
            if let Some(key) = course.key
                && !course.uncertain
            {
                let note = Note::Answered(key, course.noted);
                cx.effects.push_back(Effect::Note(note));
                self.drop_key();
            }
            self.attempt(cx);
        }
        twice
    }

    /// Takes note of a failed attempt that is no part of a renewal any longer.
    pub(crate) fn note_failure(&mut self, cx: &Context) {
        self.failing.note(cx.at());
    }

    /// A sleep is known of only now: attempts from this number on were sent after it, and none was
    /// waited for meanwhile.
    pub(crate) fn add_sleep(&mut self, slept: Span, since: AttemptId, cx: &mut Context) {
        self.unanswered.add_sleep(slept, since);
        if let Some(limit) = cx.timers.get(Timer::AttemptLimit) {
            cx.timers.set(Timer::AttemptLimit, limit + slept);
        }
    }

    /// Counts a token that failed the checks after the lapse; tells how many did so in a row.
    pub(crate) fn count_invalid(&mut self) -> u32 {
        self.course.as_mut().map_or(0, |course| {
            course.invalid = course.invalid.saturating_add(1);
            course.invalid
        })
    }
}
