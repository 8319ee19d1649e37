//! Telling the server that the session is over, until it knows.

use crate::backoff::Backoff;
use crate::context::Context;
use crate::effect::{Effect, LogoutId};
use crate::record::{Ending, Note, Record};
use crate::time::{Monotonic, Span};
use crate::timer::Timer;

/// The waits between attempts.
const BACKOFF: Backoff = Backoff {
    base: Span::from_secs(1),
    max: Span::from_mins(5),
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// There is nothing to tell.
    Silent,
    /// The server is being told.
    Sent(LogoutId),
    /// It is told again later.
    Pausing,
    /// It knows, but a renewal is on its way that may bring another cookie.
    Known,
}

/// What the server's answer to a sign-out says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hearing {
    /// It knows.
    Understood,
    /// It, or the way to it, failed: it is told again, not before this instant.
    Failed(Option<Monotonic>),
    /// It will not hear of it, now or later.
    Deaf,
}

#[derive(Clone, Debug)]
pub(crate) struct Farewell {
    step: Step,
    next: LogoutId,
    failures: u32,
    /// A cookie may have come since the server was told.
    again: bool,
}

impl Farewell {
    pub(crate) fn new() -> Farewell {
        Farewell {
            step: Step::Silent,
            next: LogoutId(0),
            failures: 0,
            again: false,
        }
    }

    /// Tells the server.
    pub(crate) fn start(&mut self, cx: &mut Context) {
        self.failures = 0;
        self.send(cx);
    }

    /// There is nothing to tell any longer: somebody has signed in.
    pub(crate) fn cancel(&mut self, cx: &mut Context) {
        self.step = Step::Silent;
        cx.timers.stop(Timer::Farewell);
    }

    /// Another tab tells the server, but a renewal of this one's is on its way that may bring a
    /// cookie after that.
    pub(crate) fn expect(&mut self) {
        if self.step == Step::Silent {
            self.step = Step::Known;
        }
    }

    fn send(&mut self, cx: &mut Context) {
        let id = self.next;
        self.next = id.next();
        self.step = Step::Sent(id);
        self.again = false;
        let limit = cx.at() + cx.config.renewal.attempt_limit;
        cx.timers.set(Timer::Farewell, limit);
        cx.effects.push_back(Effect::SendLogout { id });
    }

    /// The server has answered, or could not be reached; tells whether that was awaited.
    ///
    /// A renewal of the session that `is_expected` may still bring a cookie.
    pub(crate) fn settled(
        &mut self,
        id: LogoutId,
        hearing: Hearing,
        is_expected: bool,
        cx: &mut Context,
    ) -> bool {
        if self.step != Step::Sent(id) {
            return false;
        }
        match hearing {
            Hearing::Understood if self.again => {
                self.failures = 0;
                // Unless somebody has signed in meanwhile, in another tab.
                self.step = Step::Pausing;
                cx.effects.push_back(Effect::ReadRecord);
            }
            Hearing::Understood if is_expected => {
                self.step = Step::Known;
                cx.timers.stop(Timer::Farewell);
            }
            Hearing::Understood => self.told(cx),
            Hearing::Failed(floor) => self.failed(floor, cx),
            // The end stays noted: the server is told once more by the next page.
            Hearing::Deaf => self.cancel(cx),
        }
        true
    }

    fn told(&mut self, cx: &mut Context) {
        self.cancel(cx);
        cx.effects.push_back(Effect::Note(Note::Told));
    }

    fn failed(&mut self, floor: Option<Monotonic>, cx: &mut Context) {
        self.failures = self.failures.saturating_add(1);
        self.step = Step::Pausing;
        let at = cx.at() + BACKOFF.wait(self.failures, &mut cx.rng);
        cx.timers
            .set(Timer::Farewell, floor.map_or(at, |floor| floor.max(at)));
    }

    /// A renewal of the session has settled after its end; `brought` says whether it may have
    /// brought a cookie, `is_expected` whether another one is on its way.
    pub(crate) fn renewal_settled(&mut self, brought: bool, is_expected: bool, cx: &mut Context) {
        match self.step {
            Step::Known if brought => {
                self.failures = 0;
                self.again = true;
                self.step = Step::Pausing;
                cx.effects.push_back(Effect::ReadRecord);
            }
            Step::Known if !is_expected => self.told(cx),
            Step::Sent(_) => self.again |= brought,
            Step::Known | Step::Silent | Step::Pausing => {}
        }
    }

    /// The time for an answer is up, or that of the pause.
    pub(crate) fn time_passed(&mut self, cx: &mut Context) {
        match self.step {
            Step::Sent(_) => self.failed(None, cx),
            // Another tab may have signed in meanwhile.
            Step::Pausing => cx.effects.push_back(Effect::ReadRecord),
            Step::Silent | Step::Known => {}
        }
    }

    /// The record that was asked for.
    pub(crate) fn record_read(&mut self, record: &Record, cx: &mut Context) {
        if self.step == Step::Pausing {
            match record.ending {
                Some(Ending::Untold) => self.send(cx),
                None if self.again && record.started.is_none() => {
                    cx.effects
                        .push_back(Effect::Note(Note::Ended(Ending::Untold)));
                    self.send(cx);
                }
                _ => self.cancel(cx),
            }
        }
    }

    /// The browser has come online.
    pub(crate) fn online(&mut self, cx: &mut Context) {
        if self.step == Step::Pausing {
            cx.timers.set(Timer::Farewell, cx.at());
        }
    }
}
