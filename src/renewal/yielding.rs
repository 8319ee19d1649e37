//! Attempts wait for others that may still be on their way. One that reaches the server after the
//! next rotation, or whose cookie comes back after the next one's, looks like theft.

use crate::context::Context;
use crate::record::Record;
use crate::time::{Monotonic, Span, Timestamp};
use crate::timer::Timer;

use super::{Renewal, Step};

/// An attempt that was not answered in so many times its limit is not expected any longer.
const EXPECTED: f64 = 2.0;
/// Without a token, a page does not wait longer for what another that is gone may have sent.
const BEARABLE: Span = Span::from_secs(3);
/// How often a tab looks whether another one's attempt was answered.
const LOOK: Span = Span::from_secs(1);

impl Renewal {
    /// Whether a new key has to wait for an attempt of this tab: until it is answered, past the lapse
    /// only while an answer can be expected.
    pub(super) fn yields_to_its_own(&self, cx: &Context) -> Option<Monotonic> {
        let last = self.unanswered.last()?;
        if self.has_key() {
            return None;
        }
        later(lapse_or(expected(last.at, cx), cx), cx)
    }

    /// Lets go of a key that was answered to another tab: the record knows of the attempts of this one,
    /// but of their key no longer.
    pub(crate) fn check_key(&mut self, record: &Record) {
        if let Some(course) = &mut self.course
            && course.attempts > 0
            && record.sent >= Some(course.noted)
            && (record.key != course.key || record.answered)
        {
            course.key = None;
            course.uncertain = false;
        }
    }

    /// Lets an attempt wait for others that may be on their way: one that `repeats` a renewal where
    /// there are two, and the first of a renewal for any that another tab is seen to have sent at `seen`,
    /// or that the record tells of. Returns whether it waits.
    pub(crate) fn yields(
        &mut self,
        repeats: bool,
        seen: Option<Timestamp>,
        record: &Record,
        cx: &mut Context,
    ) -> bool {
        // A clock that was set back since is no reason to wait.
        let past = |at: Timestamp| Some(cx.off_wall(at)).filter(|at| *at < cx.at() + BEARABLE);
        let [last, before] = record.open.map(|at| at.and_then(past));
        let until = if repeats || self.has_key() {
            // The first of two may have brought a cookie by now. With that, this attempt would be
            // another rotation, and the second would come too late.
            last.filter(|last| before.is_some_and(|before| *last - before < BEARABLE))
                .and_then(|last| later(last + BEARABLE, cx))
        } else {
            // A tab that is seen lives, and will show that it has its answer.
            let seen = seen.and_then(past).and_then(|at| {
                let until = later(lapse_or(expected(at, cx), cx), cx)?;
                Some(until.min(cx.at() + LOOK))
            });
            // Nobody may be left to tell. While there is a token and nobody insists, time does not press.
            let urged = self.course.as_ref().is_some_and(|course| course.urged);
            let noted = last.and_then(|at| {
                let lapse = cx.timers.get(Timer::Lapse).filter(|_| !urged);
                let relaxed = lapse.map_or(at, |lapse| lapse.min(expected(at, cx)));
                later(relaxed.max(at + BEARABLE), cx)
            });
            self.yields_to_its_own(cx).max(seen).max(noted)
        };
        if until.is_some() {
            self.wait_for_others(until, cx);
        }
        until.is_some()
    }

    /// Plans another look, if nothing brings the next attempt about before.
    pub(super) fn wait_for_others(&mut self, until: Option<Monotonic>, cx: &mut Context) {
        if let Some(course) = &mut self.course {
            course.step = Step::Yielding;
        }
        if let Some(until) = until {
            cx.timers.set(Timer::Retry, until);
        }
        self.turn.end(cx);
    }

    fn has_key(&self) -> bool {
        self.course
            .as_ref()
            .is_some_and(|course| course.key.is_some())
    }
}

fn expected(sent: Monotonic, cx: &Context) -> Monotonic {
    sent + cx.config.renewal.attempt_limit.share(EXPECTED)
}

fn lapse_or(at: Monotonic, cx: &Context) -> Monotonic {
    cx.timers
        .get(Timer::Lapse)
        .map_or(at, |lapse| lapse.max(at))
}

fn later(at: Monotonic, cx: &Context) -> Option<Monotonic> {
    (at > cx.at()).then_some(at)
}
