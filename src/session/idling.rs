//! What becomes of a session that nobody uses.

use crate::effect::Effect;
use crate::event::Event;
use crate::idle::{Activity, Due, Heard, Idle};
use crate::record::{Note, Record};
use crate::state::{By, EndReason};
use crate::tabs::Message;
use crate::time::{Monotonic, Now, Span, Timestamp};
use crate::timer::Timer;

use super::{Phase, Session};

impl Session {
    /// When the session will end if nobody uses it, on the device's clock.
    pub fn idle_deadline(&self) -> Option<Timestamp> {
        let idle = self.idle.as_ref().filter(|idle| idle.ends())?;
        Some(self.cx.instant(idle.end()))
    }

    /// How long nobody has used the session, where that is of interest.
    pub fn idle_for(&self, now: Now) -> Option<Span> {
        let idle = self.idle.as_ref()?;
        let now = self.cx.device.with_sleep(now.monotonic);
        Some((now - idle.active).max(Span::ZERO))
    }

    /// The end that the warning counts down to.
    pub(super) fn idle_ends_at(&self) -> Option<Timestamp> {
        self.idle_deadline().filter(|_| self.is_warned())
    }

    fn is_warned(&self) -> bool {
        self.idle.as_ref().is_some_and(Idle::is_warned)
    }

    /// Whether the end has come, though it may not have been told yet: nobody gets a token any more.
    pub(super) fn is_idle_over(&self) -> bool {
        let now = self.cx.at();
        self.idle.as_ref().is_some_and(|idle| idle.is_over(now))
    }

    /// Watches a session that was used at this instant, unless more is known of it already.
    pub(super) fn watch_idle(&mut self, active: Monotonic) {
        let active = active.min(self.cx.at());
        if self.idle.is_none() && !matches!(self.phase, Phase::SignedOut { .. }) {
            let config = self.cx.config.idle;
            self.idle = config.map(|config| Idle::new(config, active));
        }
        self.plan_idle();
    }

    /// What the record says of the use of a session: to load a page is no activity.
    pub(super) fn recall_use(&mut self, record: &Record) {
        let Some(activity) = record.activity else {
            return;
        };
        let at = self.cx.off_wall(activity.at);
        self.recalled = Some(at);
        self.watch_idle(at);
        self.hear_activity(activity);
    }

    /// Another session has begun, in another tab.
    pub(super) fn watch_another(&mut self, started: Timestamp) {
        self.origin = None;
        self.date_from(started);
        self.plan_age();
        let (at, now) = (self.cx.off_wall(started), self.cx.at());
        if let Some(idle) = &mut self.idle {
            // What the user has done here since then counts.
            idle.hear(at, None, now);
        }
        self.watch_idle(at);
    }

    /// The policy says something else of it.
    pub(super) fn idle_changed(&mut self) {
        match (&mut self.idle, self.cx.config.idle) {
            (Some(idle), Some(config)) => idle.change(config),
            (None, Some(_)) if matches!(self.phase, Phase::Live { .. }) => {
                self.watch_idle(self.recalled.unwrap_or(self.cx.at()));
                self.spread_activity(true);
            }
            (Some(_), None) => self.idle = None,
            (None, _) => {}
        }
        self.plan_idle();
    }

    /// A session whose grant is not there yet only ends: it gives no warning.
    pub(super) fn plan_idle(&mut self) {
        match &self.idle {
            Some(idle) if idle.ends() => {
                let at = match self.phase {
                    Phase::Live { .. } => idle.due(),
                    _ => idle.due().max(idle.end()),
                };
                self.cx.timers.set(Timer::Idle, at);
            }
            _ => self.cx.timers.stop(Timer::Idle),
        }
    }

    /// A deadline has come, but the record may know of a newer activity.
    pub(super) fn idle_due(&mut self) {
        if let Some(idle) = &mut self.idle {
            idle.reading = true;
            self.cx.effects.push_back(Effect::ReadRecord);
        }
    }

