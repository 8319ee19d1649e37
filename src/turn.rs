//! Whose turn it is to renew: one tab's at a time.

use crate::context::Context;
use crate::effect::{Effect, TurnId};
use crate::time::Span;
use crate::timer::Timer;

/// The next tab waits so much longer than one attempt may take; then it passes the holder by.
const GRACE: Span = Span::from_secs(2);
/// Behind other tabs it waits so many times longer: the first of them may be frozen, too.
const QUEUED: f64 = 1.5;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// It does not want to renew.
    Away,
    /// It waits behind others, or next to the holder.
    Waiting(TurnId),
    /// It is its turn.
    Holding(TurnId),
}

#[derive(Clone, Debug)]
pub(crate) struct Turn {
    place: Place,
    next: TurnId,
}

impl Turn {
    pub(crate) fn new() -> Turn {
        Turn {
            place: Place::Away,
            next: TurnId(0),
        }
    }

    pub(crate) fn is_held(&self) -> bool {
        matches!(self.place, Place::Holding(_))
    }

    /// Whether this tab has the turn, or waits for it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.place != Place::Away
    }

    pub(crate) fn ask(&mut self, cx: &mut Context) {
        if self.place == Place::Away {
            let id = self.next;
            self.next = id.next();
            self.place = Place::Waiting(id);
            Turn::limit(QUEUED, cx);
            cx.effects.push_back(Effect::AskTurn { id });
        }
    }

    /// Nobody but the holder is before this tab: from now on it waits no longer than is bearable.
    pub(crate) fn near(&self, id: TurnId, cx: &mut Context) {
        if self.place == Place::Waiting(id) {
            Turn::limit(1.0, cx);
        }
    }

    fn limit(times: f64, cx: &mut Context) {
        let limit = cx.config.renewal.attempt_limit + GRACE;
        cx.timers
            .set(Timer::TurnLimit, cx.at() + limit.share(times));
    }

    /// Whoever is before this tab is frozen or hung.
    pub(crate) fn pass_by(&self, cx: &mut Context) {
        if let Place::Waiting(id) = self.place {
            Turn::limit(1.0, cx);
            cx.effects.push_back(Effect::StealTurn { id });
        }
    }

    /// It is this tab's turn; tells whether it was waiting for that.
    pub(crate) fn came(&mut self, id: TurnId, cx: &mut Context) -> bool {
        let awaited = self.place == Place::Waiting(id);
        if awaited {
            self.place = Place::Holding(id);
            cx.timers.stop(Timer::TurnLimit);
        }
        awaited
    }

    /// Another tab has passed this one by, perhaps before it knew that it was its turn.
    pub(crate) fn lost(&mut self, id: TurnId) {
        if self.place == Place::Holding(id) || self.place == Place::Waiting(id) {
            self.place = Place::Away;
        }
    }

    /// Gives the turn up, or stops waiting for it.
    pub(crate) fn end(&mut self, cx: &mut Context) {
        cx.timers.stop(Timer::TurnLimit);
        if let Place::Waiting(id) | Place::Holding(id) = self.place {
            self.place = Place::Away;
            cx.effects.push_back(Effect::EndTurn { id });
        }
    }

    /// Everything was put down.
    pub(crate) fn left(&mut self, cx: &mut Context) {
        cx.timers.stop(Timer::TurnLimit);
        self.place = Place::Away;
    }
}
