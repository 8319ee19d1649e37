//! How long nobody has used the session, and when it ends for that.
//!
//! Nothing here is moved by an activity but the instant of it: a deadline that has come looks at the
//! newest activity, and sleeps on.

use crate::time::{Monotonic, Span, Timestamp};

/// Whoever is shown a page within the warning has so long to answer it, at least (WCAG 2.2.1).
const ANSWER: Span = Span::from_secs(20);
/// How long the other tabs have to say that they know better.
const ASKED: Span = Span::from_secs(1);
/// They are told of activities so often, at most.
const TOLD: Span = Span::from_secs(5);
/// What instants of tabs may differ by, rounded and read from clocks that are not quite in step.
const ROUNDING: Span = Span::from_millis(100);
/// So exactly it is known how long a device has slept: servers tell their time in whole seconds.
const SLEEP_KNOWN: Span = Span::from_secs(3);

/// When a session ends that nobody uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct IdleConfig {
    /// How long nobody may use it; [`Span::MAX`] where only the time since the last activity is of interest.
    pub timeout: Span,
    /// How long before the end the warning is given.
    pub warning: Span,
    /// Whether only the wish to stay answers the warning, and not any activity.
    pub confirm: bool,
}

/// The newest activity of any tab, on the device's wall clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Activity {
    /// When it was.
    pub at: Timestamp,
    /// When a page was first shown within the warning that followed.
    pub seen: Option<Timestamp>,
}

impl Activity {
    /// What two that know of this and of that know together.
    pub(crate) fn joined(self, other: Activity) -> Activity {
        let apart = other.at - self.at;
        if apart > ROUNDING {
            return other;
        }
        if apart + ROUNDING < Span::ZERO {
            return self;
        }
        let seen = match (self.seen, other.seen) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Activity {
            at: self.at.max(other.at),
            seen,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Quiet,
    /// The other tabs were asked whether they know of a newer activity; then the warning is given.
    Asked(Monotonic),
    Warned,
}

/// What is to be done when a deadline has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    /// Nothing yet.
    Nothing,
    /// The other tabs are asked.
    Ask,
    /// The warning is given.
    Warn,
    /// The session ends.
    End,
}

/// What another tab's activity changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Heard {
    /// Nothing.
    Old,
    /// It is newer; whether there was a warning.
    Newer(bool),
    /// It is the same one, of which more is known.
    More,
}

#[derive(Clone, Debug)]
pub(crate) struct Idle {
    pub(crate) config: IdleConfig,
    /// The newest activity of any tab.
    pub(crate) active: Monotonic,
    /// When a page was first shown within the warning.
    pub(crate) seen: Option<Monotonic>,
    step: Step,
    /// The end has come, and the other tabs have until then to know better.
    until: Option<Monotonic>,
    /// The newest activity that the other tabs were told of.
    told: Monotonic,
    /// The newest activity that is in the record.
    noted: Monotonic,
    /// What an instant may differ by from that of another tab, and be the same.
    vague: Span,
    /// Whether the record is being read: a deadline has come.
    pub(crate) reading: bool,
    /// What the user did while the clocks were in doubt: whether it was the wish to stay, and when.
    pub(crate) doubtful: Option<(bool, Monotonic)>,
    /// What others told meanwhile.
    pub(crate) heard: Option<Activity>,
}

impl Idle {
    pub(crate) fn new(config: IdleConfig, active: Monotonic) -> Idle {
        let never = active - Span::MAX;
        Idle {
            config,
            active,
            seen: None,
            step: Step::Quiet,
            until: None,
            told: never,
            noted: never,
            vague: ROUNDING,
            reading: false,
            doubtful: None,
            heard: None,
        }
    }

