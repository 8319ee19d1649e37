//! One renewal at a time: its attempts, its key, and what each outcome means for it.

mod attempts;
mod failing;
mod turns;
mod unanswered;
mod yielding;

use crate::context::Context;
use crate::effect::{AttemptId, Effect, RenewalKey};
use crate::record::{Note, Record};
use crate::tabs::Message;
use crate::time::{Monotonic, Span, Timestamp};
use crate::timer::Timer;
use crate::turn::Turn;

pub(crate) use attempts::Place;
use failing::Failing;
pub(crate) use unanswered::Sent;
use unanswered::Unanswered;

/// So many attempts may be without an answer at a time: none is ever aborted.
const MOST_UNANSWERED: usize = 2;
/// A browser that says it is offline is not believed for longer.
const OFFLINE_BELIEVED: Span = Span::from_secs(60);
/// Clients that come online together do not renew in step.
const ONLINE_JITTER: Span = Span::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// Another tab may be renewing.
    Queuing,
    /// Another tab has a newer token, and was asked for it.
    Asking,
    /// A key is being drawn.
    Drawing,
    /// The answer to this attempt is awaited.
    Awaiting(AttemptId),
    /// The next attempt waits for its time.
    Pausing,
    /// The next attempt waits for an earlier one, which may be another tab's, to be answered.
    Yielding,
}

/// A renewal from its first attempt to its answer.
#[derive(Clone, Debug)]
struct Course {
    step: Step,
    /// None until it was drawn, and again when the server has answered with it in vain.
    key: Option<RenewalKey>,
    started: Monotonic,
    attempts: u32,
    /// When the awaited attempt was made, as the record tells it.
    noted: Timestamp,
    /// Tokens in a row that failed the checks after the lapse.
    invalid: u32,
    /// Whether somebody wants it now, whatever the next wait is.
    urged: bool,
    /// Whether another tab has brought a token since the awaited attempt was sent.
    served: bool,
    /// Whether the server has refused once already.
    refused: bool,
    /// Whether an attempt was made of which nobody knows whether it reached the server.
    uncertain: bool,
}

impl Course {
    /// Whether no attempt is being made.
    fn waits(&self) -> bool {
        matches!(self.step, Step::Pausing | Step::Yielding)
    }
}

/// How a renewal that succeeded went.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Completed {
    pub(crate) attempts: u32,
    pub(crate) took: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Renewal {
    course: Option<Course>,
    next: u32,
    /// Attempts with a lower number belong to a renewal that is over.
    first: u32,
    unanswered: Unanswered,
    failing: Failing,
    pub(crate) turn: Turn,
    /// Whether the page is about to go.
    away: bool,
}

impl Renewal {
    pub(crate) fn new() -> Renewal {
        Renewal {
            course: None,
            next: 0,
            first: 0,
            unanswered: Unanswered::default(),
            failing: Failing::default(),
            turn: Turn::new(),
            away: false,
        }
    }

    /// Whether the answer to an attempt may still come.
    pub(crate) fn is_expected(&self) -> bool {
        self.unanswered.len() > 0
    }

    /// Whether a renewal is under way.
    pub(crate) fn is_under_way(&self) -> bool {
        self.course.is_some()
    }

    /// Whether an attempt is being made.
    pub(crate) fn is_attempting(&self) -> bool {
        self.course.as_ref().is_some_and(|course| !course.waits())
    }

    /// Consecutive failed attempts of the renewal under way.
    pub(crate) fn failures(&self) -> u32 {
        match self.course {
            Some(_) => self.failing.failures,
            None => 0,
        }
    }

    /// What the other tabs have to know of it.
    pub(crate) fn failing(&self) -> &Failing {
        &self.failing
    }

    /// When the last attempt was sent that has no answer.
    pub(crate) fn sent(&self) -> Option<Timestamp> {
        self.unanswered.last().map(|last| last.noted)
    }

    /// Begins a renewal because the application wants it now, or makes the next attempt of one that
    /// is pausing.
    pub(crate) fn urge(&mut self, cx: &mut Context) {
        self.start(cx);
        if let Some(course) = &mut self.course {
            course.urged = true;
        }
        self.attempt(cx);
    }

    /// Begins a renewal.
    pub(crate) fn start(&mut self, cx: &mut Context) {
        if self.course.is_none() {
            cx.timers.stop(Timer::Renew);
            self.course = Some(Course {
                step: Step::Pausing,
                key: None,
                started: cx.at(),
                attempts: 0,
                noted: cx.read().wall,
                invalid: 0,
                urged: false,
                served: false,
                refused: false,
                uncertain: false,
            });
            self.attempt(cx);
        }
    }