    pub(super) fn record_read(&mut self, record: &Record) {
        self.farewell.record_read(record, &mut self.cx);
        let reading = self.idle.as_mut().map(|idle| &mut idle.reading);
        if !reading.is_some_and(core::mem::take) {
            // It is read for something else, or was for a session that is over.
            return;
        }
        if record.ending.is_some() {
            let reason = match self.is_idle_over() {
                true => EndReason::IdleTimeout,
                false => EndReason::SignedOut,
            };
            self.end_elsewhere(reason);
            return;
        }
        self.hear_record(record);
        let (now, visible) = (self.cx.at(), self.visible);
        let asks = self.has_listeners();
        let waits = !matches!(self.phase, Phase::Live { .. }) && !self.is_idle_over();
        if self.doubt.is_some() {
            // What others know cannot be compared: once it can, this comes again.
            return;
        }
        while let Some(idle) = self.idle.as_mut().filter(|_| !waits) {
            match idle.look(now, visible, asks) {
                Due::Nothing => break,
                Due::Ask => self.tell_activity(),
                Due::Warn => self.warn(),
                Due::End => self.end(EndReason::IdleTimeout),
            }
        }
        self.plan_idle();
    }

    fn warn(&mut self) {
        if let Some(idle) = &self.idle {
            let end = idle.end();
            let (ends_at, remaining) = (self.cx.instant(end), end - self.cx.at());
            self.cx.emit(Event::IdleWarning { ends_at, remaining });
            if self.visible {
                self.tell_activity();
            }
        }
    }

    /// The user has done something; `stays` is the wish to stay signed in.
    pub(super) fn used(&mut self, stays: bool) {
        let now = self.cx.at();
        let Some(idle) = &mut self.idle else { return };
        if self.doubt.is_some() {
            // Whether it was in time is not known yet.
            idle.doubtful = idle.doubtful.max(Some((stays, now)));
        } else {
            self.used_at(stays, now);
        }
    }

    fn used_at(&mut self, stays: bool, at: Monotonic) {
        let Some(idle) = &mut self.idle else { return };
        let was_quiet = idle.is_quiet();
        let Some(warned) = idle.touch(stays, at) else {
            return;
        };
        if !was_quiet {
            self.plan_idle();
        }
        if warned {
            self.cx.emit(Event::IdleExtended { by: By::ThisTab });
        }
        self.spread_activity(!was_quiet || stays);
    }

    /// The page is shown: whoever sees the warning only now has time to answer.
    pub(super) fn idle_shown(&mut self) {
        let (now, visible) = (self.cx.at(), self.visible);
        if self.doubt.is_none()
            && let Some(idle) = &mut self.idle
            && idle.shown(now, visible)
        {
            self.plan_idle();
            self.tell_activity();
        }
    }

    /// Lets others know of the newest activity: from time to time, or at the last occasion.
    pub(super) fn spread_activity(&mut self, last: bool) {
        if self.doubt.is_some() || !matches!(self.phase, Phase::Live { .. }) {
            // It is not known when it was, or whether there is a session.
            return;
        }
        if let Some(idle) = &mut self.idle {
            let (tells, notes) = idle.spreads(last);
            if tells {
                self.post_activity();
            }
            if notes {
                self.note_activity();
            }
        }
    }

    /// Tells everybody what is known; whoever knows better answers.
    pub(super) fn tell_activity(&mut self) {
        if self.doubt.is_none() {
            self.post_activity();
            self.note_activity();
        }
    }

    fn activity(&self) -> Option<Activity> {
        let idle = self.idle.as_ref()?;
        Some(Activity {
            at: self.cx.on_wall(idle.active),
            seen: idle.seen.map(|seen| self.cx.on_wall(seen)),
        })
    }

    pub(super) fn post_activity(&mut self) {
        if let Some(activity) = self.activity()
            && self.has_listeners()
        {
            self.cx.post(Message::Active(activity));
        }
    }

    fn has_listeners(&self) -> bool {
        self.cx.config.tabs.channel && !self.peers.siblings.is_empty()
    }