    /// When it ends, if nothing happens: at the deadline, or later for whoever was shown a page within
    /// the warning. Once for each warning: no tab holds the session up for longer.
    pub(crate) fn end(&self) -> Monotonic {
        let deadline = self.active + self.config.timeout;
        let answer = self.config.warning.min(ANSWER);
        let most = deadline + answer;
        let answered = self.seen.map(|seen| (seen + answer).min(most));
        answered.map_or(deadline, |answered| answered.max(deadline))
    }

    /// How long after an activity the warning is given.
    fn quiet(&self) -> Span {
        self.config.timeout - self.config.warning
    }

    fn warns_at(&self) -> Monotonic {
        self.active + self.quiet()
    }

    /// The other tabs are asked a little before the warning.
    fn asks_at(&self) -> Monotonic {
        self.warns_at() - self.quiet().half().min(ASKED)
    }

    /// Whether there is an end.
    pub(crate) fn ends(&self) -> bool {
        self.config.timeout < Span::MAX
    }

    pub(crate) fn is_over(&self, now: Monotonic) -> bool {
        now >= self.end()
    }

    pub(crate) fn is_warned(&self) -> bool {
        self.step == Step::Warned
    }

    /// When to look again.
    pub(crate) fn due(&self) -> Monotonic {
        match (self.until, self.step) {
            (Some(until), _) => until,
            (None, Step::Quiet) => self.asks_at(),
            (None, Step::Asked(at)) => at.min(self.end()),
            (None, Step::Warned) => self.end(),
        }
    }

    /// Whether the record says for certain that the end has come. It is not written with every activity: where
    /// another tab may know better, there is time to say so.
    pub(crate) fn is_past(&mut self, now: Monotonic, asks: bool) -> bool {
        let over = self.is_over(now);
        let certain = !asks || self.is_over(now - self.noted_every());
        if over && !certain {
            self.until = Some(now + ASKED);
        }
        over && certain
    }

    /// A deadline may have come. `asks` says whether there are tabs to ask.
    pub(crate) fn look(&mut self, now: Monotonic, visible: bool, asks: bool) -> Due {
        if self.is_over(now) {
            return match self.until {
                Some(until) if until > now => Due::Nothing,
                None if asks => {
                    self.until = Some(now + ASKED);
                    Due::Ask
                }
                _ => Due::End,
            };
        }
        self.until = None;
        match self.step {
            Step::Quiet if self.asks_at() <= now => {
                let answered = Some(now + ASKED).filter(|at| asks && !self.is_over(*at));
                self.step = Step::Asked(answered.unwrap_or(now).max(self.warns_at()));
                self.shown(now, visible);
                Due::Ask
            }
            Step::Asked(at) if at <= now => {
                self.step = Step::Warned;
                self.shown(now, visible);
                Due::Warn
            }
            _ => Due::Nothing,
        }
    }

    /// Whether the page is shown; tells whether it is the first within the warning. Its time begins when the
    /// warning is given there.
    pub(crate) fn shown(&mut self, now: Monotonic, visible: bool) -> bool {
        let given = match self.step {
            Step::Warned => now,
            Step::Asked(at) if self.warns_at() <= now => at.max(now),
            _ => return false,
        };
        let first = visible && self.seen.is_none_or(|seen| given < seen) && !self.is_over(now);
        if first {
            self.seen = Some(given);
        }
        first
    }

    /// The user has done something; `stays` is the wish to stay. Tells whether it counts, and then
    /// whether there was a warning.
    pub(crate) fn touch(&mut self, stays: bool, at: Monotonic) -> Option<bool> {
        let unanswered = self.config.confirm && !stays && at >= self.warns_at();
        if unanswered || self.is_over(at) || at < self.active {
            return None;
        }
        Some(self.renew(at, None))
    }

    fn renew(&mut self, active: Monotonic, seen: Option<Monotonic>) -> bool {
        let warned = self.is_warned();
        self.active = active;
        self.seen = seen;
        self.vague = ROUNDING;
        self.restart();
        warned
    }

    fn restart(&mut self) {
        self.step = Step::Quiet;
        self.until = None;
    }

