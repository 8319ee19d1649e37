//! A renewal among tabs: it waits for its turn, and for a token that another tab has.

use crate::context::Context;
use crate::effect::TurnId;
use crate::time::{Monotonic, Span};
use crate::timer::Timer;

use super::{OFFLINE_BELIEVED, Renewal, Step};

/// How long another tab may take to hand its token over.
const ASKED: Span = Span::from_secs(1);

impl Renewal {
    /// It is this tab's turn.
    pub(crate) fn turn_came(&mut self, cx: &mut Context) {
        match &mut self.course {
            Some(course) if course.step == Step::Queuing => {
                course.step = Step::Pausing;
                self.attempt(cx);
            }
            _ => self.turn.end(cx),
        }
    }

    /// Another tab has passed this one by.
    pub(crate) fn turn_lost(&mut self, id: TurnId, cx: &mut Context) {
        self.turn.lost(id);
        if !self.turn.is_wanted() && self.put_down(Step::Queuing) {
            self.attempt(cx);
        }
    }

    /// Waits for a token that another tab has.
    pub(crate) fn ask_peers(&mut self, cx: &mut Context) {
        self.turn.end(cx);
        if let Some(course) = &mut self.course {
            course.step = Step::Asking;
            cx.timers.set(Timer::PeerLimit, cx.at() + ASKED);
        }
    }

    /// No attempt may leave now; [`resume`](Self::resume) makes it.
    pub(crate) fn hold(&mut self, cx: &mut Context) {
        self.put_down(Step::Drawing);
        self.turn.end(cx);
    }

    /// Nobody has answered.
    pub(crate) fn stop_asking(&mut self, cx: &mut Context) {
        self.put_down(Step::Asking);
        self.attempt(cx);
    }

    fn put_down(&mut self, step: Step) -> bool {
        match &mut self.course {
            Some(course) if course.step == step => {
                course.step = Step::Pausing;
                true
            }
            _ => false,
        }
    }

    /// The page is about to go, or it is back.
    pub(crate) fn set_away(&mut self, away: bool, cx: &mut Context) {
        self.away = away;
        if away {
            self.turn.left(cx);
            self.put_down(Step::Queuing);
            self.put_down(Step::Asking);
            cx.timers.stop(Timer::PeerLimit);
        } else {
            self.resume(cx);
        }
    }

    /// Whether the next attempt waits for its time because others have failed.
    pub(crate) fn is_held_back(&self) -> bool {
        self.failures() > 0 && !self.is_attempting()
    }

    /// Another tab's attempt has failed: it counts as one of this tab's.
    pub(crate) fn heard_failure(&mut self, failures: u32, until: Monotonic, cx: &mut Context) {
        self.failing.note(cx.at());
        self.heard_of(failures, until, cx);
    }

    /// A tab is seen to wait until then. Whoever is urged knows better: what is seen may be old, and may
    /// be what this tab has shown itself.
    pub(crate) fn saw(&mut self, failures: u32, until: Monotonic, cx: &mut Context) {
        if !self.course.as_ref().is_some_and(|course| course.urged) {
            self.heard_of(failures, until, cx);
        }
    }

    /// Another tab waits until then, and so does this one.
    fn heard_of(&mut self, failures: u32, until: Monotonic, cx: &mut Context) {
        let longest = cx.config.retry.backoff.max.max(OFFLINE_BELIEVED);
        if !self.failing.hear(failures, until, longest, cx.at()) {
            return;
        }
        if let Some(course) = &mut self.course {
            // Somebody has just tried.
            course.urged = false;
        }
        if cx.timers.get(Timer::Retry).is_some_and(|at| at < until) {
            cx.timers.set(Timer::Retry, until);
        }
    }
}