    fn note_activity(&mut self) {
        let now = self.cx.read().wall;
        if let Some(activity) = self.activity() {
            self.note(Note::Active { activity, now });
        }
        if let Some(idle) = &mut self.idle {
            idle.noted();
        }
    }

    /// Another tab tells what it knows.
    pub(super) fn heard_activity(&mut self, activity: Activity) {
        self.hear_activity(activity);
        if self.doubt.is_none()
            && let Some(idle) = &self.idle
            && let (active, seen) = self.off_wall(activity)
            && idle.knows_better(active, seen)
        {
            self.post_activity();
        }
    }

    /// The record may know of another tab's user, and even of another session.
    pub(super) fn hear_record(&mut self, record: &Record) {
        let ours = self.session_started();
        if ours.is_some() && record.started > ours {
            self.replaced_by(record);
            if matches!(self.phase, Phase::Starting { .. }) {
                self.look_anew();
            }
        } else if let Some(activity) = record.activity {
            self.hear_activity(activity);
        }
    }

    fn off_wall(&self, activity: Activity) -> (Monotonic, Option<Monotonic>) {
        let instant = |at| self.cx.off_wall(at);
        (instant(activity.at), activity.seen.map(instant))
    }

    fn hear_activity(&mut self, activity: Activity) {
        let Some(idle) = &mut self.idle else { return };
        if self.doubt.is_some() {
            // Its instant cannot be told yet.
            let heard = idle.heard.map_or(activity, |heard| heard.joined(activity));
            idle.heard = Some(heard);
            return;
        }
        let ((active, seen), now) = (self.off_wall(activity), self.cx.at());
        let was_over = self.is_idle_over();
        let Some(idle) = &mut self.idle else { return };
        match idle.hear(active, seen, now) {
            Heard::Old => return,
            Heard::Newer(true) => self.cx.emit(Event::IdleExtended { by: By::OtherTab }),
            Heard::Newer(false) | Heard::More => {}
        }
        self.plan_idle();
        if was_over {
            self.unlock();
        }
    }

    /// What was held up goes on.
    fn unlock(&mut self) {
        if !self.is_locked() {
            self.serve_tokens();
            self.renew_for_waiters();
            self.renewal.resume(&mut self.cx);
        }
    }

    /// It is known again how late it is: so much of the sleep is not in the present.
    pub(super) fn idle_settled(&mut self, since: Monotonic, slept: Span) {
        let earlier = |at: &mut Monotonic| {
            if *at <= since {
                *at -= slept;
            }
        };
        self.origin.as_mut().map(earlier);
        if let Some(idle) = &mut self.idle {
            earlier(&mut idle.active);
            // Nobody is shown anything while it is not known how late it is.
            idle.seen = idle.seen.map(|seen| seen - slept);
            idle.clocks_parted();
        }
        self.plan_idle();
        self.plan_end();
    }

    /// What was put off while it was not known how late it is, after so long a sleep.
    pub(super) fn catch_up(&mut self, slept: Span) {
        if let Some(idle) = &mut self.idle {
            let (heard, doubtful) = (idle.heard.take(), idle.doubtful.take());
            if let Some(activity) = heard {
                self.hear_activity(activity);
            }
            if let Some((stays, at)) = doubtful {
                self.used_at(stays, (at + slept).min(self.cx.at()));
            }
        }
        self.idle_shown();
        self.spread_activity(true);
        if self.is_bounded() {
            self.unlock();
        }
    }

    /// Whether the session ends here by a deadline.
    fn is_bounded(&self) -> bool {
        self.idle.is_some() || self.cx.config.max_age.is_some()
    }

    /// Whether no renewal may leave before it is known that the session goes on.
    pub(super) fn is_locked(&self) -> bool {
        self.is_idle_over() || self.doubt.is_some() && self.is_bounded()
    }

    /// Whether nobody gets a token now.
    pub(super) fn is_barred(&self) -> bool {
        self.doubt.is_some() || self.is_idle_over()
    }
}