    /// The deadlines are others: if there was a warning, it is given again in its time.
    pub(crate) fn change(&mut self, config: IdleConfig) {
        self.config = config;
        self.seen = None;
        self.restart();
    }

    /// Whether nobody has been asked or warned since the last activity.
    pub(crate) fn is_quiet(&self) -> bool {
        self.step == Step::Quiet
    }

    /// Another tab, or the record, knows of an activity.
    pub(crate) fn hear(
        &mut self,
        active: Monotonic,
        seen: Option<Monotonic>,
        now: Monotonic,
    ) -> Heard {
        let active = active.min(now);
        if active > self.active + self.vague {
            // A page that was shown here within the warning which follows from that counts, too.
            let shown = self.seen.filter(|seen| *seen >= active + self.quiet());
            let first = if self.is_earlier(shown, seen) {
                shown
            } else {
                seen
            };
            return Heard::Newer(self.renew(active, first));
        }
        let is_earlier = self.is_earlier(seen, self.seen);
        if active + self.vague < self.active || active <= self.active && !is_earlier {
            return Heard::Old;
        }
        // The same one, and more is known of it.
        self.active = self.active.max(active);
        if is_earlier {
            self.seen = seen;
        }
        if !self.is_over(now) {
            self.until = None;
        }
        Heard::More
    }

    /// Whether this tab knows better than one that knows of this.
    pub(crate) fn knows_better(&self, active: Monotonic, seen: Option<Monotonic>) -> bool {
        let newer = self.active > active + self.vague;
        newer || self.active + self.vague >= active && self.is_earlier(self.seen, seen)
    }

    /// Whether one instant is before another, or is one where there is none.
    fn is_earlier(&self, one: Option<Monotonic>, other: Option<Monotonic>) -> bool {
        one.is_some_and(|one| other.is_none_or(|other| one + self.vague < other))
    }

    fn told_every(&self) -> Span {
        self.config.timeout.share(0.1).min(TOLD)
    }

    fn noted_every(&self) -> Span {
        self.told_every() + self.told_every() + self.told_every()
    }

    /// Whether the newest activity is to be told to the other tabs, and noted in the record: from time to
    /// time, or whatever is new where this is the last occasion. It is taken as told and noted.
    pub(crate) fn spreads(&mut self, last: bool) -> (bool, bool) {
        let (every, noted_every) = (self.told_every(), self.noted_every());
        let active = self.active;
        let due = |before: &mut Monotonic, every: Span| {
            let due = active - *before >= every || last && active != *before;
            if due {
                *before = active;
            }
            due
        };
        let tells = due(&mut self.told, every);
        (tells, due(&mut self.noted, noted_every))
    }

    pub(crate) fn noted(&mut self) {
        self.noted = self.active;
    }

    /// The clocks have come apart: what was noted is of no use any more, and each tab has found out by itself
    /// how late it is.
    pub(crate) fn clocks_parted(&mut self) {
        self.noted = self.active - Span::MAX;
        self.vague = SLEEP_KNOWN;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_that_know_of_the_same_activity_know_together_when_a_page_was_shown_first() {
        let at = |millis| Timestamp::from_millis(1_700_000_000_000 + millis);
        let activity = |millis, seen: Option<i64>| Activity {
            at: at(millis),
            seen: seen.map(at),
        };
        for (one, two, both) in [
            ((0, None), (0, None), (0, None)),
            ((0, None), (0, Some(9000)), (0, Some(9000))),
            ((0, Some(9000)), (0, Some(5000)), (0, Some(5000))),
            ((0, Some(9000)), (100, None), (100, Some(9000))),
            ((0, Some(9000)), (101, None), (101, None)),
        ] {
            let [one, two, both] = [one, two, both].map(|(at, seen)| activity(at, seen));
            // What a compiler knows beforehand, it does not compile.
            let (one, two) = core::hint::black_box((one, two));
            assert_eq!(one.joined(two), both);
            assert_eq!(two.joined(one), both);
        }
    }
}