    /// Takes the key that was asked for, or in its place that of a renewal of which nobody knows
    /// whether it reached the server: made by an earlier load of the page, or by another tab.
    pub(crate) fn key_drawn(
        &mut self,
        drawn: RenewalKey,
        pending: Option<RenewalKey>,
        record: &Record,
        cx: &mut Context,
    ) {
        let Some(course) = &mut self.course else {
            return;
        };
        if course.step != Step::Drawing {
            return;
        }
        course.uncertain |= pending.is_some() && pending != course.key;
        let key = pending.or(course.key).unwrap_or(drawn);
        course.key = Some(key);
        course.attempts = course.attempts.saturating_add(1);
        let id = AttemptId(self.next);
        self.next = self.next.wrapping_add(1);
        course.step = Step::Awaiting(id);
        // No two attempts share an instant.
        let wall = cx.read().wall;
        let later = |sent| wall.max(sent + Span::from_millis(1));
        let noted = record.sent.map_or(wall, later);
        course.noted = noted;
        self.limit_attempt(cx);
        cx.effects
            .push_back(Effect::Note(Note::Pending(key, noted)));
        cx.post(Message::Pending(key, noted));
        cx.effects.push_back(Effect::SendRenewal { id, key });
    }

    /// Whether a key is being drawn.
    pub(crate) fn is_drawing(&self) -> bool {
        self.course
            .as_ref()
            .is_some_and(|course| course.step == Step::Drawing)
    }

    /// The server has answered the awaited attempt, though to no avail: the next one is another
    /// renewal to it, for it would answer this one in the same way.
    pub(crate) fn drop_key(&mut self) {
        if let Some(course) = &mut self.course {
            course.key = None;
            course.uncertain = false;
        }
    }

    /// Makes the next attempt, or plans it where it may not be made yet.
    pub(crate) fn attempt(&mut self, cx: &mut Context) {
        let Some(course) = &mut self.course else {
            return;
        };
        if !course.waits() || self.away {
            return;
        }
        cx.timers.stop(Timer::Retry);
        let urged = course.urged;
        let until = self.yields_to_its_own(cx);
        if until.is_some() || self.unanswered.len() >= MOST_UNANSWERED {
            self.wait_for_others(until, cx);
            return;
        }
        let earliest = self.failing.earliest(urged);
        let step = if let Some(earliest) = earliest.filter(|earliest| *earliest > cx.at()) {
            cx.timers.set(Timer::Retry, earliest);
            self.turn.end(cx);
            Step::Pausing
        } else if cx.config.tabs.locks && !self.turn.is_held() {
            self.turn.ask(cx);
            Step::Queuing
        } else {
            cx.effects.push_back(Effect::DrawKey);
            Step::Drawing
        };
        if let Some(course) = &mut self.course {
            course.step = step;
        }
    }

    /// From now on the awaited attempt has so much time, to be answered or to have its token verified.
    pub(crate) fn limit_attempt(&self, cx: &mut Context) {
        cx.timers.set(
            Timer::AttemptLimit,
            cx.at() + cx.config.renewal.attempt_limit,
        );
    }

    /// Makes the next attempt soon, where nothing but an earlier one without an answer held it up.
    pub(crate) fn resume(&mut self, cx: &mut Context) {
        let Some(course) = &self.course else { return };
        let idle = course.step == Step::Pausing && cx.timers.get(Timer::Retry).is_none();
        if idle || course.step == Step::Yielding {
            cx.timers.set(Timer::Retry, cx.at());
        }
    }

    /// The browser has come online: the next attempt need not wait for its time.
    pub(crate) fn online(&mut self, cx: &mut Context) {
        let jitter = ONLINE_JITTER.share(cx.rng.share());
        let at = cx.at() + jitter;
        if let Some(course) = &mut self.course {
            course.urged = true;
        }
        self.failing.hope(at);
        if cx
            .timers
            .get(Timer::Retry)
            .is_some_and(|planned| planned > at)
        {
            cx.timers.set(Timer::Retry, at);
        }
    }

    /// Another tab has brought a token. The turn is kept while an attempt is on its way: nobody is to
    /// make another meanwhile. Returns whether there is none.
    pub(crate) fn serve(&mut self, cx: &mut Context) -> bool {
        match &mut self.course {
            Some(course) if matches!(course.step, Step::Awaiting(_)) => {
                course.served = true;
                false
            }
            _ => {
                self.complete(cx);
                true
            }
        }
    }

    /// Whether another tab has made this renewal needless.
    pub(crate) fn is_served(&self) -> bool {
        self.course.as_ref().is_some_and(|course| course.served)
    }

    /// The renewal has succeeded, and what is still on its way cannot tell anything newer.
    pub(crate) fn complete(&mut self, cx: &mut Context) -> Completed {
        for timer in [Timer::AttemptLimit, Timer::Retry, Timer::PeerLimit] {
            cx.timers.stop(timer);
        }
        self.first = self.next;
        self.failing.clear();
        match self.course.take() {
            Some(course) => Completed {
                attempts: course.attempts,
                took: cx.at() - course.started,
            },
            None => Completed {
                attempts: 0,
                took: Span::ZERO,
            },
        }
    }

    /// The session is over, or another begins: what is still on its way counts for nothing.
    pub(crate) fn abandon(&mut self, cx: &mut Context) {
        self.complete(cx);
        self.turn.end(cx);
    }
}

#[cfg(test)]
mod tests;
