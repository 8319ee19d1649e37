//! The session's hard end: the one that the server has announced, or its age.

use crate::event::Event;
use crate::grant::Grant;
use crate::input::Policy;
use crate::state::EndReason;
use crate::time::{Monotonic, Span, Timestamp};
use crate::timer::Timer;

use super::{Phase, Session};

/// The end is announced when a tenth of the time until then is left, or five minutes.
const NOTICE_SHARE: f64 = 0.1;
const LONGEST_NOTICE: Span = Span::from_mins(5);
/// An end that is told anew in whole seconds is the same one.
const SAME: Span = Span::from_secs(2);

impl Session {
    /// Takes note of when the session was begun. Its age goes on from the earliest instant that is known,
    /// whatever a later token says.
    pub(super) fn date_from(&mut self, started: Timestamp) {
        self.date(self.cx.off_wall(started));
    }

    /// Takes note of what a token says of when the user signed in, on the server's clock.
    pub(super) fn date_by(&mut self, grant: &Grant) {
        if let Some(signed_in) = grant.authenticated()
            && let Some(earliest) = self.clock.earliest(self.cx.read())
        {
            self.date(self.cx.at() - (earliest - signed_in));
        }
    }

    fn date(&mut self, begun: Monotonic) {
        // In doubt the present is not known.
        if self.doubt.is_none() || self.origin.is_none() {
            let begun = begun.min(self.cx.at());
            self.origin = Some(self.origin.map_or(begun, |origin| origin.min(begun)));
        }
    }

    pub(super) fn plan_age(&mut self) {
        let age = self.cx.config.max_age;
        match self.origin.zip(age) {
            Some((origin, age)) => self.cx.timers.set(Timer::MaxAge, origin + age),
            None => self.cx.timers.stop(Timer::MaxAge),
        }
    }

    /// Plans the end, and when it is announced: once, as long as it stays the same.
    pub(super) fn plan_end(&mut self) {
        self.plan_age();
        let Phase::Live { held, .. } = &self.phase else {
            return;
        };
        let timers = &mut self.cx.timers;
        if timers
            .get(Timer::MaxAge)
            .is_some_and(|end| end <= held.terms.expiry)
        {
            // The token lives until then: another one would not live longer.
            timers.stop(Timer::Renew);
        }
        let end = self.hard_end();
        let is_same =
            |before: Monotonic, end: Monotonic| before - end <= SAME && end - before <= SAME;
        if self
            .hard
            .zip(end)
            .is_some_and(|(before, end)| is_same(before, end))
        {
            return;
        }
        self.hard = end;
        match end {
            Some(end) => {
                let left = end - self.cx.at();
                let notice = left.share(NOTICE_SHARE).min(LONGEST_NOTICE);
                self.cx.timers.set(Timer::SessionEnding, end - notice);
            }
            None => self.cx.timers.stop(Timer::SessionEnding),
        }
    }

    /// When the session ends, whatever anybody does.
    pub(super) fn hard_end(&self) -> Option<Monotonic> {
        let ends = [Timer::SessionEnd, Timer::MaxAge];
        ends.into_iter()
            .filter_map(|timer| self.cx.timers.get(timer))
            .min()
    }

    pub(super) fn announce_end(&mut self) {
        if let Some(end) = self.hard_end() {
            let ends_at = self.cx.instant(end);
            self.cx.emit(Event::SessionEnding { ends_at });
        }
    }

    /// Why a session that was left in this browser has ended meanwhile, if it has.
    pub(super) fn outlived(&mut self) -> Option<EndReason> {
        let (now, asks) = (self.cx.at(), self.cx.config.tabs.channel);
        let age = self.cx.timers.get(Timer::MaxAge);
        if age.is_some_and(|end| end <= now) {
            return Some(EndReason::MaxAge);
        }
        let idle = self.idle.as_mut()?;
        let is_past = idle.is_past(now, asks);
        self.plan_idle();
        is_past.then_some(EndReason::IdleTimeout)
    }

    /// The policy for the token that is held.
    pub(super) fn govern(&mut self, policy: Policy) {
        let Policy {
            lead,
            idle,
            max_age,
            lifetime: (least, most),
        } = policy;
        let config = &mut self.cx.config;
        let is_planned = (config.renewal.lead, config.max_age) == (lead, max_age);
        let is_idle_same = config.idle == idle;
        (config.renewal.lead, config.max_age, config.idle) = (lead, max_age, idle);
        if !is_idle_same {
            self.idle_changed();
        }
        let Some(held) = self.held() else {
            self.plan_age();
            return;
        };
        let (terms, sent, granted) = (held.terms, held.sent, held.granted);
        if !is_planned && !self.renewal.is_under_way() {
            let due = self.due(terms, sent, None);
            self.cx.timers.set(Timer::Renew, due);
        }
        self.plan_end();
        if let Some(lifetime) = granted
            && (least.is_some_and(|least| lifetime < least)
                || most.is_some_and(|most| lifetime > most))
            && self.told_lifetime != granted
        {
            self.told_lifetime = granted;
            self.cx.emit(Event::PolicyViolation { lifetime });
            self.say(crate::effect::Remark::PolicyViolation);
        }
    }
}
